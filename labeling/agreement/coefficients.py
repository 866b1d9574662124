"""The coefficients themselves, from sums: each works on one set of sums or on many at once.

Sums may have any leading axes (such as one a bootstrap sample); where a coefficient is not
defined the value is NaN. Sources: Krippendorff 2011, Computing Krippendorff's
Alpha-Reliability; Cohen 1960, A coefficient of agreement for nominal scales; Fleiss 1971,
Measuring nominal scale agreement among many raters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class UnitSums(NamedTuple):
    """What one unit with its ratings adds to the sums of alpha and of Fleiss' kappa.

    Args:
        counts: how often each value was given.
        disagreement: Krippendorff's observed disagreement, in ratings.
        agreeing, pairs: pairs of raters who gave the same value, and all pairs.
    """

    counts: dict[Any, int]
    disagreement: float
    agreeing: int
    pairs: int


def unit_sums(ratings: Sequence[Hashable]) -> UnitSums | None:
    """The sums of one unit; None where fewer than two rated it, for then nothing is paired."""
    m = len(ratings)
    if m < 2:
        return None
    counts = dict(Counter(ratings))
    squares = sum(n * n for n in counts.values())
    return UnitSums(counts, (m * m - squares) / (m - 1), (squares - m) // 2, m * (m - 1) // 2)


def alpha(disagreement: Any, totals: Any) -> Floats:
    """Krippendorff's alpha for nominal values.

    Args:
        disagreement: the sum of the units' observed disagreement.
        totals: how often each value was given in units with two ratings or more; the last
            axis holds the values.

    Returns:
        At most 1; 1 is perfect, 0 is chance, NaN where only one value was ever given.
    """
    import numpy as np

    totals = np.asarray(totals, dtype=float)
    n = totals.sum(axis=-1)
    expected = n * n - (totals * totals).sum(axis=-1)
    return 1 - _ratio((n - 1) * np.asarray(disagreement, dtype=float), expected)


def cohen_kappa(agreeing: Any, units: Any, first: Any, second: Any) -> Floats:
    """Cohen's kappa of two raters.

    Args:
        agreeing: units to which both gave the same value.
        units: units both rated.
        first, second: how often either rater gave each value; the last axis holds the
            values, the same for both.

    Returns:
        At most 1; NaN where both gave one and the same value throughout.
    """
    import numpy as np

    units = np.asarray(units, dtype=float)
    by_chance = _ratio((np.asarray(first, float) * np.asarray(second, float)).sum(-1), units**2)
    return _above_chance(_ratio(np.asarray(agreeing, dtype=float), units), by_chance)


def fleiss_kappa(shares: Any, units: Any, totals: Any) -> Floats:
    """Fleiss' kappa of several raters, who need not be the same for every unit.

    With two raters it is Scott's pi.

    Args:
        shares: the sum over units of the share of agreeing pairs of raters.
        units: units with two ratings or more.
        totals: how often each value was given in them; the last axis holds the values.
    """
    import numpy as np

    totals = np.asarray(totals, dtype=float)
    n = totals.sum(axis=-1)
    by_chance = _ratio((totals * totals).sum(axis=-1), n * n)
    return _above_chance(_ratio(np.asarray(shares, dtype=float), np.asarray(units)), by_chance)


def _above_chance(observed: Floats, by_chance: Floats) -> Floats:
    return _ratio(observed - by_chance, 1 - by_chance)


def _ratio(part: Any, whole: Any) -> Floats:
    """A quotient; NaN where there is nothing to divide by."""
    import numpy as np

    part, whole = np.broadcast_arrays(np.asarray(part, float), np.asarray(whole, float))
    found = np.full(part.shape, np.nan)
    # Sums of many shares may miss zero by a rounding error.
    np.divide(part, whole, out=found, where=np.abs(whole) > 1e-12)
    return found
