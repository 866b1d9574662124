"""Keyset paging: a page costs the same wherever in the list it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list. ``next`` is the key to ask for what follows; None at the end."""

    rows: tuple[Row, ...]
    next: int | None = None


def make_page(rows: Sequence[Row], limit: int, key: Callable[[Row], int]) -> Page[Row]:
    """Turn up to ``limit + 1`` rows into a page; the extra row only says that there are more.

    Args:
        rows: what was read with ``limit + 1``, in the order of the list.
        limit: how many rows a page shows.
        key: the keyset value of a row.
    """
    shown = tuple(rows[:limit])
    more = len(rows) > limit
    return Page(shown, key(shown[-1]) if more and shown else None)
