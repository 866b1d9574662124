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
    chunks,
    facts_of,
    lines_of,
    table_of,
)
from labeling.datasets.formats.jsonl import item_of
from labeling.datasets.formats.parquet_schema import arrow_schema
from labeling.datasets.records import to_json_line

if TYPE_CHECKING:
    import pyarrow as pa
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
    import pyarrow.compute as pc

    with Parts(sink, PATTERN) as parts:
        tables: dict[str, _Table] = {}
        for chunk in chunks(lines):
            table = table_of(chunk)
            splits = table.column("split")
            for split in pc.unique(splits).to_pylist():
                name = "all" if split is None else str(split)
                if name not in tables:
                    tables[name] = _Table(parts.of(name))
                here = pc.is_null(splits) if split is None else pc.equal(splits, split)
                tables[name].add(table.filter(here))
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
        self._waiting: list[pa.Table] = []
        self._rows = 0

    def add(self, rows: pa.Table) -> None:
        """Take rows; whole groups are written."""
        self._waiting.append(rows)
        self._rows += rows.num_rows
        if self._rows >= AT_ONCE:
            self._flush(AT_ONCE)

    def close(self) -> None:
        """Write the rest."""
        if self._rows:
            self._flush(1)
        self._writer.close()

    def _flush(self, least: int) -> None:
        import pyarrow as pa

        table = pa.concat_tables(self._waiting).combine_chunks()
        at = 0
        while table.num_rows - at >= least:
            self._writer.write_table(table.slice(at, AT_ONCE), row_group_size=AT_ONCE)
            at += AT_ONCE
        rest = table.slice(at)
        self._waiting, self._rows = [rest] if rest.num_rows else [], rest.num_rows
