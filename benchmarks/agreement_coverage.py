"""How often a 95 % interval holds the true value: simulated annotators whose agreement is known.

Articles differ in how hard they are, so passages of one article resemble each other; that is
what the bootstrap over articles is for. The true values are those of endless articles.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.figure import Figure
from labeling.agreement.coefficients import alpha
from labeling.agreement.figures import make_figure, ratio, resample

Floats = NDArray[np.float64]

RUNS = 1000
ARTICLES = 100


@dataclass(frozen=True)
class Model:
    """Draws the sums of articles, and makes the figure of them."""

    name: str
    draw: Callable[[np.random.Generator, int], Floats]
    value: Callable[[Floats], Floats]


def _spans(chance: np.random.Generator, articles: int) -> Floats:
    """Two annotators miss each of some spans, more of them in hard articles."""
    spans = chance.integers(1, 20, articles)
    seen = 1 - chance.beta(2, 6, articles)
    both = chance.binomial(spans, seen * seen)
    # Who marked one: both, or one of the two alone.
    alone = chance.binomial(spans - both, 2 * seen * (1 - seen) / (1 - seen * seen))
    return np.stack([2.0 * both, 2.0 * both + alone], axis=1)


def _tokens(chance: np.random.Generator, articles: int) -> Floats:
    """Two annotators label tokens; in hard articles more of the labels are slips."""
    tokens = chance.integers(50, 400, articles)
    inside = chance.binomial(tokens, 0.2)
    slip = chance.beta(2, 18, articles)
    lost = chance.binomial(inside, slip), chance.binomial(inside, slip)
    gained = chance.binomial(tokens - inside, slip / 4), chance.binomial(tokens - inside, slip / 4)
    # Slips of the two fall on tokens independently of each other.
    same_lost = chance.hypergeometric(lost[0], inside - lost[0], lost[1])
    same_gained = chance.hypergeometric(gained[0], tokens - inside - gained[0], gained[1])
    differ = lost[0] + lost[1] - 2 * same_lost + gained[0] + gained[1] - 2 * same_gained
    marked = 2 * inside - lost[0] - lost[1] + gained[0] + gained[1]
    return np.stack([2.0 * differ, marked, 2.0 * tokens - marked], axis=1)


F1 = Model("f1", _spans, lambda sums: ratio(sums[:, 0], sums[:, 1]))
ALPHA = Model("alpha", _tokens, lambda sums: alpha(sums[:, 0], sums[:, 1:]))


def coverage(model: Model, *, runs: int = RUNS, articles: int = ARTICLES) -> float:
    """The share of simulated runs whose interval holds the true value."""
    endless = model.draw(np.random.default_rng(1), 2_000_000)
    truth = float(model.value(endless.sum(axis=0, keepdims=True))[0])
    held = 0
    for run in range(runs):
        table = model.draw(np.random.default_rng(100 + run), articles)
        found = make_figure(model.value(resample(table)), 1000, undefined="")
        held += found.ci95[0] <= truth <= found.ci95[1]
    return held / runs


class Share(Figure):
    """A share of runs beside what it should be."""

    def line(self) -> str:
        ours, theirs = self.ours[0], self.theirs[0]
        return json.dumps(
            {
                "name": self.name,
                "ours": ours,
                "theirs": theirs,
                "ratio": round(ours / theirs, 3),
                "unit": self.unit,
                "n": RUNS,
            }
        )


def measure() -> Iterator[Figure]:
    """The coverage of both kinds of figures, beside the 95 % it is to be."""
    for model in (F1, ALPHA):
        yield Share(f"agreement_coverage_{model.name}", [coverage(model)], [0.95], "share")
