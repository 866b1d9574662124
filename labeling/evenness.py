"""Even-handedness: how often terms were labeled where somebody looked, and how sure that is.

A unit is one place of a term of the term bank as one annotator had it before them. Figures
are shown side by side; what they mean is for people to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from labeling.agreement.figures import FEWEST_UNITS, ONE_ARTICLE, TOO_FEW, Figure

NOBODY_LOOKED = "nobody looked"
EVERYBODY = "all annotators"
REVIEWERS = "decided"
DIMENSIONS = ("leans", "about", "outlet_lean", "leans_by_outlet", "voice")
# So many passages are kept of each row as examples, labeled and not.
EXAMPLES = 5

# The share of a normal distribution within so many deviations is 95 %.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Unit:
    """One place of a term before one pair of eyes.

    Args:
        who: an annotator's pseudonym, or ``REVIEWERS``.
        labeled: whether they took it for a loaded term.
        article: the article's uid: its places resemble each other.
        place: what is needed to show it.
        values: by dimension, what the place counts for.
    """

    who: str
    labeled: bool
    article: str
    place: dict[str, Any]
    values: dict[str, str]


@dataclass(slots=True)
class _Row:
    articles: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    examples: dict[bool, list[dict[str, Any]]] = field(
        default_factory=lambda: {True: [], False: []}
    )


class Tally:
    """Counts by dimension, value and annotator; units come in any order."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], _Row] = defaultdict(_Row)

    def add(self, units: Iterable[Unit]) -> None:
        """Count units."""
        for unit in units:
            people = (unit.who,) if unit.who == REVIEWERS else (unit.who, EVERYBODY)
            for dimension, value in unit.values.items():
                for who in people:
                    self._count(self._rows[dimension, value, who], unit)

    def report(self) -> dict[str, Any]:
        """Every figure with its n and interval, and passages behind it."""
        found: dict[str, list[dict[str, Any]]] = {dimension: [] for dimension in DIMENSIONS}
        for (dimension, value, who), row in sorted(self._rows.items()):
            found[dimension].append(
                {
                    "value": value,
                    "who": who,
                    "labeled": sum(k for k, _ in row.articles.values()),
                    "rate": rate_of([(k, n) for k, n in row.articles.values()]).as_json(),
                    "passages": row.examples[True] + row.examples[False],
                }
            )
        return {"rates": found}

    def _count(self, row: _Row, unit: Unit) -> None:
        counts = row.articles[unit.article]
        counts[0] += unit.labeled
        counts[1] += 1
        kept = row.examples[unit.labeled]
        if len(kept) < EXAMPLES and all(one["passage"] != unit.place["passage"] for one in kept):
            kept.append({**unit.place, "labeled": unit.labeled})


def rate_of(articles: Iterable[tuple[int, int]]) -> Figure:
    """The share of labeled places with its 95 % interval.

    Places in one article resemble each other, so they count for less than as many in different
    articles: the number of places is divided by how much more the articles' shares vary than
    chance would have it (Kish's design effect, from the variance of a ratio; never below 1).
    Wilson's score interval (JASA 22, 1927, 209-212) is taken with that number. Where all or none
    are labeled nothing varies, and every article counts as one place.

    Args:
        articles: of each article, how many places were labeled and how many there were.

    Returns:
        The figure; without a value below 30 places, and where all are in one article.
    """
    counts = [(k, n) for k, n in articles if n]
    labeled, units = sum(k for k, _ in counts), sum(n for _, n in counts)
    if units < FEWEST_UNITS:
        return Figure(None, None, units, TOO_FEW if units else NOBODY_LOOKED)
    if len(counts) == 1:
        return Figure(None, None, units, ONE_ARTICLE)
    share = labeled / units
    low, high = _wilson(share, _effective(counts, share, units))
    return Figure(round(share, 4), (round(low, 4), round(high, 4)), units)


def _effective(counts: list[tuple[int, int]], share: float, units: int) -> float:
    chance = share * (1 - share) / units
    if not chance:
        return float(len(counts))
    spread = sum((k - share * n) ** 2 for k, n in counts)
    between = spread * len(counts) / (len(counts) - 1) / units**2
    return units / max(1.0, between / chance)


def _wilson(share: float, n: float) -> tuple[float, float]:
    middle = share + _Z**2 / (2 * n)
    reach = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    whole = 1 + _Z**2 / n
    return max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole)
