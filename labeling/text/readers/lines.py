"""Lines of a file that need not fit into memory, and files in two-byte encodings."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK = 1 << 16
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its end; ``whole`` is False when it was too long and only begins here."""

    data: bytes
    whole: bool = True


def lines_of(file: BinaryIO, longest: int) -> Iterator[Line]:
    r"""Yield the lines of a file, ended by ``\\n``, none of them longer than ``longest``.

    Of a longer one the beginning is given, and its rest is passed over.
    """
    while data := file.readline(longest + 1):
        if len(data) <= longest:
            yield Line(data)
            continue
        yield Line(data[:longest], whole=False)
        while not data.endswith(b"\n"):
            data = file.readline(_CHUNK)
            if not data:
                return


class _AsUtf8(io.RawIOBase):
    """A file in another encoding, read as UTF-8 while it is read."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            chunk = self._file.read(_CHUNK)
            self._ended = not chunk
            self._ready = self._decoder.decode(chunk, final=self._ended).encode(
                "utf-8", "surrogatepass"
            )
        n = min(len(buffer), len(self._ready))
        buffer[:n] = self._ready[:n]
        self._ready = self._ready[n:]
        return n


def as_utf8(file: BinaryIO, declared: str | None) -> BinaryIO:
    """Give a file that reads as UTF-8 where its byte order mark or its owner says what it is.

    Without either it is given as it came, less the mark of UTF-8: each row decides for itself.
    Reading from it raises ``UnicodeDecodeError`` where the file is not what it says.

    Args:
        file: an open binary file, at its beginning.
        declared: the codec that was asked for.
    """
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(_Raw(file))
    head = buffered.peek(4)[:4]
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            buffered.read(len(mark))
            return io.BufferedReader(_AsUtf8(buffered, encoding), _CHUNK)
    if head.startswith(codecs.BOM_UTF8):
        buffered.read(len(codecs.BOM_UTF8))
    elif declared not in {None, "utf-8"}:
        return io.BufferedReader(_AsUtf8(buffered, str(declared)), _CHUNK)
    return buffered


class _Raw(io.RawIOBase):
    """Whatever can be read, as the raw file that a buffer wants."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
