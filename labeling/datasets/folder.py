"""A dataset's folder on disk: written whole or not at all, and sealed by its manifest."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from labeling.datasets.formats.base import FormatError

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of a dataset: its path within the folder, the sha256 of its bytes, how many."""

    path: str
    sha256: str
    bytes: int


class FolderWriter:
    """Collects files beside the place where they shall be, and moves them there at the end.

    Until then nothing stands under the final name: a killed process leaves a folder whose name
    begins with a dot, and an error leaves nothing.

    Args:
        target: the folder to make; it must not be there, or be empty.

    Raises:
        FormatError: the folder holds something, or cannot be made.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.files: list[WrittenFile] = []
        try:
            if target.exists() and (not target.is_dir() or any(target.iterdir())):
                raise FormatError(f"{target} is not empty.", remedy="Choose another --out.")
            target.parent.mkdir(parents=True, exist_ok=True)
            self._partial = Path(
                tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.partial-")
            )
        except OSError as err:
            raise FormatError(
                f"{target} cannot be written to ({err.strerror}).", remedy="Choose another --out."
            ) from err

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        except OSError as err:
            error = err
        finally:
            shutil.rmtree(self._partial, ignore_errors=True)
        if isinstance(error, OSError):
            raise FormatError(
                f"{self.target} cannot be written ({error.strerror}); nothing of it stays.",
                remedy="Make room on the disk, or choose another folder, and try again.",
            ) from error

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """See ``Sink``."""
        path = self._partial / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            counted = _Counted(file)
            yield cast("IO[bytes]", counted)
            file.flush()
            os.fsync(file.fileno())
        self.files.append(WrittenFile(name, counted.digest.hexdigest(), counted.size))

    def seal(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Write the manifest, last; it names every file but itself.

        Returns:
            The manifest as written.
        """
        files = [
            {"path": file.path, "sha256": file.sha256, "bytes": file.bytes}
            for file in sorted(self.files, key=lambda file: file.path)
        ]
        sealed = {**manifest, "files": files}
        with self.open(MANIFEST) as file:
            text = json.dumps(sealed, ensure_ascii=False, sort_keys=True, indent=2)
            file.write((text + "\n").encode("utf-8"))
        return sealed

    def _finish(self) -> None:
        _sync_folder(self._partial)
        # mkdtemp closes a folder to others; a dataset is meant to be handed on.
        self._partial.chmod(0o755)
        if self.target.exists():
            self.target.rmdir()
        self._partial.rename(self.target)
        _sync_folder(self.target.parent)


class _Counted(BufferedIOBase):
    """Hashes and counts what is written through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        view = memoryview(data)
        self.digest.update(view)
        self.size += view.nbytes
        return self._file.write(view)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a dataset's folder.

    Raises:
        FormatError: there is none, or it is not one.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except FileNotFoundError as err:
        raise FormatError(
            f"{folder} holds no {MANIFEST}.", remedy="Give the folder that an export made."
        ) from err
    except (OSError, ValueError) as err:
        raise FormatError(f"{path.name} cannot be read ({err}).") from err
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), list):
        raise FormatError(f"{path.name} is not the manifest of a dataset.")
    return manifest


def hash_file(path: Path) -> WrittenFile:
    """A file as it is on disk, under its own name."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
            size += len(block)
    return WrittenFile(path.name, digest.hexdigest(), size)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
