"""Figures: a value, its 95 % interval and how many units it rests on, or why there is none.

The interval comes from a bootstrap over articles: passages of one article resemble each
other, so they are drawn together. Every figure is a function of sums over articles, so a
thousand samples are one product of matrices. The draws are seeded: the same rows give the
same intervals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Key = tuple[Any, ...]

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
    """Sums by article and key, and what the samples make of them.

    A key is a tuple that begins with what it counts.
    """

    def __init__(self, seed: int = SEED) -> None:
        self._seed = seed
        self._articles: dict[str, dict[Key, float]] = {}
        self._keys: dict[Key, int] = {}
        self._counted: dict[str, list[Key]] = {}
        self._drawn: Floats | None = None

    def row(self, article: str) -> dict[Key, float]:
        """The sums of an article; it is drawn from then on, whether anything is added or not."""
        return self._articles.setdefault(article, defaultdict(float))

    def draw(self) -> None:
        """Draw the samples; nothing is added afterwards."""
        import numpy as np

        rows = list(self._articles.values())
        every = dict.fromkeys(key for row in rows for key in row)
        self._keys = {key: at for at, key in enumerate(every)}
        for key in sorted(every):
            self._counted.setdefault(key[0], []).append(key)
        table: Floats = np.zeros((max(len(rows), 1), len(every)))
        for at, row in enumerate(rows):
            if row:
                table[at, [self._keys[key] for key in row]] = list(row.values())
        if len(rows) > 1:
            self._drawn = resample(table, seed=self._seed)
        else:
            self._drawn = table.sum(axis=0, keepdims=True)

    def of(self, key: Key) -> Floats:
        """The sum of a key: over all articles, then over each sample."""
        return self.vector([key])[:, 0]

    def sum(self, keys: Iterable[Key]) -> Floats:
        """The sums of several keys added up."""
        total: Floats = self.vector(list(keys)).sum(axis=-1)
        return total

    def vector(self, keys: Sequence[Key]) -> Floats:
        """The sums of several keys side by side, on the last axis; 0 where a key never came."""
        import numpy as np

        assert self._drawn is not None, "draw first"  # noqa: S101
        columns = [at for at, key in enumerate(keys) if key in self._keys]
        found: Floats = np.zeros((len(self._drawn), max(len(keys), 1)))
        found[:, columns] = self._drawn[:, [self._keys[keys[at]] for at in columns]]
        return found

    def keys_of(self, counted: str) -> list[Key]:
        """The keys that begin with ``counted``, sorted."""
        return self._counted.get(counted, [])


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
