"""W3C Web Annotation: one collection a split, as JSON-LD.

Each passage is described by one annotation on its article; each span is one on the passage,
with its place (code points) and the words around it; each relation links two of them. The
context is the standard's own address; nothing is ever fetched from it.
"""

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
)
from labeling.datasets.records import to_json_line

PATTERN = "data/{}.jsonld"
CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_AROUND = 32


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
    """See ``Format``. The annotators' own layers are left out."""
    losses = Losses()
    with Parts(sink, PATTERN) as parts:
        totals: dict[str, int] = {}
        for record in records:
            split = split_of(record)
            file = parts.of(split)
            if split not in totals:
                totals[split] = 0
                file.write(_head(spec.name, split))
            for annotation in _annotations(record):
                file.write(b",\n" if totals[split] else b"\n")
                file.write(to_json_line(annotation).encode("utf-8"))
                totals[split] += 1
            note_annotators(losses, record)
        for split, total in totals.items():
            _foot(parts.of(split), total)
    return losses


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``. Reads what ``write`` wrote, an annotation a line."""
    for split, path in part_files(folder, PATTERN):
        lines: list[dict[str, Any]] = []
        for annotation in _lines(path):
            if lines and annotation["motivation"] == "describing":
                yield _item(lines, split, path)
                lines = []
            lines.append(annotation)
        if lines:
            yield _item(lines, split, path)


def _head(name: str, split: str) -> bytes:
    collection = {
        "@context": CONTEXT,
        "id": f"urn:copydesk:{name}:{split}",
        "type": "AnnotationCollection",
        "label": f"{name} ({split})",
    }
    opened = to_json_line(collection)[:-1]
    return (opened + ',"first":{"type":"AnnotationPage","startIndex":0,"items":[').encode("utf-8")


def _foot(file: IO[bytes], total: int) -> None:
    file.write(b'\n]},"total":%d}\n' % total)


def _annotations(record: Record) -> Iterator[dict[str, Any]]:
    passage, gold = record["passage"], gold_of(record)
    urn = f"urn:copydesk:passage:{passage['uid']}"
    yield _passage(record, urn)
    for span in gold["spans"]:
        yield _span(span, passage["text"], urn)
    for n, relation in enumerate(gold["relations"]):
        yield {
            "id": f"{urn}:relation:{n}",
            "type": "Annotation",
            "motivation": "linking",
            "body": [{"id": f"{urn}:span:{relation['to']}"}, _tag(relation["label"])],
            "target": f"{urn}:span:{relation['from']}",
        }
    for choice in gold["choices"]:
        yield {
            "id": f"{urn}:choice:{choice['layer']}",
            "type": "Annotation",
            "motivation": "classifying",
            "body": [*(_tag(value) for value in choice["values"]), _data(choice)],
            "target": urn,
        }


def _passage(record: Record, urn: str) -> dict[str, Any]:
    passage, article = record["passage"], record["article"]
    body: dict[str, Any] = {"id": urn, "type": "Text"}
    if passage["text"] is not None:
        body = {**body, "type": "TextualBody", "format": "text/plain", "value": passage["text"]}
    source = article["url"] or f"urn:copydesk:article:{article['uid']}"
    place = {"type": "TextPositionSelector", "start": passage["start"], "end": passage["end"]}
    return {
        "id": f"{urn}:description",
        "type": "Annotation",
        "motivation": "describing",
        "body": body,
        "target": {"source": source, "selector": place},
    }


def _span(span: Mapping[str, Any], text: str | None, urn: str) -> dict[str, Any]:
    start, end = span["start"], span["end"]
    selectors: list[dict[str, Any]] = [{"type": "TextPositionSelector", "start": start, "end": end}]
    if text is not None:
        around = {
            "exact": text[start:end],
            "prefix": text[max(0, start - _AROUND) : start],
            "suffix": text[end : end + _AROUND],
        }
        selectors.append({"type": "TextQuoteSelector", **around})
    return {
        "id": f"{urn}:span:{span['id']}",
        "type": "Annotation",
        "motivation": "tagging",
        "body": [_tag(span["label"]), _data(span)],
        "target": {"source": urn, "selector": selectors},
    }


def _tag(value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": "tagging", "value": value}


def _data(told: Mapping[str, Any]) -> dict[str, str]:
    """What the vocabulary has no words for (layer, attributes, voice …), as JSON."""
    value = to_json_line({key: value for key, value in told.items() if key != "text"})
    body = {"type": "TextualBody", "purpose": "describing", "value": value}
    return {**body, "format": "application/json"}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        next(file, None)
        for n, line in enumerate(file, start=2):
            if line.startswith(b"]}"):
                return
            try:
                yield json.loads(line.rstrip().rstrip(b","))
            except ValueError as err:
                raise FormatError(f"{path.name}, line {n}: not JSON ({err}).") from err


def _item(lines: list[dict[str, Any]], split: str | None, path: Path) -> Item:
    urn = ""
    try:
        description, *others = lines
        urn = description["body"]["id"]
        told = {
            motivation: [one for one in others if one["motivation"] == motivation]
            for motivation in ("tagging", "linking", "classifying")
        }
        return Item(
            id=urn.rpartition(":")[2],
            split=split,
            text=description["body"].get("value"),
            spans=tuple(json.loads(one["body"][-1]["value"]) for one in told["tagging"]),
            relations=tuple(_relation(one, f"{urn}:span:") for one in told["linking"]),
            choices=tuple(json.loads(one["body"][-1]["value"]) for one in told["classifying"]),
        )
    except (KeyError, ValueError, TypeError, IndexError) as err:
        raise FormatError(f"{path.name}, passage {urn}: {err!r}.") from err


def _relation(annotation: Mapping[str, Any], prefix: str) -> dict[str, str]:
    return {
        "from": annotation["target"].removeprefix(prefix),
        "to": annotation["body"][0]["id"].removeprefix(prefix),
        "label": annotation["body"][1]["value"],
    }
