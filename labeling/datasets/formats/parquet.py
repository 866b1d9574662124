"""Parquet with Hugging Face features: ``datasets`` loads it as it is.

Everything of the canonical record is in it. Attributes are free in their names and kinds, so
they travel as one canonical JSON text a span.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from labeling.datasets.formats.base import (
    Facts,
    FormatError,
    Item,
    Losses,
    Parts,
    Record,
    Sink,
    Spec,
    part_files,
)
from labeling.datasets.formats.columns import (
    AT_ONCE,
    facts_of,
    lines_of,
    split_of_line,
    table_of,
)
from labeling.datasets.formats.jsonl import item_of
from labeling.datasets.formats.parquet_schema import arrow_schema
from labeling.datasets.records import to_json_line

if TYPE_CHECKING:
    import pyarrow.parquet as pq

PATTERN = "data/{}.parquet"


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:  # noqa: ARG001
    """See ``Format``. Nothing is lost."""
    return write_lines((to_json_line(dict(record)) for record in records), sink)


def write_lines(lines: Iterable[str], sink: Sink) -> Losses:
    """Write canonical lines, thousands at a time.

    Raises:
        FormatError: a line is no record.
    """
    with Parts(sink, PATTERN) as parts:
        tables: dict[str, _Table] = {}
        for line in lines:
            split = split_of_line(line)
            if split not in tables:
                tables[split] = _Table(parts.of(split))
            tables[split].add(line)
        for one in tables.values():
            one.close()
    return Losses()


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``."""
    return (item_of(record) for record in read_records(folder))


def read_records(folder: Path) -> Iterator[dict[str, Any]]:
    """The canonical records of a folder, in the order they were written within each split.

    Raises:
        FormatError: a file is no Parquet, or not one that ``write`` wrote.
    """
    return (json.loads(line) for line, _ in read_lines(folder))


def read_lines(folder: Path) -> Iterator[tuple[str, Facts]]:
    """The canonical lines of a folder with what is counted of each, thousands at a time.

    Raises:
        FormatError: a file is no Parquet, or not one that ``write`` wrote.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for _, path in part_files(folder, PATTERN):
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=AT_ONCE, use_threads=False):
                    yield from zip(lines_of(batch), facts_of(batch), strict=True)
        except (pa.ArrowException, OSError, KeyError, ValueError) as err:
            raise FormatError(f"{path.name}: cannot be read as records ({err}).") from err


class _Table:
    """The rows of one file, written in groups of the same size so that memory stays flat."""

    def __init__(self, file: IO[bytes]) -> None:
        import pyarrow.parquet as pq

        self._writer: pq.ParquetWriter = pq.ParquetWriter(file, arrow_schema(), compression="zstd")
        self._lines: list[str] = []

    def add(self, line: str) -> None:
        """Take a line; whole groups are written."""
        self._lines.append(line)
        if len(self._lines) == AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Write the rest."""
        if self._lines:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write_table(table_of(self._lines))
        self._lines = []
