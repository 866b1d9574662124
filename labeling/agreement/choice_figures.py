"""The figures of one question about the whole passage, from the answers to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from labeling.agreement.coefficients import alpha, cohen_kappa, fleiss_kappa, unit_sums
from labeling.agreement.figures import NO_CHANCE, NOBODY, SEED, Key, Sums, make_figure, ratio
from labeling.types import Layer

if TYPE_CHECKING:
    from labeling.agreement.figures import Floats

Pair = tuple[str, str]
FREE_WORDS = "answers in free words are not compared"


class ChoiceFigures:
    """Adds up the answers to one question, then gives its figures.

    Args:
        layer: the layer.
        rows: the article and the counts of each passage.
        brief: only the figures a slice shows.
        seed: for the samples; two slices that are compared need two.
    """

    def __init__(
        self,
        layer: Layer,
        rows: Iterable[tuple[str, Mapping[str, Any]]],
        *,
        brief: bool = False,
        seed: int = SEED,
    ) -> None:
        self.layer = layer
        self.closed = bool(layer.labels)
        self.sums = Sums(seed)
        self.answers = 0
        self.units = 0
        self.met: dict[Pair, Counter[tuple[str, str]]] = {}
        self.kinds: Counter[str] = Counter()
        for article, counts in rows:
            said = counts["said"]
            self.answers += len(said)
            self.kinds.update([counts["kind"]] if said else [])
            self.units += len(said) > 1
            if self.closed:
                self._take(self.sums.row(article), said, brief=brief)
        self.sums.draw()

    def _take(self, row: dict[Key, float], said: Mapping[str, str], *, brief: bool) -> None:
        unit = unit_sums(list(said.values()))
        if unit is None:
            return
        for value, n in unit.counts.items():
            row["value", value] += n
        row["differ",] += unit.disagreement
        row["agreeing",] += unit.agreeing
        row["pairs",] += unit.pairs
        row["share",] += unit.agreeing / unit.pairs
        row["units",] += 1
        if not brief:
            for pair in combinations(sorted(said), 2):
                self._take_pair(row, pair, (said[pair[0]], said[pair[1]]))

    def _take_pair(self, row: dict[Key, float], pair: Pair, values: tuple[str, str]) -> None:
        self.met.setdefault(pair, Counter())[values] += 1
        row["units of", pair] += 1
        row["agreeing of", pair] += values[0] == values[1]
        for side, value in enumerate(values):
            row["value of", pair, side, value] += 1

    def brief_json(self) -> dict[str, Any]:
        """What a slice shows."""
        return {
            "passages": self.units,
            "percent": self._figure(self.percent_values(), NO_CHANCE),
            "alpha_nominal": self._alpha(),
        }

    def as_json(self) -> dict[str, Any]:
        """Everything, ready to be kept."""
        return {
            "kind": "choice",
            "n": self.units,
            "answers": self.answers,
            "percent": self._figure(self.percent_values(), NO_CHANCE),
            "alpha_nominal": self._alpha(),
            "kappa": self._kappa(),
            "kinds": dict(self.kinds),
            "pairs": [self._pair(pair) for pair in sorted(self.met)],
            "annotators": [
                {"annotator": name, "percent": self._with_others(name)}
                for name in sorted({name for pair in self.met for name in pair})
            ],
            "confusion": [
                {"a": a, "b": b, "cells": [[x, y, n] for (x, y), n in sorted(cells.items())]}
                for (a, b), cells in sorted(self.met.items())
            ],
        }

    def main_values(self) -> Floats:
        """The figure by which slices are compared, over all articles and over each sample."""
        return self.percent_values()

    def percent_values(self) -> Floats:
        """The share of pairs of answers that agree."""
        return ratio(self.sums.of(("agreeing",)), self.sums.of(("pairs",)))

    def _alpha(self) -> dict[str, Any]:
        totals = self.sums.vector(self.sums.keys_of("value"))
        return self._figure(alpha(self.sums.of(("differ",)), totals), NO_CHANCE)

    def _kappa(self) -> dict[str, Any]:
        """Cohen's for two annotators, Fleiss' for more."""
        if len(self.met) == 1:
            return self._figure(self._cohen(next(iter(self.met))), NO_CHANCE)
        totals = self.sums.vector(self.sums.keys_of("value"))
        values = fleiss_kappa(self.sums.of(("share",)), self.sums.of(("units",)), totals)
        return self._figure(values, NO_CHANCE)

    def _cohen(self, pair: Pair) -> Floats:
        given = sorted({key[3] for key in self.sums.keys_of("value of") if key[1] == pair})
        sides = [
            self.sums.vector([("value of", pair, side, value) for value in given])
            for side in (0, 1)
        ]
        units = self.sums.of(("units of", pair))
        return cohen_kappa(self.sums.of(("agreeing of", pair)), units, *sides)

    def _with_others(self, name: str) -> dict[str, Any]:
        """The share of one annotator's pairs of answers that agree."""
        own = [pair for pair in self.met if name in pair]
        same = self.sums.sum(("agreeing of", pair) for pair in own)
        units = self.sums.sum(("units of", pair) for pair in own)
        return make_figure(ratio(same, units), float(units[0]), undefined=NO_CHANCE).as_json()

    def _pair(self, pair: Pair) -> dict[str, Any]:
        units = self.sums.of(("units of", pair))
        percent = ratio(self.sums.of(("agreeing of", pair)), units)
        n = float(units[0])
        return {
            "a": pair[0],
            "b": pair[1],
            "n": round(n),
            "percent": make_figure(percent, n, undefined=NO_CHANCE).as_json(),
            "kappa": make_figure(self._cohen(pair), n, undefined=NO_CHANCE).as_json(),
        }

    def _figure(self, values: Floats, undefined: str) -> dict[str, Any]:
        reason = undefined if self.closed else FREE_WORDS
        n = self.units if self.closed else 0
        return make_figure(values, n, undefined=reason if self.units else NOBODY).as_json()
