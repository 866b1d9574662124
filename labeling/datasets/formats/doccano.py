"""doccano's JSON Lines, for both of its projects.

``label`` is for sequence labeling, ``entities`` with ``relations`` for relation extraction;
either project takes the other keys as metadata.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from labeling.datasets.formats.base import (
    Item,
    Losses,
    Parts,
    Record,
    Sink,
    Spec,
    gold_of,
    note_annotators,
    note_parts,
    read_json_lines,
    split_of,
    text_of,
    where,
)
from labeling.datasets.formats.labels import LabelNames
from labeling.datasets.records import to_json_line

PATTERN = "data/{}.jsonl"
_ATTRIBUTES = "Only the label of a span has a place here, not its attributes, voice or id."


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
    """See ``Format``."""
    losses, names = Losses(), LabelNames(spec)
    entity = relation = 0
    with Parts(sink, PATTERN) as parts:
        for record in records:
            line = _line(record, names, entity, relation)
            entity, relation = entity + len(line["entities"]), relation + len(line["relations"])
            parts.of(split_of(record)).write((to_json_line(line) + "\n").encode("utf-8"))
            note_parts(losses, record, "choices")
            losses.add("attributes", _ATTRIBUTES, where(record), len(line["entities"]))
            note_annotators(losses, record)
    return losses


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``."""
    return read_json_lines(folder, PATTERN, _item)


def _line(record: Record, names: LabelNames, entity: int, relation: int) -> dict[str, Any]:
    gold = gold_of(record)
    ids = {span["id"]: n for n, span in enumerate(gold["spans"], start=entity + 1)}
    labels = [names.of(span["layer"], span["label"]) for span in gold["spans"]]
    spans = list(zip(gold["spans"], labels, strict=True))
    return {
        "text": text_of(record, "doccano"),
        "label": [[span["start"], span["end"], label] for span, label in spans],
        "entities": [
            {
                "id": ids[span["id"]],
                "label": label,
                "start_offset": span["start"],
                "end_offset": span["end"],
            }
            for span, label in spans
        ],
        "relations": [
            {"id": n, "from_id": ids[r["from"]], "to_id": ids[r["to"]], "type": r["label"]}
            for n, r in enumerate(gold["relations"], start=relation + 1)
        ],
        "passage": record["passage"]["uid"],
        "article": record["article"]["uid"],
    }


def _item(line: dict[str, Any], split: str | None) -> Item:
    return Item(
        id=line["passage"],
        split=split,
        text=line["text"],
        spans=tuple(
            {
                "id": str(one["id"]),
                "label": one["label"],
                "start": one["start_offset"],
                "end": one["end_offset"],
            }
            for one in line["entities"]
        ),
        relations=tuple(
            {"from": str(one["from_id"]), "to": str(one["to_id"]), "label": one["type"]}
            for one in line["relations"]
        ),
    )
