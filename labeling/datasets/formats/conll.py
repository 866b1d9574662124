"""CoNLL: a token a line with its tag, one file a layer and split, in IOB2 or BILOU.

Four columns parted by tabs: token, start, end (code points of the passage), tag. A passage
begins with two comments, its uid and its text as JSON, and ends with an empty line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
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
    note_annotators,
    note_parts,
    part_files,
    split_of,
    text_of,
)
from labeling.datasets.formats.tokens import Covered, Tokens, covered, disjoint
from labeling.text.tokens import tokens_of
from labeling.types import Layer

_PLAIN = re.compile(r"[^A-Za-z0-9_.-]")
_ATTRIBUTES = "Only the label of a span has a place here, not its attributes, voice or id."
_BEGIN, _INSIDE = frozenset("BU"), frozenset("IL")


def pattern(layer: str) -> str:
    """The name of a layer's files, with ``{}`` for the split."""
    return "data/{}." + _PLAIN.sub("_", layer) + ".conll"


def write(records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
    """See ``Format``."""
    losses = Losses()
    with ExitStack() as stack:
        files = [
            (layer, stack.enter_context(Parts(sink, pattern(layer.name))))
            for layer in spec.span_layers
        ]
        for record in records:
            text = text_of(record, "conll")
            tokens = tokens_of(text)
            for layer, parts in files:
                tags = _tags(record, layer, tokens, losses, spec)
                lines = _lines(record["passage"]["uid"], text, tokens, tags)
                parts.of(split_of(record)).write("".join(lines).encode("utf-8"))
            note_parts(losses, record, "relations", "choices")
            spans = gold_of(record)["spans"]
            losses.add("attributes", _ATTRIBUTES, record["passage"]["uid"], len(spans))
            note_annotators(losses, record)
    return losses


def read(folder: Path) -> Iterator[Item]:
    """See ``Format``. The files of the layers are read side by side."""
    names = sorted({path.name.split(".", 1)[1] for path in (folder / "data").glob("*.conll")})
    files = [list(part_files(folder, "data/{}." + name)) for name in names]
    for parts in zip(*files, strict=True):
        readings = [
            _passages(path, name.removesuffix(".conll"))
            for (_, path), name in zip(parts, names, strict=True)
        ]
        for found in zip(*readings, strict=True):
            (uid, text), spans = found[0][0], [span for _, spans in found for span in spans]
            if any(head != (uid, text) for head, _ in found):
                raise FormatError(
                    f"{parts[0][1].name}: passage {uid} is not in every layer's file."
                )
            yield Item(id=uid, split=parts[0][0], text=text, spans=tuple(spans))


def _tags(
    record: Record, layer: Layer, tokens: Tokens, losses: Losses, spec: Spec
) -> dict[int, str]:
    spans = [span for span in gold_of(record)["spans"] if span["layer"] == layer.name]
    found = [(span, cover) for span in spans if (cover := covered(span, tokens, losses, record))]
    tags: dict[int, str] = {}
    for span, cover in disjoint(found, losses, record):
        for n in range(cover.first, cover.last + 1):
            tags[n] = f"{_letter(n, cover, spec.tags)}-{span['label']}"
    return tags


def _letter(n: int, cover: Covered, tags: str) -> str:
    if tags == "bilou" and cover.first == cover.last:
        return "U"
    if n == cover.first:
        return "B"
    return "L" if tags == "bilou" and n == cover.last else "I"


def _lines(uid: str, text: str, tokens: Tokens, tags: dict[int, str]) -> Iterator[str]:
    yield f"# id = {uid}\n# text = {json.dumps(text)}\n"
    for n, (start, end) in enumerate(tokens):
        yield f"{text[start:end]}\t{start}\t{end}\t{tags.get(n, 'O')}\n"
    yield "\n"


def _passages(path: Path, layer: str) -> Iterator[tuple[tuple[str, str], list[dict[str, Any]]]]:
    uid = text = ""
    spans: list[dict[str, Any]] = []
    with path.open(encoding="utf-8", newline="\n") as file:
        for n, line in enumerate(file, start=1):
            try:
                if line.startswith("# id = "):
                    uid, spans = line[7:-1], []
                elif line.startswith("# text = "):
                    text = json.loads(line[9:])
                elif line == "\n":
                    yield (uid, text), spans
                else:
                    _read_token(line, layer, spans)
            except (ValueError, IndexError) as err:
                raise FormatError(f"{path.name}, line {n}: not as it was written ({err}).") from err


def _read_token(line: str, layer: str, spans: list[dict[str, Any]]) -> None:
    _, start, end, tag = line.rstrip("\n").split("\t")
    letter, _, label = tag.partition("-")
    if letter in _BEGIN:
        spans.append({"layer": layer, "label": label, "start": int(start), "end": int(end)})
    elif letter in _INSIDE:
        spans[-1]["end"] = int(end)
