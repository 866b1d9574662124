"""JSON Lines: the canonical records themselves, one a line, one file a split."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from labeling.datasets.formats.base import (
    Facts,
    FormatError,
    Item,
    Losses,
    Parts,
    Record,
    Sink,
    Spec,
    gold_of,
    part_files,
)
from labeling.datasets.formats.columns import chunks, facts_of, split_of_line, table_of
from labeling.datasets.records import to_json_line

PATTERN = "data/{}.jsonl"


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:  # noqa: ARG001
    """See ``Format``. Nothing is lost."""
    return write_lines((to_json_line(dict(record)) for record in records), sink)


def write_lines(lines: Iterable[str], sink: Sink) -> Losses:
    """Write canonical lines as they are."""
    with Parts(sink, PATTERN) as parts:
        for line in lines:
            parts.of(split_of_line(line)).write((line + "\n").encode("utf-8"))
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


def read_lines(folder: Path) -> Iterator[tuple[str, Facts]]:
    """The lines of a folder with what is counted of each, thousands at a time.

    Raises:
        FormatError: a line is no record; file and line are named.
    """
    for _, path in part_files(folder, PATTERN):
        with path.open("rb") as file:
            first = 1
            for raw in chunks(file):
                yield from _counted(raw, path, first)
                first += len(raw)


def _counted(raw: list[bytes], path: Path, first: int) -> Iterator[tuple[str, Facts]]:
    try:
        lines = [line.decode("utf-8").removesuffix("\n") for line in raw]
        return zip(lines, facts_of(table_of(lines)), strict=True)
    except (FormatError, UnicodeDecodeError) as err:
        # One by one, to find the line.
        for n, line in enumerate(raw, start=first):
            _record(line, path, n)
        last = first + len(raw) - 1
        raise FormatError(f"{path.name}, lines {first} to {last}: {err}") from err


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
