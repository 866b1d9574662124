"""What every format has in common: where files go, what is lost on the way, one item of text.

A format writes what was settled (``gold``) of each record. What it cannot hold is said in its
``Losses``, counted and with examples, and never dropped in silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

from labeling.errors import LabelingError
from labeling.types import Layer

Record = Mapping[str, Any]
SPLITS = ("train", "dev", "test", "all")
"""In files, ``all`` stands for records that were not split."""

_MOST_EXAMPLES = 20


class FormatError(LabelingError):
    """A dataset cannot be written in a format, or a file is not what its format says."""

    kind = "bad_format"


class Sink(Protocol):
    """Where a writer puts its files; the caller sees to it that they are whole or not at all."""

    def open(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """A new file, by its path within the dataset's folder, parted by slashes."""
        ...


@dataclass(frozen=True, slots=True)
class Spec:
    """What a writer has to know of the dataset besides its records.

    Args:
        name: what the dataset is called, for formats that keep a name.
        layers: the layers of the scheme, in its order.
        relations: the labels of its relations.
        excel: for CSV, begin with the mark by which Excel knows UTF-8.
        tags: for CoNLL, ``iob2`` or ``bilou``.
    """

    name: str
    layers: tuple[Layer, ...]
    relations: tuple[str, ...] = ()
    excel: bool = False
    tags: str = "iob2"

    @property
    def span_layers(self) -> tuple[Layer, ...]:
        """The layers that mark stretches of text."""
        return tuple(layer for layer in self.layers if layer.kind == "spans")


@dataclass(slots=True)
class Losses:
    """What a format could not hold, by kind."""

    _found: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, why: str, example: str, n: int = 1) -> None:
        """Count a loss.

        Args:
            kind: a stable word, such as ``overlap``.
            why: one sentence for people; the first one given for a kind is kept.
            example: where it happened, such as the record and the span.
            n: how many.
        """
        if n:
            _, examples = self._found.setdefault(kind, (why, []))
            self._counts[kind] = self._counts.get(kind, 0) + n
            if len(examples) < _MOST_EXAMPLES:
                examples.append(example)

    def count(self, kind: str) -> int:
        """How many losses of a kind there were."""
        return self._counts.get(kind, 0)

    def report(self) -> list[dict[str, Any]]:
        """All kinds, by name: ``kind``, ``count``, ``why`` and up to 20 ``examples``."""
        return [
            {"kind": kind, "count": self._counts[kind], "why": why, "examples": examples}
            for kind, (why, examples) in sorted(self._found.items())
        ]


@dataclass(frozen=True, slots=True)
class Item:
    """One passage as a format's reader gives it back.

    ``spans`` have start, end, label and what else the format keeps (id, layer, attrs, voice,
    settled); ``relations`` have from, to and label; ``choices`` have layer and values.
    """

    id: str
    split: str | None
    text: str | None
    spans: tuple[Mapping[str, Any], ...] = ()
    relations: tuple[Mapping[str, Any], ...] = ()
    choices: tuple[Mapping[str, Any], ...] = ()


class Format(Protocol):
    """A module of this package: one writer and one reader."""

    def write(self, records: Iterable[Record], sink: Sink, spec: Spec) -> Losses:
        """Write all records, once through, holding no more than a few of them at a time."""
        ...

    def read(self, folder: Path) -> Iterator[Item]:
        """Read a folder written before; ``FormatError`` names the file and the place."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted of a record: where it belongs and how much is in it."""

    uid: str
    split: str | None
    article: str
    story: str | None
    cluster: str | None
    spans: int
    relations: int


class WholeFormat(Format, Protocol):
    """A format that keeps everything: it takes and gives canonical lines as they are."""

    def write_lines(self, lines: Iterable[str], sink: Sink) -> Losses:
        """Write canonical lines, each of them in the file of its split."""
        ...

    def read_lines(self, folder: Path) -> Iterator[tuple[str, Facts]]:
        """The lines again, with what is counted of each."""
        ...


def split_of(record: Record) -> str:
    """The part of the dataset a record belongs to, as files name it."""
    split = record["split"]
    return "all" if split is None else str(split)


def split_named(name: str) -> str | None:
    """The other way round: a split from the name of a file or folder."""
    return None if name == "all" else name


def gold_of(record: Record) -> Mapping[str, Any]:
    """What was settled of a record; three empty lists when nothing was."""
    gold = record["gold"]
    return gold if gold is not None else {"spans": [], "relations": [], "choices": []}


def text_of(record: Record, form: str) -> str:
    """The passage's text.

    Raises:
        FormatError: the release holds offsets only, which this format cannot express.
    """
    text = record["passage"]["text"]
    if text is None:
        raise FormatError(
            f"The {form} format needs the text, and this release holds offsets only.",
            remedy="Export it as jsonl, parquet, csv or w3c.",
        )
    return str(text)


def where(record: Record, span: Mapping[str, Any] | None = None) -> str:
    """Name a place in a report: the passage, and the span in it."""
    uid = str(record["passage"]["uid"])
    return uid if span is None else f"{uid} {span['start']}–{span['end']} {span['label']}"


def note_annotators(losses: Losses, record: Record) -> None:
    """Say that a format leaves out the annotators' own layers."""
    if n := len(record["annotations"]):
        why = "The annotators' own layers are in the jsonl and parquet files only."
        losses.add("annotator_layers", why, where(record), n)


def note_parts(losses: Losses, record: Record, *parts: str) -> None:
    """Say that relations, or choices, have no place in a format."""
    for part in parts:
        if n := len(gold_of(record)[part]):
            losses.add(part, f"This format has no place for {part}.", where(record), n)


class Parts:
    """One file a split, each opened when it is first needed.

    Args:
        sink: where they go.
        pattern: the file's name with ``{}`` for the split.
    """

    def __init__(self, sink: Sink, pattern: str) -> None:
        self._sink, self._pattern = sink, pattern
        self._stack = ExitStack()
        self._open: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Self:
        self._stack.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def of(self, split: str) -> IO[bytes]:
        """The split's file."""
        if split not in self._open:
            file = self._sink.open(self._pattern.format(split))
            self._open[split] = self._stack.enter_context(file)
        return self._open[split]


def part_files(folder: Path, pattern: str) -> Iterator[tuple[str | None, Path]]:
    """The files that ``Parts`` wrote, with the split of each, in the order of ``SPLITS``."""
    for split in SPLITS:
        path = folder / pattern.format(split)
        if path.is_file():
            yield split_named(split), path


def read_json_lines(
    folder: Path, pattern: str, item_of: Callable[[dict[str, Any], str | None], Item]
) -> Iterator[Item]:
    """Read the JSON Lines that ``Parts`` wrote, a line an item.

    Args:
        folder: where they are.
        pattern: the files' names with ``{}`` for the split.
        item_of: makes an item of a line and the split it is in.

    Raises:
        FormatError: a line is not as it was written; file and line are named.
    """
    for split, path in part_files(folder, pattern):
        with path.open("rb") as file:
            for n, raw in enumerate(file, start=1):
                try:
                    yield item_of(json.loads(raw), split)
                except (ValueError, KeyError, TypeError) as err:
                    raise FormatError(f"{path.name}, line {n}: {err!r}.") from err
