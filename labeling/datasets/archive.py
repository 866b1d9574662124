"""A dataset's folder as one ZIP file: the same folder gives the same bytes, at any time."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

from labeling.datasets.folder import WrittenFile, hash_file

# The oldest time that a ZIP file can say; when it was packed is nobody's business.
_TIME = (1980, 1, 1, 0, 0, 0)
_BLOCK = 1 << 20


def write_zip(folder: Path, target: Path) -> WrittenFile:
    """Pack a folder, its own name in front of its files' paths.

    Args:
        folder: what to pack.
        target: the file to make; the caller sees to it that it is whole or not at all.

    Returns:
        The file as it is on disk.
    """
    with target.open("xb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                _add(archive, path, f"{folder.name}/{path.relative_to(folder).as_posix()}")
        file.flush()
        os.fsync(file.fileno())
    return hash_file(target)


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    # Parquet is compressed already.
    packed = path.suffix == ".parquet"
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    entry.file_size = path.stat().st_size
    with path.open("rb") as source, archive.open(entry, "w") as sink:
        shutil.copyfileobj(source, sink, _BLOCK)
