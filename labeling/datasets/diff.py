"""What changed between two releases, said in records, spans and splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from labeling.datasets.formats.base import Record, gold_of, split_of
from labeling.datasets.records import to_json_line

RECORD_CHANGES = ("added", "removed", "changed")
SPAN_CHANGES = ("added", "removed", "moved", "relabelled", "attributes")
_MOST_CHANGES = 10_000

Span = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SpanChange:
    """One span that is not as it was. ``before`` is None when added, ``after`` when removed."""

    kind: str
    passage: str
    before: Span | None
    after: Span | None


@dataclass(slots=True)
class Difference:
    """All that changed. ``changes`` and ``changed`` hold the first 10,000; the counts hold all.

    ``labels`` is, for each layer and label, how many spans more (or fewer) there are now.
    ``splits`` counts records that moved, by ``"train → test"``.
    """

    records: Counter[str] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: list[SpanChange] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The counts, in the shape of ``datasets diff``."""
        return {
            "records": {kind: self.records[kind] for kind in RECORD_CHANGES},
            "spans": {kind: self.spans[kind] for kind in SPAN_CHANGES},
            "splits": dict(sorted(self.splits.items())),
            "labels": [
                {"layer": layer, "label": label, "delta": n}
                for (layer, label), n in sorted(self.labels.items())
                if n
            ],
        }


def diff_records(before: Iterable[Record], after: Iterable[Record]) -> Difference:
    """Compare two releases in one pass.

    Args:
        before, after: their records, each in the order of their uids.

    Returns:
        The difference. Every gold span of either side is the same as one of the other, or is
        counted in exactly one kind of change.
    """
    difference = Difference()
    for old, new in _paired(before, after):
        if old is None or new is None:
            kind = "added" if old is None else "removed"
        elif to_json_line(dict(old)) == to_json_line(dict(new)):
            continue
        else:
            kind = "changed"
            if split_of(old) != split_of(new):
                difference.splits[f"{split_of(old)} → {split_of(new)}"] += 1
        _compare(kind, old, new, difference)
    return difference


def _paired(
    before: Iterable[Record], after: Iterable[Record]
) -> Iterator[tuple[Record | None, Record | None]]:
    olds, news = iter(before), iter(after)
    old, new = next(olds, None), next(news, None)
    while old is not None or new is not None:
        uid = min(one["passage"]["uid"] for one in (old, new) if one is not None)
        here = old if old is not None and old["passage"]["uid"] == uid else None
        there = new if new is not None and new["passage"]["uid"] == uid else None
        yield here, there
        old = next(olds, None) if here is not None else old
        new = next(news, None) if there is not None else new


def _compare(kind: str, old: Record | None, new: Record | None, difference: Difference) -> None:
    passage = (new or old or {})["passage"]["uid"]
    difference.records[kind] += 1
    if len(difference.changed) < _MOST_CHANGES:
        difference.changed.append((kind, passage))
    olds = [] if old is None else list(gold_of(old)["spans"])
    news = [] if new is None else list(gold_of(new)["spans"])
    for sign, spans in ((-1, olds), (1, news)):
        for span in spans:
            difference.labels[span["layer"], span["label"]] += sign
    for change, was, now in _changes(olds, news):
        difference.spans[change] += 1
        if len(difference.changes) < _MOST_CHANGES:
            difference.changes.append(SpanChange(change, passage, was, now))


def _changes(olds: list[Span], news: list[Span]) -> Iterator[tuple[str, Span | None, Span | None]]:
    """Match the nearest first: the same span, its attributes, its label, its place."""
    _take(olds, news, _content)
    yield from (("attributes", old, new) for old, new in _take(olds, news, _labelled_place))
    yield from (("relabelled", old, new) for old, new in _take(olds, news, _place))
    yield from (("moved", old, new) for old, new in _overlapping(olds, news))
    yield from (("removed", old, None) for old in olds)
    yield from (("added", None, new) for new in news)


def _take(olds: list[Span], news: list[Span], key: Any) -> list[tuple[Span, Span]]:
    """Pair, and take out of both lists, spans of the same key."""
    pairs = []
    for old in list(olds):
        new = next((one for one in news if key(one) == key(old)), None)
        if new is not None:
            olds.remove(old)
            news.remove(new)
            pairs.append((old, new))
    return pairs


def _overlapping(olds: list[Span], news: list[Span]) -> list[tuple[Span, Span]]:
    """Pair spans of one layer and label that overlap, those that share most first."""
    shared = sorted(
        (
            (-min(old["end"], new["end"]) + max(old["start"], new["start"]), n, m)
            for n, old in enumerate(olds)
            for m, new in enumerate(news)
            if (old["layer"], old["label"]) == (new["layer"], new["label"])
        ),
    )
    pairs, used_old, used_new = [], set(), set()
    for overlap, n, m in shared:
        if overlap < 0 and n not in used_old and m not in used_new:
            used_old.add(n)
            used_new.add(m)
            pairs.append((olds[n], news[m]))
    olds[:] = [span for n, span in enumerate(olds) if n not in used_old]
    news[:] = [span for m, span in enumerate(news) if m not in used_new]
    return pairs


def _place(span: Span) -> Any:
    return span["layer"], span["start"], span["end"]


def _labelled_place(span: Span) -> Any:
    return *_place(span), span["label"]


def _content(span: Span) -> Any:
    return *_labelled_place(span), span["attrs"], span["voice"]
