"""Who gets which passage: balanced, mixed by stratum, and the same for the same seed.

Chance comes from hashes of the seed and the names, not from a random number generator: a
deal has to come out the same on every Python version and for any order of the passages.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labeling.errors import DealError

BLIND = "blind"
SHARED = "shared"


@dataclass(frozen=True, slots=True)
class DealPassage:
    """A passage to deal; every annotator gets an equal part of each ``stratum``."""

    uid: str
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class DealtLane:
    """A lane to make: whose it is, and its passages in the order they were given to the deal."""

    annotators: tuple[str, ...]
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deal:
    """What a batch will be. ``annotations_per_task`` is the overlap inside a single lane."""

    lanes: tuple[DealtLane, ...]
    annotations_per_task: int


def deal(
    passages: Sequence[DealPassage],
    annotators: Sequence[str],
    *,
    mode: str,
    overlap: int,
    seed: int,
) -> Deal:
    """Deal passages to annotators.

    Args:
        passages: what to deal; each uid once.
        annotators: who takes part; each once.
        mode: ``blind`` for a lane an annotator, ``shared`` for one lane of all.
        overlap: by how many annotators each passage is to be annotated.
        seed: the same seed, passages and annotators give the same deal.

    Returns:
        The lanes, in the order of ``annotators``. In a blind deal every passage is in exactly
        ``overlap`` lanes, and the loads of two annotators differ by one at most, over all and
        within each stratum.

    Raises:
        DealError: the batch cannot be dealt as asked.
    """
    _check(passages, annotators, mode, overlap)
    if mode == SHARED:
        everything = tuple(passage.uid for passage in passages)
        return Deal((DealtLane(tuple(annotators), everything),), overlap)
    dealer = _Dealer(annotators, overlap, seed)
    strata: defaultdict[str, list[str]] = defaultdict(list)
    for passage in passages:
        strata[passage.stratum].append(passage.uid)
    for stratum in sorted(strata, key=dealer.chance):
        dealer.deal_stratum(strata[stratum])
    lanes = (
        DealtLane((annotator,), tuple(p.uid for p in passages if annotator in dealer.given[p.uid]))
        for annotator in annotators
    )
    return Deal(tuple(lanes), 1)


class _Dealer:
    """The deal so far: how many passages each annotator has, and how often each pair met."""

    def __init__(self, annotators: Sequence[str], overlap: int, seed: int) -> None:
        self._annotators = annotators
        self._overlap = overlap
        self._seed = seed
        self._loads: Counter[str] = Counter()
        self._met: Counter[frozenset[str]] = Counter()
        self.given: dict[str, tuple[str, ...]] = {}

    def chance(self, *names: str) -> bytes:
        """A sort key that depends on the seed alone."""
        parts = [str(self._seed), *names]
        key = "".join(f"{len(part)}:{part}" for part in parts)
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()

    def deal_stratum(self, uids: Sequence[str]) -> None:
        quota = self._quota(uids)
        for uid in sorted(uids, key=self.chance):
            self.given[uid] = self._hand(uid, quota)

    def _quota(self, uids: Sequence[str]) -> dict[str, int]:
        """Equal parts of a stratum; what is left over goes to those who have least so far."""
        part, rest = divmod(len(uids) * self._overlap, len(self._annotators))
        least = sorted(
            self._annotators, key=lambda name: (self._loads[name], self.chance(min(uids), name))
        )
        return {name: part + (place < rest) for place, name in enumerate(least)}

    def _hand(self, uid: str, quota: dict[str, int]) -> tuple[str, ...]:
        """Give one passage to those with most of their quota left, so that it comes out even.

        Among equals those come first who have met the others of this passage least: a pair
        that never shares a passage could not be compared.
        """
        hand: tuple[str, ...] = ()
        while len(hand) < self._overlap:
            free = [name for name in self._annotators if name not in hand]
            name = min(
                free,
                key=lambda name: (-quota[name], self._meetings(name, hand), self.chance(uid, name)),
            )
            self._met.update(frozenset((name, other)) for other in hand)
            self._loads[name] += 1
            quota[name] -= 1
            hand = (*hand, name)
        return hand

    def _meetings(self, name: str, hand: Sequence[str]) -> int:
        return sum(self._met[frozenset((name, other))] for other in hand)


def _check(
    passages: Sequence[DealPassage], annotators: Sequence[str], mode: str, overlap: int
) -> None:
    if mode not in (BLIND, SHARED):
        raise DealError(f"there is no deal {mode!r}", remedy=f"use {BLIND} or {SHARED}")
    if not passages:
        raise DealError(
            "there is no passage to deal", remedy="import articles, or select other ones"
        )
    if not annotators:
        raise DealError("there is no annotator to deal to", remedy="name at least one annotator")
    _check_once("passage", Counter(passage.uid for passage in passages))
    _check_once("annotator", Counter(annotators))
    if not 1 <= overlap <= len(annotators):
        raise DealError(
            f"{len(annotators)} annotators cannot annotate every passage {overlap} times",
            remedy=f"choose an overlap from 1 to {len(annotators)}",
        )


def _check_once(what: str, counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        if count > 1:
            raise DealError(
                f"the {what} {name} is there {count} times", remedy=f"name each {what} once"
            )
