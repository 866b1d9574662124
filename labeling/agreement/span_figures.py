"""The figures of one layer of spans, from the counts of its passages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labeling.agreement.coefficients import alpha
from labeling.agreement.figures import (
    NO_CHANCE,
    NOBODY,
    NOTHING,
    SEED,
    Key,
    Sums,
    make_figure,
    ratio,
)
from labeling.agreement.tokens import JOINED
from labeling.types import Layer

if TYPE_CHECKING:
    from labeling.agreement.figures import Floats

Pair = tuple[str, str]
CountRow = tuple[str, Mapping[str, Any]]
"""An article, and what ``comparison`` counted of one layer in one of its passages."""

MOST_PAIRS = 66
"""With more pairs than those of twelve annotators, pairs are not split by label."""


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
        rows = list(rows)
        self.shared = Counter(
            (pair["a"], pair["b"]) for _, counts in rows for pair in counts["pairs"]
        )
        self.by_label = len(self.shared) <= MOST_PAIRS
        for article, counts in rows:
            self._take(self.sums.row(article), counts)
        self.sums.draw()

    def _take(self, row: dict[Key, float], counts: Mapping[str, Any]) -> None:
        marks, pairs = counts["marks"], counts["pairs"]
        self.spans += sum(n for each in marks.values() for n in each.values())
        for label, kinds in counts["kinds"].items():
            self.kinds.setdefault(label, Counter()).update(kinds)
        if not pairs:
            return
        self.passages += 1
        row["tokens",] += sum(n for _, _, n in pairs[0]["tokens"])
        for each in marks.values():
            for label, n in each.items():
                row["spans", label] += n
        for pair in pairs:
            self._take_pair(row, pair, marks)
            for a, b, n in pair["tokens"]:
                # Every pair of a token's values counts 1/(m-1) of it.
                row["token", a, b] += n / (len(marks) - 1)
            if not self.brief:
                self._take_more(row, pair)

    def _take_pair(
        self, row: dict[Key, float], counts: Mapping[str, Any], marks: Mapping[str, Any]
    ) -> None:
        pair = None if self.brief else (counts["a"], counts["b"])
        for who in (counts["a"], counts["b"]):
            for label, n in marks[who].items():
                self._count(row, "sides", label, pair, n)
        for label, n in counts.get("exact", {}).items():
            self._count(row, "exact", label, pair, n)
        if counts.get("partial"):
            row["partial",] += counts["partial"]
            for name in ("good", "partial_same"):
                for label, n in counts[name].items():
                    row[name, label] += n

    def _count(
        self, row: dict[Key, float], counted: str, label: str, pair: Pair | None, n: float
    ) -> None:
        if self.by_label:
            row[counted, label, pair] += n
        else:
            row[counted, label, None] += n
            row[counted, "", pair] += n

    def _take_more(self, row: dict[Key, float], counts: Mapping[str, Any]) -> None:
        pair = counts["a"], counts["b"]
        for a, b, n in counts["tokens"]:
            row["token of", pair, a, b] += n
        self.met.setdefault(pair, Counter()).update(
            {(a, b): n for a, b, n in counts.get("met", ())}
        )
        for name, table in counts.get("attrs", {}).items():
            for a, b, n in table:
                row["attr", name, a, b] += n
        for name in ("speaker", "links"):
            for at, n in enumerate(counts.get(name, ())):
                row[name, at] += n
        for voice, (twins, n) in counts.get("voices", {}).items():
            row["voice", voice] += n
            row["voice twins", voice] += twins

    def brief_json(self) -> dict[str, Any]:
        """What a slice shows."""
        return {
            "passages": self.passages,
            "f1_exact": self.f1_exact(),
            "alpha_token": self.alpha(),
        }

    def as_json(self) -> dict[str, Any]:
        """Everything, ready to be kept."""
        return {
            "kind": "spans",
            "n_spans": self.spans,
            "passages": self.passages,
            "f1_exact": self.f1_exact(),
            "f1_iou50": self._good(),
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

    def f1_values(self) -> Floats:
        """Exact F1 over all labels and pairs: twice what both marked, of what each marked."""
        return ratio(2 * self._pairs_sum("exact"), self._pairs_sum("sides"))

    def f1_exact(self) -> dict[str, Any]:
        """The figure of it."""
        return self._figure(self.f1_values(), self._spans(), NOTHING)

    def alpha(self) -> dict[str, Any]:
        """Krippendorff's alpha over tokens."""
        return self._figure(
            self._token_alpha(self.sums.keys_of("token")), self._tokens(), NO_CHANCE
        )

    def _good(self) -> dict[str, Any]:
        found = self.sums.sum(self.sums.keys_of("good"))
        return self._figure(ratio(2 * found, self._pairs_sum("sides")), self._spans(), NOTHING)

    def _partial(self) -> dict[str, Any]:
        value = ratio(2 * self.sums.of(("partial",)), self._pairs_sum("sides"))
        return self._figure(value, self._spans(), NOTHING)

    def _label(self, label: str) -> dict[str, Any]:
        sides = self._of_label("sides", label)
        n = float(self.sums.of(("spans", label))[0])
        parts = {
            "f1_exact": self._of_label("exact", label),
            "f1_iou50": self.sums.of(("good", label)),
            "f1_partial": self.sums.of(("partial_same", label)),
        }
        alpha_token = self._token_alpha(self.sums.keys_of("token"), label)
        return {
            "label": label,
            "n_spans": round(n),
            "kinds": dict(self.kinds.get(label, {})),
            **{
                name: self._figure(ratio(2 * part, sides), n, NOTHING)
                for name, part in parts.items()
            },
            "alpha_token": self._figure(alpha_token, self._tokens(), NO_CHANCE),
        }

    def _token_alpha(self, keys: Sequence[Key], label: str | None = None) -> Floats:
        """Alpha of the tokens that keys count by two values, which stand last in them.

        Args:
            keys: the keys.
            label: only whether the label is over a token or not; None: which labels are.
        """
        totals: dict[Any, list[Key]] = {}
        differing: list[Key] = []
        for key in keys:
            a, b = (_value(one, label) for one in key[-2:])
            for value in (a, b):
                totals.setdefault(value, []).append(key)
            if a != b:
                differing.append(key)
        columns = [self.sums.sum(held) for _, held in sorted(totals.items())]
        return alpha(2 * self.sums.sum(differing), _side_by_side(columns or [self.sums.sum([])]))

    def _pair(self, pair: Pair) -> dict[str, Any]:
        sides = self._of_pair("sides", pair)
        value = ratio(2 * self._of_pair("exact", pair), sides)
        tokens = [key for key in self.sums.keys_of("token of") if key[1] == pair]
        n = float(self.sums.sum(tokens)[0])
        return {
            "a": pair[0],
            "b": pair[1],
            "n": self.shared[pair],
            "f1_exact": self._figure(value, float(sides[0]), NOTHING),
            "alpha_token": self._figure(self._token_alpha(tokens), n, NO_CHANCE),
            "labels": self._pair_labels(pair) if self.by_label else {},
        }

    def _with_others(self, name: str) -> dict[str, Any]:
        """F1 of one annotator's pairs, taken together."""
        own = [pair for pair in self.shared if name in pair]
        found, sides = (
            sum((self._of_pair(counted, pair) for pair in own), self.sums.sum([]))
            for counted in ("exact", "sides")
        )
        return self._figure(ratio(2 * found, sides), float(sides[0]), NOTHING)

    def _pair_labels(self, pair: Pair) -> dict[str, Any]:
        found = {}
        for label in self.layer.labels:
            sides = self.sums.of(("sides", label, pair))
            if sides[0]:
                value = ratio(2 * self.sums.of(("exact", label, pair)), sides)
                found[label] = self._figure(value, float(sides[0]), NOTHING)
        return found

    def _attributes(self) -> list[dict[str, Any]]:
        tables: dict[str, list[Key]] = {}
        for key in self.sums.keys_of("attr"):
            tables.setdefault(key[1], []).append(key)
        found = []
        for name, keys in tables.items():
            n = self.sums.sum(keys)
            same = self.sums.sum(key for key in keys if key[2] == key[3])
            found.append(
                {
                    "name": name,
                    "percent": self._figure(ratio(same, n), float(n[0]), NOTHING),
                    "alpha_nominal": self._figure(self._token_alpha(keys), float(n[0]), NO_CHANCE),
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

    def _pairs_sum(self, counted: str) -> Floats:
        """A count of all pairs and labels; with many pairs it is kept by either, not by both."""
        keys = self.sums.keys_of(counted)
        return self.sums.sum(key for key in keys if self.by_label or key[1] == "")

    def _of_label(self, counted: str, label: str) -> Floats:
        return self.sums.sum(key for key in self.sums.keys_of(counted) if key[1] == label)

    def _of_pair(self, counted: str, pair: Pair) -> Floats:
        return self.sums.sum(key for key in self.sums.keys_of(counted) if key[2] == pair)

    def _spans(self) -> float:
        return float(self.sums.sum(self.sums.keys_of("spans"))[0])

    def _tokens(self) -> float:
        return float(self.sums.of(("tokens",))[0])

    def _figure(self, values: Floats, n: float, undefined: str) -> dict[str, Any]:
        if not self.shared:
            return make_figure(values, 0, undefined=NOBODY).as_json()
        return make_figure(values, n, undefined=undefined).as_json()


def _value(labels: str, label: str | None) -> str | bool:
    """A token's value: the labels over it, or whether this label is among them."""
    return labels if label is None else label in labels.split(JOINED)


def _side_by_side(columns: Sequence[Floats]) -> Floats:
    import numpy as np

    found: Floats = np.stack(columns, axis=-1)
    return found
