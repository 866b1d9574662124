"""The news corpus PolNeAR as it lies on the disk: texts, and attributions in brat's format."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Stretch = tuple[int, int]
_SPAN = re.compile(r"(T\d+)\t(\w+) ([\d; ]+)\t")
_ROLE = re.compile(r"([A-Za-z]+)\d*:(T\d+)")


@dataclass(frozen=True)
class Gold:
    """A fragment of attributed content, and the fragments of its sources."""

    start: int
    end: int
    sources: tuple[Stretch, ...]


@dataclass(frozen=True)
class Article:
    """A text and what all its annotators marked in it."""

    name: str
    text: str
    gold: tuple[Gold, ...]

    def at(self, start: int, end: int) -> str:
        """Show a stretch and where it is."""
        return f"{self.name} {start}:{end} {self.text[start:end][:70]!r}"


def gold_of(path: Path) -> tuple[Gold, ...]:
    """Return the attributions of one text, by all of its annotators."""
    folder = path.parent.parent / "attributions"
    files = sorted(folder.glob(f"{path.stem}_????.ann"))
    return tuple(gold for file in files for gold in _of_one_annotator(file))


def _of_one_annotator(file: Path) -> Iterator[Gold]:
    lines = file.read_text(encoding="utf-8").splitlines()
    spans = {found[1]: _pieces(found[3]) for line in lines if (found := _SPAN.match(line))}
    for line in lines:
        if not line.startswith("E"):
            continue
        event: dict[str, list[str]] = defaultdict(list)
        for role, span in _ROLE.findall(line.split("\t")[1]):
            event[role].append(span)
        sources = tuple(piece for span in event["Source"] for piece in spans[span])
        for span in event["Content"]:
            yield from (Gold(start, end, sources) for start, end in spans[span])


def _pieces(offsets: str) -> list[Stretch]:
    pairs = (piece.split() for piece in offsets.split(";"))
    return [(int(start), int(end)) for start, end in pairs]
