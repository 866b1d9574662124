"""brat: a ``.txt`` and an ``.ann`` a passage, in a folder a split, and the configuration.

A span across a line end is written in fragments, as brat asks. Attributes stand twice: as
brat's own where they are plain words, and whole, as JSON, in a note on the span.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from labeling.datasets.formats.base import (
    SPLITS,
    FormatError,
    Item,
    Losses,
    Record,
    Sink,
    Spec,
    gold_of,
    note_annotators,
    note_parts,
    split_named,
    split_of,
    text_of,
    where,
)
from labeling.datasets.formats.labels import LabelNames

_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^A-Za-z0-9_-]")
_BLANK = "The span is only a line end, which brat cannot mark."
_LOST_END = "One of its ends is a span that brat cannot mark."
_UNNAMED = "related_to"


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
    """See ``Format``."""
    losses = Losses()
    names = LabelNames(spec, plain=True)
    attributes: dict[str, set[str]] = {}
    folders: set[str] = set()
    for record in records:
        base = f"{split_of(record)}/{record['passage']['uid']}"
        folders.add(split_of(record))
        with sink.open(f"{base}.txt") as file:
            file.write(text_of(record, "brat").encode("utf-8"))
        lines = _Lines(record, names, attributes, losses).lines
        with sink.open(f"{base}.ann") as file:
            file.write("".join(f"{line}\n" for line in lines).encode("utf-8"))
        note_parts(losses, record, "choices")
        note_annotators(losses, record)
    for folder in sorted(folders):
        _configuration(sink, folder, names, spec, attributes)
    return losses


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``."""
    for split in SPLITS:
        for path in sorted((folder / split).glob("*.ann")):
            text = path.with_suffix(".txt").read_bytes().decode("utf-8")
            spans, relations = _parsed(path)
            yield Item(path.stem, split_named(split), text, tuple(spans), tuple(relations))


class _Lines:
    """The lines of one ``.ann`` file."""

    def __init__(
        self, record: Record, names: LabelNames, attributes: dict[str, set[str]], losses: Losses
    ) -> None:
        self.lines: list[str] = []
        self._names, self._attributes = names, attributes
        self._text, self._n = text_of(record, "brat"), 0
        marks: dict[str, str] = {}
        for n, span in enumerate(gold_of(record)["spans"], start=1):
            if self._span(f"T{n}", span):
                marks[span["id"]] = f"T{n}"
            else:
                losses.add("blank_span", _BLANK, where(record, span))
        for n, relation in enumerate(gold_of(record)["relations"], start=1):
            ends = marks.get(relation["from"]), marks.get(relation["to"])
            if None in ends:
                losses.add("relations", _LOST_END, where(record))
            else:
                label = plain(relation["label"]) or _UNNAMED
                self.lines.append(f"R{n}\t{label} Arg1:{ends[0]} Arg2:{ends[1]}")

    def _span(self, mark: str, span: Mapping[str, Any]) -> bool:
        start, end = span["start"], span["end"]
        fragments = [match.span() for match in _LINE.finditer(self._text, start, end)]
        if not fragments:
            return False
        label = self._names.of(span["layer"], span["label"])
        places = ";".join(f"{a} {b}" for a, b in fragments)
        words = " ".join(self._text[a:b].replace("\t", " ") for a, b in fragments)
        self.lines.append(f"{mark}\t{label} {places}\t{words}")
        known = {key: span[key] for key in ("voice", "settled") if span[key]}
        for name, value in {**known, **span["attrs"]}.items():
            if isinstance(value, str) and _WORD.fullmatch(value):
                self._n += 1
                self._attributes.setdefault(plain(name), set()).add(value)
                self.lines.append(f"A{self._n}\t{plain(name)} {mark} {value}")
        told = {key: value for key, value in span.items() if key != "text"}
        note = json.dumps(told, ensure_ascii=True, sort_keys=True)
        self.lines.append(f"#{mark[1:]}\tAnnotatorNotes {mark}\t{note}")
        return True


def plain(name: str) -> str:
    """A name that brat takes: letters, digits, dash and underscore."""
    return _PLAIN.sub("_", name)


def _configuration(
    sink: Sink, folder: str, names: LabelNames, spec: Spec, attributes: Mapping[str, set[str]]
) -> None:
    relations = [plain(label) for label in spec.relations] or [_UNNAMED]
    lines = ["[entities]", *names.all, "[relations]"]
    lines += [f"{label}\tArg1:<ENTITY>, Arg2:<ENTITY>" for label in dict.fromkeys(relations)]
    # Spans of different layers, and nested quotes, may overlap.
    lines += ["<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>", "[events]"]
    lines += ["[attributes]"]
    lines += [
        f"{name}\tArg:<ENTITY>, Value:{'|'.join(sorted(values))}"
        for name, values in sorted(attributes.items())
    ]
    with sink.open(f"{folder}/annotation.conf") as file:
        file.write(("\n".join(lines) + "\n").encode("utf-8"))
    drawn = ["[labels]", *(f"{name} | {name}" for name in names.all), "[drawing]"]
    drawn += ["SPAN_DEFAULT\tfgColor:black, bgColor:lightgreen, borderColor:darken"]
    drawn += ["ARC_DEFAULT\tcolor:black, arrowHead:triangle-5"]
    with sink.open(f"{folder}/visual.conf") as file:
        file.write(("\n".join(drawn) + "\n").encode("utf-8"))


def _parsed(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    spans: dict[str, dict[str, Any]] = {}
    relations: list[dict[str, Any]] = []
    for n, line in enumerate(path.read_bytes().decode("utf-8").split("\n"), start=1):
        try:
            if line.startswith("T"):
                mark, place, _ = line.split("\t")
                label, first, *_ = place.split(" ")
                last = place.rpartition(" ")[2]
                spans[mark] = {"id": mark, "label": label, "start": int(first), "end": int(last)}
            elif line.startswith("#"):
                _, target, note = line.split("\t")
                spans[target.split(" ")[1]] |= json.loads(note)
            elif line.startswith("R"):
                label, one, two = line.split("\t")[1].split(" ")
                ends = (spans[end.partition(":")[2]]["id"] for end in (one, two))
                relations.append(dict(zip(("from", "to"), ends, strict=True)) | {"label": label})
        except (ValueError, KeyError, IndexError) as err:
            raise FormatError(f"{path.name}, line {n}: not brat's ({err!r}).") from err
    return list(spans.values()), relations
