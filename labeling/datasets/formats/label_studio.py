"""Label Studio's own JSON: tasks whose annotation is the gold, ready to be imported again."""

from __future__ import annotations

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
    text_of,
    where,
)
from labeling.datasets.records import to_json_line
from labeling.scheme import TEXT_OBJECT
from labeling.tasks import result_items, task_item
from labeling.types import Relation, Scheme, Span

PATTERN = "data/{}.json"
_ATTRIBUTE = "The scheme has no such question, so Label Studio has no place for the answer."
_LAYER = "The scheme has no such layer."


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
    """See ``Format``. The annotators' own layers are left out, so that nothing is said twice."""
    losses = Losses()
    scheme = Scheme(layers=spec.layers, relations=spec.relations, variables=(), sha="")
    with Parts(sink, PATTERN) as parts:
        begun: dict[str, IO[bytes]] = {}
        for record in records:
            split = split_of(record)
            file = parts.of(split)
            file.write(b",\n" if split in begun else b"[\n")
            begun[split] = file
            file.write(to_json_line(_task(record, scheme, losses)).encode("utf-8"))
            note_annotators(losses, record)
        for file in begun.values():
            file.write(b"\n]\n")
    return losses


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``. Reads what ``write`` wrote, a task a line."""
    for split, path in part_files(folder, PATTERN):
        with path.open("rb") as file:
            for n, line in enumerate(file, start=1):
                if line.strip() in (b"[", b"]"):
                    continue
                try:
                    yield _item(json.loads(line.rstrip().rstrip(b",")), split)
                except (ValueError, KeyError, TypeError, IndexError) as err:
                    raise FormatError(f"{path.name}, line {n}: {err!r}.") from err


def _task(record: Record, scheme: Scheme, losses: Losses) -> dict[str, Any]:
    gold, passage, article = gold_of(record), record["passage"], record["article"]
    spans = [_known(span, scheme, losses, record) for span in gold["spans"]]
    relations = [Relation(r["from"], r["to"], r["label"]) for r in gold["relations"]]
    text = text_of(record, "label-studio")
    known = [span for span in spans if span is not None]
    ids = {span.id for span in known}
    relations = [r for r in relations if r.from_id in ids and r.to_id in ids]
    item = task_item(passage["uid"], text, article["title"], "", "", 1)
    result = result_items(known, relations, text, scheme)
    result += [_choice(choice) for choice in gold["choices"]]
    # Label Studio takes an imported annotation for ground truth unless told otherwise.
    return {**item, "annotations": [{"result": result, "ground_truth": False}]}


def _known(span: Mapping[str, Any], scheme: Scheme, losses: Losses, record: Record) -> Span | None:
    layers = {layer.name: layer for layer in scheme.layers}
    layer = layers.get(span["layer"])
    if layer is None:
        losses.add("layer", _LAYER, where(record, span))
        return None
    asked = {attribute.name for attribute in layer.attributes}
    losses.add("attributes", _ATTRIBUTE, where(record, span), len(span["attrs"].keys() - asked))
    attrs = {name: value for name, value in span["attrs"].items() if name in asked}
    return Span(span["id"], span["layer"], span["label"], span["start"], span["end"], attrs)


def _choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"choice-{choice['layer']}",
        "from_name": choice["layer"],
        "to_name": TEXT_OBJECT,
        "type": "choices",
        "value": {"choices": list(choice["values"])},
    }


def _item(task: Mapping[str, Any], split: str | None) -> Item:
    spans: dict[str, dict[str, Any]] = {}
    relations, choices = [], []
    for item in task["annotations"][0]["result"]:
        value = item.get("value", {})
        if item["type"] == "labels":
            spans[item["id"]] = {
                "id": item["id"],
                "layer": item["from_name"],
                "label": value["labels"][0],
                "start": value["start"],
                "end": value["end"],
                "attrs": {},
            }
        elif item["type"] == "relation":
            label = item["labels"][0] if item["labels"] else ""
            relations.append({"from": item["from_id"], "to": item["to_id"], "label": label})
        elif "start" in value:
            answer = value["text" if item["type"] == "textarea" else item["type"]]
            spans[item["id"]]["attrs"][item["from_name"]] = answer
        else:
            choices.append({"layer": item["from_name"], "values": value["choices"]})
    data = task["data"]
    return Item(
        data["uid"], split, data["text"], tuple(spans.values()), tuple(relations), tuple(choices)
    )
