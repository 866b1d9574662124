"""Parquet with Hugging Face features: ``datasets`` loads it as it is.

Everything of the canonical record is in it. Attributes are free in their names and kinds, so
they travel as one canonical JSON text a span.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from labeling.datasets.formats.base import (
    FormatError,
    Item,
    Losses,
    Parts,
    Record,
    Sink,
    Spec,
    part_files,
    split_of,
)
from labeling.datasets.formats.jsonl import item_of
from labeling.datasets.formats.parquet_schema import arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

PATTERN = "data/{}.parquet"
_ROWS = 2_000


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:  # noqa: ARG001
    """See ``Format``. Nothing is lost."""
    with Parts(sink, PATTERN) as parts:
        tables: dict[str, _Table] = {}
        for record in records:
            split = split_of(record)
            if split not in tables:
                tables[split] = _Table(parts.of(split))
            tables[split].add(record)
        for table in tables.values():
            table.close()
    return Losses()


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``."""
    return (item_of(record) for record in read_records(folder))


def read_records(folder: Path) -> Iterator[dict[str, Any]]:
    """The canonical records of a folder, in the order they were written within each split.

    Raises:
        FormatError: a file is no Parquet, or not one that ``write`` wrote.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for _, path in part_files(folder, PATTERN):
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=_ROWS):
                    yield from (_record(row) for row in batch.to_pylist())
        except (pa.ArrowException, OSError, KeyError, ValueError) as err:
            raise FormatError(f"{path.name}: cannot be read as records ({err}).") from err


class _Table:
    """The rows of one file, written in groups so that memory stays flat."""

    def __init__(self, file: IO[bytes]) -> None:
        import pyarrow.parquet as pq

        self._schema: pa.Schema = arrow_schema()
        self._writer: pq.ParquetWriter = pq.ParquetWriter(file, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def add(self, record: Record) -> None:
        self._rows.append(_row(record))
        if len(self._rows) == _ROWS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []


def _row(record: Record) -> dict[str, Any]:
    passage = record["passage"]
    return {
        "id": passage["uid"],
        "text": passage["text"],
        "split": record["split"],
        "state": record["state"],
        "batch": record["batch"],
        "scheme": record["scheme"],
        "article": record["article"],
        "passage": {key: passage[key] for key in ("start", "end", "role", "text_sha")},
        "gold": None if record["gold"] is None else _layer(record["gold"]),
        "annotations": [_layer(annotation) for annotation in record["annotations"]],
        "format": record["format"],
    }


def _layer(layer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **layer,
        "spans": [{**span, "attrs": _canonical(span["attrs"])} for span in layer["spans"]],
    }


def _canonical(attrs: Mapping[str, Any]) -> str:
    return json.dumps(attrs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _record(row: dict[str, Any]) -> dict[str, Any]:
    identity, text = row.pop("id"), row.pop("text")
    row["passage"] = {"uid": identity, "text": text, **row["passage"]}
    if row["gold"] is not None:
        _restore(row["gold"])
    for annotation in row["annotations"]:
        _restore(annotation)
    return row


def _restore(layer: dict[str, Any]) -> None:
    for span in layer["spans"]:
        span["attrs"] = json.loads(span["attrs"])
