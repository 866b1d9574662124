"""Prodigy's JSON Lines: text, tokens, spans by characters and tokens, relations between them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
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
from labeling.datasets.formats.tokens import Tokens, covered
from labeling.datasets.records import to_json_line
from labeling.text.tokens import tokens_of

PATTERN = "data/{}.jsonl"
_ATTRIBUTES = "Only the label of a span has a place here, not its attributes, voice or id."
_LOST_END = "One of its ends covers no token."


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
    """See ``Format``."""
    losses, names = Losses(), LabelNames(spec)
    with Parts(sink, PATTERN) as parts:
        for record in records:
            line = _line(record, names, losses)
            parts.of(split_of(record)).write((to_json_line(line) + "\n").encode("utf-8"))
            note_parts(losses, record, "choices")
            losses.add("attributes", _ATTRIBUTES, where(record), len(line["spans"]))
            note_annotators(losses, record)
    return losses


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``."""
    return read_json_lines(folder, PATTERN, _item)


def _line(record: Record, names: LabelNames, losses: Losses) -> dict[str, Any]:
    text, gold = text_of(record, "prodigy"), gold_of(record)
    tokens = tokens_of(text)
    spans = {
        span["id"]: marked
        for span in gold["spans"]
        if (marked := _span(span, names, tokens, losses, record))
    }
    line = {
        "text": text,
        "meta": {
            "passage": record["passage"]["uid"],
            "article": record["article"]["uid"],
            "source": record["article"]["outlet"],
        },
        "tokens": _tokens(text, tokens),
        "spans": list(spans.values()),
        "relations": _relations(gold["relations"], spans, losses, record),
        "answer": "accept",
        "_view_id": "relations" if gold["relations"] else "spans_manual",
        "_input_hash": _hash(text),
    }
    return {**line, "_task_hash": _hash(to_json_line(line))}


def _span(
    span: Mapping[str, Any], names: LabelNames, tokens: Tokens, losses: Losses, record: Record
) -> dict[str, Any] | None:
    cover = covered(span, tokens, losses, record)
    if cover is None:
        return None
    return {
        "start": span["start"],
        "end": span["end"],
        # Prodigy counts the last token in.
        "token_start": cover.first,
        "token_end": cover.last,
        "label": names.of(span["layer"], span["label"]),
    }


def _tokens(text: str, tokens: Tokens) -> list[dict[str, Any]]:
    return [
        {
            "text": text[start:end],
            "start": start,
            "end": end,
            "id": n,
            "ws": text.startswith(" ", end),
        }
        for n, (start, end) in enumerate(tokens)
    ]


def _relations(
    relations: Iterable[Mapping[str, Any]],
    spans: Mapping[str, dict[str, Any]],
    losses: Losses,
    record: Record,
) -> list[dict[str, Any]]:
    told = []
    for relation in relations:
        head, child = spans.get(relation["from"]), spans.get(relation["to"])
        if head is None or child is None:
            losses.add("relations", _LOST_END, where(record))
            continue
        told.append(
            {
                # Prodigy names a span in a relation by its last token.
                "head": head["token_end"],
                "child": child["token_end"],
                "head_span": head,
                "child_span": child,
                "label": relation["label"],
            }
        )
    return told


def _hash(text: str) -> int:
    """A stable number of 31 bits; Prodigy only compares them."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _item(line: dict[str, Any], split: str | None) -> Item:
    spans = [
        {"id": f"{n}", **{key: span[key] for key in ("start", "end", "label")}}
        for n, span in enumerate(line["spans"])
    ]
    places = [_place(span) for span in line["spans"]]

    def place(span: Mapping[str, Any]) -> str:
        return str(places.index(_place(span)))

    return Item(
        id=line["meta"]["passage"],
        split=split,
        text=line["text"],
        spans=tuple(spans),
        relations=tuple(
            {"from": place(r["head_span"]), "to": place(r["child_span"]), "label": r["label"]}
            for r in line["relations"]
        ),
    )


def _place(span: Mapping[str, Any]) -> tuple[int, int, str]:
    return span["start"], span["end"], span["label"]
