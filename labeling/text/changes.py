"""What a corrected version of an article changed: each old passage beside its new form."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# One passage in two forms: so much of the words of the longer is in the other as well.
_ALIKE = 0.3
# How far ahead the new form of a passage is looked for.
_AHEAD = 12


@dataclass(frozen=True, slots=True)
class Change:
    """The indices of a passage in its old and its new form; None where there is no such form."""

    old: int | None
    new: int | None


def changes_of(old: Sequence[str], new: Sequence[str]) -> tuple[Change, ...]:
    """Compare the passages of two versions, given by their texts in order.

    Returns:
        What changed, in reading order. Passages that stand in both are not in it, and no old
        passage and no new one is in it twice.
    """
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        change
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
        for change in _paired(old, new, range(i1, i2), range(j1, j2))
    )


def _paired(old: Sequence[str], new: Sequence[str], olds: range, news: range) -> Iterator[Change]:
    words = {at: frozenset(new[at].split()) for at in news}
    free = news.start
    for at in olds:
        mine = frozenset(old[at].split())
        ahead = range(free, min(news.stop, free + _AHEAD))
        found = next((j for j in ahead if _alike(mine, words[j])), None)
        if found is None:
            yield Change(at, None)
            continue
        yield from (Change(None, skipped) for skipped in range(free, found))
        yield Change(at, found)
        free = found + 1
    yield from (Change(None, left) for left in range(free, news.stop))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * max(len(one), len(other), 1)
