"""The figures of one layer of spans, from the counts of its passages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from labeling.agreement.coefficients import alpha
from labeling.agreement.figures import NO_CHANCE, NOBODY, NOTHING, SEED, Sums, make_figure, ratio
from labeling.agreement.tokens import JOINED, NO_SPAN
from labeling.types import Layer

if TYPE_CHECKING:
    from labeling.agreement.figures import Floats

Pair = tuple[str, str]
CountRow = tuple[str, Mapping[str, Any]]
"""An article, and what ``comparison`` counted of one layer in one of its passages."""

MOST_PAIRS = 66
"""With more pairs than those of twelve annotators, pairs are not split by label."""

MEASURES = {"f1_exact": "exact", "f1_iou50": "good", "f1_partial": "partial"}


class SpanFigures:
    """Adds up the counts of one layer of spans, then gives its figures.

    Args:
        layer: the layer.
        rows: the passages.
        brief: only the figures a slice shows.
        seed: for the samples; two slices that are compared need two.
    """

    def __init__(
        self, layer: Layer, rows: Iterable[CountRow], *, brief: bool = False, seed: int = SEED
    ) -> None:
        self.layer = layer
        self.brief = brief
        self.sums = Sums(seed)
        self.spans = 0
        self.passages = 0
        self.kinds: dict[str, Counter[str]] = {}
        self.met: dict[Pair, Counter[tuple[str, str]]] = {}
        self.shared: Counter[Pair] = Counter()
        for article, counts in rows:
            self._take(self.sums.row(article), counts)
        self.sums.draw()

    def _take(self, row: int, counts: Mapping[str, Any]) -> None:
        self.spans += sum(n for marks in counts["marks"].values() for n in marks.values())
        self.passages += len(counts["who"]) > 1
        for label, kinds in counts["kinds"].items():
            self.kinds.setdefault(label, Counter()).update(kinds)
        if not counts["pairs"]:
            return
        for marks in counts["marks"].values():
            for label, n in marks.items():
                self.sums.add(row, ("spans", label), n)
        others = len(counts["who"]) - 1
        self.sums.add(row, ("tokens",), sum(n for _, _, n in counts["pairs"][0]["tokens"]))
        for pair in counts["pairs"]:
            self._take_pair(row, pair, counts["marks"], others)

    def _take_pair(
        self, row: int, counts: Mapping[str, Any], marks: Mapping[str, Any], others: int
    ) -> None:
        pair = counts["a"], counts["b"]
        self.shared[pair] += 1
        add = self.sums.add
        for who in pair:
            for label, n in marks[who].items():
                add(row, ("sides", label), n)
                self._of_pair(row, pair, "sides", label, n)
        for name in ("exact", "good", "partial_same"):
            for label, n in counts.get(name, {}).items():
                add(row, (name, label), n)
                if name == "exact":
                    self._of_pair(row, pair, name, label, n)
        add(row, ("partial",), counts.get("partial", 0))
        self._take_tokens(row, pair, counts["tokens"], others)
        if not self.brief:
            self.met.setdefault(pair, Counter()).update(
                {(a, b): n for a, b, n in counts.get("met", ())}
            )
            self._take_more(row, counts)

    def _of_pair(self, row: int, pair: Pair, name: str, label: str, n: float) -> None:
        if not self.brief:
            self.sums.add(row, (f"{name} of", pair), n)
            self.sums.add(row, (f"{name} in", label, pair), n)

    def _take_tokens(self, row: int, pair: Pair, tokens: list[list[Any]], others: int) -> None:
        """Add a pair's tokens. Every pair of a token's values counts 1/(m-1) of it."""
        add = self.sums.add
        for a, b, n in tokens:
            part = n / others
            add(row, ("value", a), part)
            add(row, ("value", b), part)
            if a != b:
                add(row, ("differ",), 2 * part)
            if self.brief:
                continue
            add(row, ("value of", pair, a), n)
            add(row, ("value of", pair, b), n)
            if a != b:
                add(row, ("differ of", pair), 2 * n)
            mine, theirs = set(a.split(JOINED)), set(b.split(JOINED))
            for label in mine | theirs:
                if label != NO_SPAN:
                    add(row, ("inside", label), part * ((label in mine) + (label in theirs)))
                    if (label in mine) != (label in theirs):
                        add(row, ("differ in", label), 2 * part)

    def _take_more(self, row: int, counts: Mapping[str, Any]) -> None:
        add = self.sums.add
        for name, table in counts.get("attrs", {}).items():
            for a, b, n in table:
                add(row, ("attr", name), n)
                add(row, ("attr same", name), n if a == b else 0)
                add(row, ("attr value", name, a), n)
                add(row, ("attr value", name, b), n)
        for name in ("speaker", "links"):
            for at, n in enumerate(counts.get(name, ())):
                add(row, (name, at), n)
        for voice, (twins, n) in counts.get("voices", {}).items():
            add(row, ("voice", voice), n)
            add(row, ("voice twins", voice), twins)

    def brief_json(self) -> dict[str, Any]:
        """What a slice shows."""
        return {
            "passages": self.passages,
            "f1_exact": self.f1("exact"),
            "alpha_token": self.alpha(),
        }

    def as_json(self) -> dict[str, Any]:
        """Everything, ready to be kept."""
        return {
            "kind": "spans",
            "n_spans": self.spans,
            "passages": self.passages,
            "f1_exact": self.f1("exact"),
            "f1_iou50": self.f1("good"),
            "f1_partial": self._partial(),
            "alpha_token": self.alpha(),
            "labels": [self._label(label) for label in self.layer.labels],
            "pairs": [self._pair(pair) for pair in sorted(self.shared)],
            "annotators": [
                {"annotator": name, "f1_exact": self._with_others(name)}
                for name in sorted({name for pair in self.shared for name in pair})
            ],
            "kinds": dict(sum(self.kinds.values(), Counter())),
            "confusion": [
                {"a": a, "b": b, "cells": [[x, y, n] for (x, y), n in sorted(cells.items())]}
                for (a, b), cells in sorted(self.met.items())
            ],
            "attributes": self._attributes(),
            "speaker": self._share(("speaker", 0), ("speaker", 1)),
            "relations": self._relations(),
            "voices": self._voices(),
        }

    @property
    def units(self) -> int:
        """How many spans the figures rest on."""
        return round(self._spans())

    def main_values(self) -> Floats:
        """The figure by which slices are compared, over all articles and over each sample."""
        return self.f1_values()

    def f1_values(self, name: str = "exact") -> Floats:
        """An F1 over all labels and pairs: twice what was found, of what both sides marked."""
        found = self.sums.vector(self.sums.keys_of(name)).sum(axis=-1)
        return ratio(2 * found, self._sides())

    def f1(self, name: str) -> dict[str, Any]:
        """The figure of an F1."""
        return self._figure(self.f1_values(name), self._spans(), NOTHING)

    def alpha(self) -> dict[str, Any]:
        """Krippendorff's alpha over tokens."""
        totals = self.sums.vector(self.sums.keys_of("value"))
        value = alpha(self.sums.of(("differ",)), totals)
        return self._figure(value, self._tokens(), NO_CHANCE)

    def _partial(self) -> dict[str, Any]:
        value = ratio(2 * self.sums.of(("partial",)), self._sides())
        return self._figure(value, self._spans(), NOTHING)

    def _label(self, label: str) -> dict[str, Any]:
        sides = self.sums.of(("sides", label))
        n = self.sums.total(("spans", label))
        found = {"label": label, "n_spans": round(n), "kinds": dict(self.kinds.get(label, {}))}
        for figure, name in MEASURES.items():
            key = "partial_same" if name == "partial" else name
            value = ratio(2 * self.sums.of((key, label)), sides)
            found[figure] = self._figure(value, n, NOTHING)
        inside = self.sums.of(("inside", label))
        everything = self.sums.vector(self.sums.keys_of("value")).sum(axis=-1)
        differ = self.sums.of(("differ in", label))
        value = alpha(differ, _columns(inside, everything - inside))
        found["alpha_token"] = self._figure(value, self._tokens(), NO_CHANCE)
        return found

    def _pair(self, pair: Pair) -> dict[str, Any]:
        sides = self.sums.of(("sides of", pair))
        value = ratio(2 * self.sums.of(("exact of", pair)), sides)
        totals = self.sums.vector([k for k in self.sums.keys_of("value of") if k[1] == pair])
        tokens = float(totals[0].sum()) / 2
        differ = self.sums.of(("differ of", pair))
        return {
            "a": pair[0],
            "b": pair[1],
            "n": self.shared[pair],
            "f1_exact": self._figure(value, float(sides[0]), NOTHING),
            "alpha_token": self._figure(alpha(differ, totals), tokens, NO_CHANCE),
            "labels": self._pair_labels(pair) if len(self.shared) <= MOST_PAIRS else {},
        }

    def _with_others(self, name: str) -> dict[str, Any]:
        """F1 of one annotator's pairs, taken together."""
        own = [pair for pair in self.shared if name in pair]
        found = self.sums.vector([("exact of", pair) for pair in own]).sum(axis=-1)
        sides = self.sums.vector([("sides of", pair) for pair in own]).sum(axis=-1)
        return self._figure(ratio(2 * found, sides), float(sides[0]), NOTHING)

    def _pair_labels(self, pair: Pair) -> dict[str, Any]:
        found = {}
        for label in self.layer.labels:
            sides = self.sums.of(("sides in", label, pair))
            if sides[0]:
                value = ratio(2 * self.sums.of(("exact in", label, pair)), sides)
                found[label] = self._figure(value, float(sides[0]), NOTHING)
        return found

    def _attributes(self) -> list[dict[str, Any]]:
        found = []
        for _, name in self.sums.keys_of("attr"):
            n = self.sums.of(("attr", name))
            same = self.sums.of(("attr same", name))
            values = [k for k in self.sums.keys_of("attr value") if k[1] == name]
            value = alpha(2 * (n - same), self.sums.vector(values))
            found.append(
                {
                    "name": name,
                    "percent": self._figure(ratio(same, n), float(n[0]), NOTHING),
                    "alpha_nominal": self._figure(value, float(n[0]), NO_CHANCE),
                }
            )
        return found

    def _relations(self) -> dict[str, Any]:
        drawn = self.sums.of(("links", 1)) + self.sums.of(("links", 2))
        value = ratio(2 * self.sums.of(("links", 0)), drawn)
        return self._figure(value, float(drawn[0]), "no relation drawn")

    def _voices(self) -> list[dict[str, Any]]:
        return [
            {"voice": voice, "f1_exact": self._share(("voice twins", voice), ("voice", voice))}
            for _, voice in self.sums.keys_of("voice")
        ]

    def _share(self, part: Any, whole: Any) -> dict[str, Any]:
        n = self.sums.of(whole)
        return self._figure(ratio(self.sums.of(part), n), float(n[0]), NOTHING)

    def _sides(self) -> Floats:
        sides: Floats = self.sums.vector(self.sums.keys_of("sides")).sum(axis=-1)
        return sides

    def _spans(self) -> float:
        return float(self.sums.vector(self.sums.keys_of("spans"))[0].sum())

    def _tokens(self) -> float:
        return self.sums.total(("tokens",))

    def _figure(self, values: Floats, n: float, undefined: str) -> dict[str, Any]:
        if not self.shared:
            return make_figure(values, 0, undefined=NOBODY).as_json()
        return make_figure(values, n, undefined=undefined).as_json()


def _columns(*sums: Floats) -> Floats:
    import numpy as np

    side_by_side: Floats = np.stack(sums, axis=-1)
    return side_by_side
