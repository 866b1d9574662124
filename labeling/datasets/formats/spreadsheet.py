"""CSV: one row a span, for spreadsheets, and a second file with the relations.

A cell that a spreadsheet would take for a formula begins with an apostrophe, which the reader
takes away again. A passage without a span has one row of its own, without a label.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from labeling.datasets.formats.base import (
    FormatError,
    Item,
    Losses,
    Parts,
    Record,
    Sink,
    Spec,
    gold_of,
    note_annotators,
    part_files,
    split_of,
)

PATTERN = "data/{}.csv"
RELATIONS = "data/{}-relations.csv"
CHOICES = "data/{}-choices.csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "'")
_MARK = b"\xef\xbb\xbf"
_ARTICLE = ("uid", "title", "outlet", "section", "published_at", "url", "language", "story")
_SPAN = ("id", "layer", "label", "start", "end", "text", "voice", "settled", "origin")
HEADER = (
    "passage",
    "passage_text",
    "passage_start",
    "state",
    *(f"article_{name}" for name in _ARTICLE),
    *_SPAN,
    "attrs",
)


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
    """See ``Format``. The annotators' own layers are left out."""
    losses = Losses()
    with (
        Parts(sink, PATTERN) as spans,
        Parts(sink, RELATIONS) as relations,
        Parts(sink, CHOICES) as choices,
    ):
        tables = _Tables(spec)
        for record in records:
            split, gold = split_of(record), gold_of(record)
            uid = record["passage"]["uid"]
            tables.add(spans.of(split), HEADER, _rows(record))
            rows = [(uid, r["from"], r["to"], r["label"]) for r in gold["relations"]]
            tables.add(relations.of(split), ("passage", "from", "to", "label"), rows)
            rows = [
                (uid, choice["layer"], value, choice["settled"])
                for choice in gold["choices"]
                for value in choice["values"]
            ]
            tables.add(choices.of(split), ("passage", "layer", "value", "settled"), rows)
            note_annotators(losses, record)
    return losses


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``. Memory holds the relations and choices of one split."""
    for split, path in part_files(folder, PATTERN):
        name = "all" if split is None else split
        relations = _grouped(folder / RELATIONS.format(name))
        choices = _grouped(folder / CHOICES.format(name))
        item: list[dict[str, str]] = []
        for row in _table(path):
            if item and item[0]["passage"] != row["passage"]:
                yield _item(split, item, relations, choices, path)
                item = []
            item.append(row)
        if item:
            yield _item(split, item, relations, choices, path)


class _Tables:
    """Writes rows, each table's header first."""

    def __init__(self, spec: Spec) -> None:
        self._excel = spec.excel
        self._begun: set[int] = set()

    def add(self, file: IO[bytes], header: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        text = io.StringIO(newline="")
        table = csv.writer(text, lineterminator="\r\n")
        if id(file) not in self._begun:
            self._begun.add(id(file))
            file.write(_MARK if self._excel else b"")
            table.writerow(header)
        table.writerows([_cell(value) for value in row] for row in rows)
        file.write(text.getvalue().encode("utf-8"))


def _rows(record: Record) -> Iterator[list[Any]]:
    passage, article = record["passage"], record["article"]
    head = [passage["uid"], passage["text"], passage["start"], record["state"]]
    head += [article[name] for name in _ARTICLE]
    spans = gold_of(record)["spans"]
    if not spans:
        yield [*head, *([None] * (len(_SPAN) + 1))]
    for span in spans:
        attrs = json.dumps(span["attrs"], ensure_ascii=False, sort_keys=True)
        yield [*head, *(span[name] for name in _SPAN), attrs]


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def _plain(cell: str) -> str:
    return cell.removeprefix("'")


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        header = next(rows, [])
        try:
            for row in rows:
                cells = [_plain(cell) for cell in row]
                yield dict(zip(header, cells, strict=True))
        except (csv.Error, ValueError) as err:
            raise FormatError(f"{path.name}, line {rows.line_num}: {err}.") from err


def _grouped(path: Path) -> dict[str, list[dict[str, str]]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for row in _table(path):
        groups.setdefault(row.pop("passage"), []).append(row)
    return groups


def _item(
    split: str | None,
    rows: list[dict[str, str]],
    relations: Mapping[str, list[dict[str, str]]],
    choices: Mapping[str, list[dict[str, str]]],
    path: Path,
) -> Item:
    uid = rows[0]["passage"]
    try:
        return Item(
            id=uid,
            split=split,
            text=rows[0]["passage_text"] or None,
            spans=tuple(_span(row) for row in rows if row["label"]),
            relations=tuple(relations.get(uid, [])),
            choices=tuple(_choices(choices.get(uid, []))),
        )
    except ValueError as err:
        raise FormatError(f"{path.name}, passage {uid}: {err}.") from err


def _span(row: Mapping[str, str]) -> dict[str, Any]:
    span: dict[str, Any] = {name: row[name] or None for name in _SPAN}
    return {
        **span,
        "start": int(row["start"]),
        "end": int(row["end"]),
        "attrs": json.loads(row["attrs"]),
    }


def _choices(rows: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    layers: dict[str, dict[str, Any]] = {}
    for row in rows:
        told: dict[str, Any] = {
            "layer": row["layer"],
            "values": [],
            "settled": row["settled"] or None,
        }
        layers.setdefault(row["layer"], told)["values"].append(row["value"])
    yield from layers.values()
