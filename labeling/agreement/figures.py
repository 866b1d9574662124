"""Figures: a value, its 95 % interval and how many units it rests on, or why there is none.

The interval comes from a bootstrap over articles: passages of one article resemble each
other, so they are drawn together. Every figure is a function of sums over articles, so a
thousand samples are one product of matrices. The draws are seeded: the same rows give the
same intervals.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SAMPLES = 1000
SEED = 20260209
FEWEST_UNITS = 30
TOO_FEW = "too few"
NOBODY = "nobody to compare with"
NOTHING = "nothing marked"
NO_CHANCE = "only one value given"
ONE_ARTICLE = "one article, no interval"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value between its bounds, or None with the reason. ``n`` counts units."""

    value: float | None
    ci95: tuple[float, float] | None
    n: int
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The figure as every answer and page carries it."""
        if self.value is None or self.ci95 is None:
            return {"value": None, "ci95": None, "n": self.n, "reason": self.reason}
        return {"value": self.value, "ci95": list(self.ci95), "n": self.n}


def make_figure(values: Any, n: float, *, undefined: str) -> Figure:
    """A figure from its value over all articles and over each sample.

    Args:
        values: the value itself, then those of the samples; no samples where there is only
            one article.
        n: how many units it rests on.
        undefined: why the value is NaN, if it is.
    """
    import numpy as np

    units = round(n)
    value = float(values[0])
    if 0 < units < FEWEST_UNITS:
        return Figure(None, None, units, TOO_FEW)
    if units == 0 or np.isnan(value):
        return Figure(None, None, units, undefined)
    drawn = np.asarray(values[1:])
    drawn = drawn[~np.isnan(drawn)]
    if not len(drawn):
        return Figure(None, None, units, ONE_ARTICLE)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Figure(_rounded(value), (_rounded(low), _rounded(high)), units)


class Sums:
    """Sums by article and key, and what the samples make of them."""

    def __init__(self, seed: int = SEED) -> None:
        self._seed = seed
        self._articles: dict[Hashable, int] = {}
        self._keys: dict[Hashable, int] = {}
        self._places: list[tuple[int, int]] = []
        self._values: list[float] = []
        self._drawn: Floats | None = None

    def row(self, article: Hashable) -> int:
        """The row of an article; it is one from then on, whether anything is added or not."""
        return self._articles.setdefault(article, len(self._articles))

    def add(self, row: int, key: Hashable, value: float) -> None:
        """Add to the sum of a key in an article's row."""
        self._places.append((row, self._keys.setdefault(key, len(self._keys))))
        self._values.append(value)

    def draw(self) -> None:
        """Draw the samples; nothing is added afterwards."""
        import numpy as np

        rows, columns = len(self._articles), len(self._keys)
        table: Floats = np.zeros((max(rows, 1), columns))
        if self._places:
            at = np.asarray(self._places)
            np.add.at(table, (at[:, 0], at[:, 1]), self._values)
        if rows > 1:
            self._drawn = resample(table, seed=self._seed)
        else:
            self._drawn = table.sum(axis=0, keepdims=True)

    def of(self, key: Hashable) -> Floats:
        """The sum of a key: over all articles, then over each sample."""
        import numpy as np

        assert self._drawn is not None, "draw first"  # noqa: S101
        at = self._keys.get(key)
        return np.zeros(len(self._drawn)) if at is None else self._drawn[:, at]

    def total(self, key: Hashable) -> float:
        """The sum of a key over all articles."""
        return float(self.of(key)[0])

    def vector(self, keys: Sequence[Hashable]) -> Floats:
        """The sums of several keys side by side, on the last axis."""
        import numpy as np

        if not keys:
            return np.zeros((len(self.of(None)), 1))
        return np.stack([self.of(key) for key in keys], axis=-1)

    def keys_of(self, first: Hashable) -> list[Any]:
        """The keys that begin with ``first``, sorted."""
        return sorted(key for key in self._keys if isinstance(key, tuple) and key[0] == first)


def resample(table: Floats, samples: int = SAMPLES, *, seed: int = SEED) -> Floats:
    """The column sums of a table over all its rows, then over each bootstrap sample.

    Args:
        table: articles × sums.
        samples: how many samples to draw.
        seed: the same seed draws alike.

    Returns:
        (1 + samples) × sums.
    """
    import numpy as np

    rows = len(table)
    chance = np.random.default_rng(seed)
    drawn = [table.sum(axis=0, keepdims=True)]
    # In pieces, so that no more than some ten megabytes of draws are held at a time.
    at_once = max(1, min(samples, 2_000_000 // rows))
    narrow = table.astype(np.float32)
    for first in range(0, samples, at_once):
        piece = min(at_once, samples - first)
        picked = chance.integers(0, rows, size=(piece, rows), dtype=np.int32)
        picked += np.arange(piece, dtype=np.int32)[:, None] * rows
        weights = np.bincount(picked.ravel(), minlength=piece * rows).reshape(piece, rows)
        drawn.append((weights.astype(np.float32) @ narrow).astype(float))
    return np.concatenate(drawn)


def ratio(part: Floats, whole: Floats) -> Floats:
    """A share, over all articles and over each sample; NaN where there is nothing."""
    import numpy as np

    found = np.full(len(whole), np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def _rounded(value: float) -> float:
    return round(float(value), 6)
