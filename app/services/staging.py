"""The folder in which uploaded files wait: names of our own making, readable by us alone."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from app.errors import InvalidInputError, NotFoundError
from app.services.article_files import FileToRead
from config import Settings
from labeling.text.readers import SUFFIXES, suffix_of

_PLACE = "uploads"
_FOLDER = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 200
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_BLOCK = 1 << 18
# A folder that no upload knows is left over from one that broke off; a young one may be under way.
_LEFT_OVER_AFTER_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Staged:
    """Uploaded files: their folder, and name and size of each."""

    folder: str
    files: tuple[tuple[str, int], ...]


def stage(settings: Settings, uploads: Iterable[tuple[str, BinaryIO]]) -> Staged:
    """Write uploaded files into a folder of their own; on any error nothing of it stays.

    Args:
        settings: says where the instance is.
        uploads: the name that each was given, and what to read.

    Raises:
        InvalidInputError: there was no file.
    """
    folder = secrets.token_hex(16)
    place = settings.instance / _PLACE / folder
    place.mkdir(mode=0o700, parents=True)
    files = []
    try:
        for n, (name, stream) in enumerate(uploads):
            shown = _shown(name)
            files.append((shown, _write(place / _file_name(n, shown), stream)))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    if not files:
        place.rmdir()
        raise InvalidInputError(
            "No file was given.", remedy="Choose article files, or a ZIP archive of them."
        )
    return Staged(folder, tuple(files))


def staged_files(settings: Settings, folder: str, names: Iterable[str]) -> list[FileToRead]:
    """The files of a folder as the readers take them.

    Raises:
        NotFoundError: they are not on this machine.
    """
    place = settings.instance / _PLACE / folder
    files = [FileToRead(place / _file_name(n, name), name) for n, name in enumerate(names)]
    if not all(file.path.is_file() for file in files):
        raise NotFoundError(
            "The uploaded files are not on this machine.",
            remedy="Upload them again. Where several machines work on one instance, they must "
            f"share the folder {_PLACE!r} of the instance.",
        )
    return files


def remove(settings: Settings, folder: str) -> None:
    """Remove uploaded files; those that are gone already do not matter."""
    if _FOLDER.fullmatch(folder):
        shutil.rmtree(settings.instance / _PLACE / folder, ignore_errors=True)


def left_over(settings: Settings) -> list[str]:
    """The folders that have not been touched for a day."""
    place = settings.instance / _PLACE
    before = time.time() - _LEFT_OVER_AFTER_S
    if not place.is_dir():
        return []
    with os.scandir(place) as entries:
        return [
            entry.name
            for entry in entries
            if _FOLDER.fullmatch(entry.name) and entry.stat().st_mtime < before
        ]


def _file_name(n: int, name: str) -> str:
    suffix = suffix_of(name)
    return f"{n:06}{suffix if suffix in SUFFIXES else '.other'}"


def _shown(name: str) -> str:
    """The last part of a name, as it can be shown; an ending stays, however long the rest is."""
    last = PurePosixPath(_NOT_SHOWN.sub("\N{REPLACEMENT CHARACTER}", name.replace("\\", "/"))).name
    if len(last) <= _LONGEST_NAME:
        return last or "unnamed"
    suffix = suffix_of(last)
    return (
        last[: _LONGEST_NAME - len(suffix)] + suffix if len(suffix) < 20 else last[:_LONGEST_NAME]
    )


def _write(path: Path, stream: BinaryIO) -> int:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(stream, file, _BLOCK)
        return file.tell()
