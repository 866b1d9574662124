"""Parts of a whole in whole numbers: rows and columns keep their sums, no entry is far off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

Order = Callable[[int, int], bytes]
"""A sort key for an entry, by row and column: who is asked first among equals."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row to be shared out: how many ``tasks`` it has, and how many one column may take."""

    tasks: int
    most: int


def share_out(
    rows: Sequence[Row], columns: Sequence[int], weights: Sequence[Fraction], order: Order
) -> list[list[int]]:
    """Share the tasks of each row out to the columns, in proportion to the columns' weights.

    Args:
        rows: their tasks add up to the columns' sums.
        columns: what each column gets over all rows.
        weights: which part of each row a column should get; they add up to one.
        order: makes the outcome depend on chance rather than on the columns' places.

    Returns:
        Entries by row and column. Each is its exact proportion rounded up or down, wherever
        that can be; none is above its row's ``most``, provided that there is any such table.
    """
    table = _Table(rows, columns, weights, order)
    table.fill(table.rounded_up)
    # Only where a row allows less than a column's proportion of it: take it from elsewhere.
    table.fill([[row.most] * len(columns) for row in rows])
    return table.entries


class _Table:
    """Entries that grow one by one; an entry gives way when another column can take its place.

    It is the textbook's bipartite matching by augmenting paths, with entries for edges.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        columns: Sequence[int],
        weights: Sequence[Fraction],
        order: Order,
    ) -> None:
        self._order = order
        self._rows = rows
        self.rounded_up = [
            [min(ceil(row.tasks * weight), row.most) for weight in weights] for row in rows
        ]
        self.entries = [
            [min(floor(row.tasks * weight), row.most) for weight in weights] for row in rows
        ]
        self._missing = [
            column - sum(entries[c] for entries in self.entries) for c, column in enumerate(columns)
        ]
        for c in range(len(columns)):
            self._take_back(c)
        self._floor = [list(entries) for entries in self.entries]

    def _take_back(self, c: int) -> None:
        """A column that is to get less than its weight: take what is too much from its rows."""
        for entries in self.entries:
            too_much = min(entries[c], max(0, -self._missing[c]))
            entries[c] -= too_much
            self._missing[c] += too_much

    def fill(self, limits: Sequence[Sequence[int]]) -> None:
        """Hand out what the rows have left, as far as the limits let it be."""
        for r, row in enumerate(self._rows):
            left = row.tasks - sum(self.entries[r])
            while left > 0 and self._add(r, limits, set()):
                left -= 1
        self._floor = [[0] * len(entries) for entries in self._floor]

    def _add(self, r: int, limits: Sequence[Sequence[int]], tried: set[int]) -> bool:
        """Give one more of row ``r`` to a column that lacks, if need be by moving others on."""
        entries = self.entries[r]
        open_to = sorted(
            (c for c in range(len(entries)) if c not in tried and entries[c] < limits[r][c]),
            key=lambda c: (-self._missing[c], self._order(r, c)),
        )
        for c in open_to:
            if c in tried:
                continue
            tried.add(c)
            if self._missing[c] > 0:
                self._missing[c] -= 1
                entries[c] += 1
                return True
            if self._give_way(r, c, limits, tried):
                entries[c] += 1
                return True
        return False

    def _give_way(self, r: int, c: int, limits: Sequence[Sequence[int]], tried: set[int]) -> bool:
        """Let another row take one of its own out of column ``c``."""
        for other, entries in enumerate(self.entries):
            if (
                other != r
                and entries[c] > self._floor[other][c]
                and self._add(other, limits, tried)
            ):
                entries[c] -= 1
                return True
        return False
