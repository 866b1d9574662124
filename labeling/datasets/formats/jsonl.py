"""JSON Lines: the canonical records themselves, one a line, one file a split."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from labeling.datasets.formats.base import (
    FormatError,
    Item,
    Losses,
    Parts,
    Record,
    Sink,
    Spec,
    gold_of,
    part_files,
    split_of,
)
from labeling.datasets.records import to_json_line

PATTERN = "data/{}.jsonl"


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:  # noqa: ARG001
    """See ``Format``. Nothing is lost."""
    with Parts(sink, PATTERN) as parts:
        for record in records:
            parts.of(split_of(record)).write((to_json_line(dict(record)) + "\n").encode("utf-8"))
    return Losses()


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``."""
    return (item_of(record) for record in read_records(folder))


def read_records(folder: Path) -> Iterator[dict[str, Any]]:
    """The canonical records of a folder, in the order they were written within each split.

    Raises:
        FormatError: a line is no JSON object; file and line are named.
    """
    for _, path in part_files(folder, PATTERN):
        with path.open("rb") as file:
            for n, line in enumerate(file, start=1):
                yield _record(line, path, n)


def item_of(record: Record) -> Item:
    """A canonical record as an item: its gold."""
    gold = gold_of(record)
    return Item(
        id=record["passage"]["uid"],
        split=record["split"],
        text=record["passage"]["text"],
        spans=tuple(gold["spans"]),
        relations=tuple(gold["relations"]),
        choices=tuple(gold["choices"]),
    )


def _record(line: bytes, path: Path, n: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as err:
        raise FormatError(f"{path.name}, line {n}: not JSON ({err}).") from err
    if not isinstance(record, dict) or "passage" not in record:
        raise FormatError(f"{path.name}, line {n}: not a record of a passage.")
    return record
