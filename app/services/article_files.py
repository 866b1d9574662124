"""Files and folders on disk as a stream of articles: one file is open at a time."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from labeling.text.readers import SUFFIXES, Found, Item, ReadOptions, Refused, read_file, suffix_of
from labeling.text.readers.files import ONE_ARTICLE, unreadable

_BUFFER = 1 << 16


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file, and what is known of it.

    Args:
        path: where it is.
        name: what it is called in messages; its path where it is blank.
        fields: of its article; only for a file that is one.
        row: the row that names it in an index.
        problem: why it cannot be read; then it is refused.
    """

    path: Path
    name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    row: int | None = None
    problem: str = ""

    @property
    def called(self) -> str:
        """Its name in messages."""
        return self.name or str(self.path)


def walk(path: Path) -> Iterator[FileToRead]:
    """A file, or the files of a folder in a stable order, one folder in memory at a time.

    Hidden ones are left out, and so are links within the folder (what they lead to is there
    anyway); a link that leads out of it is refused.
    """
    if not path.is_dir():
        yield FileToRead(path)
        return
    yield from _walk(path, path.resolve())


def _walk(folder: Path, top: Path) -> Iterator[FileToRead]:
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    for name in names:
        path = folder / name
        if path.is_symlink():
            if not _leads_within(path, top):
                yield FileToRead(
                    path, problem=f"{path}: it is a link that leads out of the folder."
                )
        elif path.is_dir():
            yield from _walk(path, top)
        elif path.is_file():
            yield FileToRead(path)


def _leads_within(link: Path, top: Path) -> bool:
    try:
        return top in link.resolve(strict=True).parents
    except (OSError, RuntimeError):
        return False


def size_of(files: Iterable[FileToRead]) -> int:
    """How many bytes files have together: what reading them can be measured by."""
    total = 0
    for file in files:
        if not file.problem and suffix_of(file.path.name) in SUFFIXES:
            try:
                total += file.path.stat().st_size
            except OSError:
                continue
    return total


def read_files(
    files: Iterable[FileToRead], options: ReadOptions, progress: Callable[[int], None]
) -> Iterator[Item]:
    """Read the articles of files, one after the other.

    Args:
        files: which.
        options: how.
        progress: told of every few bytes that were read, how many they were.
    """
    for file in files:
        yield from _read(file, options, progress)


def _read(
    file: FileToRead, options: ReadOptions, progress: Callable[[int], None]
) -> Iterator[Item]:
    suffix = suffix_of(file.path.name)
    problem = file.problem
    if not problem and file.row is not None and suffix in SUFFIXES - ONE_ARTICLE:
        problem = f"row {file.row}: {file.path.name!r} holds many articles; import it by itself."
    if not problem and suffix not in SUFFIXES:
        problem = f"{file.called}: {unreadable()}"
    if problem:
        yield Refused(file.called, file.row, problem)
        return
    try:
        with file.path.open("rb", buffering=0) as raw:
            counted = io.BufferedReader(_Counted(raw, progress), _BUFFER)
            for item in read_file(counted, file.called, options):
                yield item if file.row is None else _placed(item, file)
    except OSError as err:
        yield Refused(file.called, file.row, f"{file.called}: cannot be read ({err.strerror}).")


def _placed(item: Item, file: FileToRead) -> Item:
    """An item with what an index says of its file."""
    if isinstance(item, Found):
        return replace(item, row=file.row, fields={**item.fields, **file.fields})
    return replace(item, row=file.row)


class _Counted(io.RawIOBase):
    """A file that tells how many bytes were read from it."""

    def __init__(self, file: BinaryIO | io.FileIO, progress: Callable[[int], None]) -> None:
        self._file = file
        self._progress = progress

    def readable(self) -> bool:
        """It is only there to be read."""
        return True

    def seekable(self) -> bool:
        """An archive is read from its end."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place in it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where it stands."""
        return self._file.tell()

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read, and tell how much."""
        data = self._file.read(len(buffer)) or b""
        buffer[: len(data)] = data
        self._progress(len(data))
        return len(data)
