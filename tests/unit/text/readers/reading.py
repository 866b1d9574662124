"""How tests of the readers read: a file of bytes in, what was found and refused out."""

from __future__ import annotations

import io
import zipfile

from labeling.errors import TextError
from labeling.text.readers import (
    Found,
    Limits,
    Reading,
    ReadOptions,
    Refused,
    read_article,
    read_file,
)


def items(name: str, data: bytes, **options: object) -> list[Found | Refused]:
    """All that a file holds."""
    return list(read_file(io.BytesIO(data), name, ReadOptions(**options)))


def found(name: str, data: bytes, **options: object) -> list[Found]:
    """What a file holds when nothing of it is refused."""
    everything = items(name, data, **options)
    assert [one for one in everything if isinstance(one, Refused)] == []
    return everything


def reasons(name: str, data: bytes, **options: object) -> list[tuple[int | None, str]]:
    """Row and reason of all that is refused, by the readers or when the article is read."""
    refused = []
    for one in items(name, data, **options):
        if isinstance(one, Refused):
            assert one.source.startswith(name)
            refused.append((one.row, one.reason))
            continue
        try:
            read_article(one)
        except TextError as err:
            refused.append((one.row, err.message))
    return refused


def read(name: str, data: bytes, **options: object) -> list[Reading]:
    """Every article of a file, read."""
    return [read_article(one) for one in found(name, data, **options)]


def limits(**values: int) -> Limits:
    """Small limits, so that small files pass them."""
    return Limits(**values)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()
