"""ZIP archives of article files, read entry by entry without unpacking anything to disk.

An archive is believed in nothing: entries are counted and sized before its list is read, names
that lead elsewhere, links, archives within it and secret entries are refused, and what an entry
unpacks to is counted while it is read.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from labeling.text.readers.found import Item, Limits, ReadOptions, Refused

_END = b"PK\x05\x06"
_END_RECORD = struct.Struct("<4s4H2LH")
# The same for archives beyond 65,535 entries or 4 GB, and what says that there is one.
_LARGE_RECORD = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_LOCATOR_MARK = b"PK\x06\x07"
_LONGEST_TAIL = 65_535 + _END_RECORD.size + _LOCATOR.size + _LARGE_RECORD.size
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_SECRET = 0x1
_RATIO_FROM = 1_000_000
_ARCHIVES = frozenset({".zip", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".7z", ".rar", ".jar"})
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)

Reader = Callable[[BinaryIO, str, ReadOptions], Iterator[Item]]


class _TooMuchError(Exception):
    """An entry, or the archive, unpacks to more than is read."""


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked of an archive."""

    left: int


class _Entry(io.RawIOBase):
    """An entry that counts what it unpacks to while it is read."""

    def __init__(self, file: BinaryIO, packed: int, budget: _Budget, limits: Limits) -> None:
        self._file = file
        self._most = max(_RATIO_FROM, packed * limits.ratio)
        self._budget = budget
        self._ratio = limits.ratio
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        self._seen += len(data)
        self._budget.left -= len(data)
        if self._seen > self._most:
            raise _TooMuchError(f"it unpacks to more than {self._ratio} times its size.")
        if self._budget.left < 0:
            raise _TooMuchError("the archive unpacks to more than is read of one archive.")
        buffer[: len(data)] = data
        return len(data)


def read_archive(
    file: BinaryIO, source: str, options: ReadOptions, reader_of: Callable[[str], Reader | None]
) -> Iterator[Item]:
    """Read the articles of every entry, in the order of their names.

    Args:
        file: the archive; it must be seekable.
        source: its name.
        options: how its files are read.
        reader_of: gives the reader for a file's name, or None where there is none.
    """
    try:
        _check_directory(file, options.limits)
        archive = zipfile.ZipFile(file)
    except _TooMuchError as err:
        yield Refused(source, None, f"{source}: {err}")
        return
    except (*_FAULTS, ValueError, struct.error) as err:
        yield Refused(source, None, f"{source} cannot be read as a ZIP archive ({_said(err)}).")
        return
    budget = _Budget(options.limits.archive_bytes)
    with archive:
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
            name = f"{source}/{entry.filename}"
            if _is_left_out(entry):
                continue
            if problem := _problem(entry):
                yield Refused(name, None, f"{name}: {problem}")
            elif (reader := reader_of(entry.filename)) is None:
                yield Refused(name, None, f"{name}: files of this kind cannot be imported.")
            else:
                yield from _read_entry(archive, entry, name, reader, options, budget)
            if budget.left < 0:
                reason = f"{source}: no entry after {entry.filename} was read."
                yield Refused(source, None, reason)
                return


def _read_entry(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    name: str,
    reader: Reader,
    options: ReadOptions,
    budget: _Budget,
) -> Iterator[Item]:
    try:
        with archive.open(entry) as packed:
            counted = _Entry(_binary(packed), entry.compress_size, budget, options.limits)
            yield from reader(io.BufferedReader(counted, 1 << 16), name, options)
    except _TooMuchError as err:
        yield Refused(name, None, f"{name}: {err}")
    except _FAULTS as err:
        yield Refused(name, None, f"{name}: the archive is damaged here ({_said(err)}).")


def _check_directory(file: BinaryIO, limits: Limits) -> None:
    """Look how long the list of entries is before it is read as a whole.

    Raises:
        _TooMuchError: it is longer than is read.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _LONGEST_TAIL))
    tail = file.read(_LONGEST_TAIL)
    file.seek(0)
    at = tail.rfind(_END)
    if at < 0 or at + _END_RECORD.size > len(tail):
        return
    record = _END_RECORD.unpack_from(tail, at)
    entries, directory = record[4], record[5]
    large = at - _LOCATOR.size - _LARGE_RECORD.size
    if large >= 0 and tail.startswith(_LOCATOR_MARK, at - _LOCATOR.size):
        record = _LARGE_RECORD.unpack_from(tail, large)
        entries, directory = record[7], record[8]
    if entries > limits.entries or directory > limits.directory_bytes:
        most = f"more entries than are read of one archive ({limits.entries:,})"
        raise _TooMuchError(f"it has {most}. Split it.")


def _is_left_out(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry is a folder, hidden, or what a system keeps beside the files."""
    parts = PurePosixPath(entry.filename).parts
    hidden = any(part.startswith(".") and part != ".." for part in parts)
    return entry.is_dir() or hidden or parts[:1] == ("__MACOSX",)


def _problem(entry: zipfile.ZipInfo) -> str:
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in path.parts[0]:
        return "its name leads out of the archive."
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
        return "it is a link or a device, not a file."
    if path.suffix.lower() in _ARCHIVES:
        return "an archive within an archive is not read. Unpack it first."
    if entry.flag_bits & _SECRET:
        return "it is encrypted."
    if entry.compress_type not in _METHODS:
        return "it is packed in a way that is not read. Pack it with the usual one (deflate)."
    return ""


def _binary(file: object) -> BinaryIO:
    return file  # type: ignore[return-value]


def _said(err: BaseException) -> str:
    return str(err).partition("\n")[0][:200] or type(err).__name__
