"""The deal itself: first how many tasks of what kind each annotator gets, then which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

from labeling.deal.chance import Chance, chance_of, pick
from labeling.deal.shares import Row, share_out
from labeling.deal.terms import SHARED, Deal, DealPassage, DealTerms, DealtLane, check_terms
from labeling.errors import DealError

Stratum = tuple[str, ...]


def deal(passages: Sequence[DealPassage], annotators: Sequence[str], terms: DealTerms) -> Deal:
    """Deal passages to annotators.

    Args:
        passages: what to deal; each uid once.
        annotators: who takes part; each once.
        terms: how.

    Returns:
        The lanes, in the order of ``annotators``. In a blind deal every passage is in as many
        lanes as it is to have annotations. The loads of two annotators without quotas differ
        by one at most: over all, within each stratum, and there within the doubled part and
        within the control slice.

    Raises:
        DealError: the batch cannot be dealt as asked.
    """
    check_terms(passages, annotators, terms)
    chance = chance_of(terms.seed)
    strata: defaultdict[Stratum, list[str]] = defaultdict(list)
    for passage in passages:
        strata[passage.stratum].append(passage.uid)
    doubled = pick(strata, terms.doubled or 0, "doubled", chance)
    halves: defaultdict[Stratum, list[str]] = defaultdict(list)
    for stratum, uids in strata.items():
        for uid in uids:
            halves[*stratum, "2" if uid in doubled else "1"].append(uid)
    control = pick(halves, terms.control, "control", chance)
    if terms.mode == SHARED:
        everything = tuple(passage.uid for passage in passages)
        return Deal((DealtLane(tuple(annotators), everything),), terms.overlap, doubled, control)
    tasks = len(passages) * terms.overlap + len(doubled)
    targets = _targets(annotators, terms.quotas, len(passages), tasks, chance)
    weights = _weights(annotators, terms.quotas, tasks)
    dealer = _Dealer(dict(zip(annotators, weights, strict=True)), terms.overlap, chance)
    dealer.deal(strata, targets, (doubled, control))
    lanes = (
        DealtLane((name,), tuple(p.uid for p in passages if name in dealer.given[p.uid]))
        for name in annotators
    )
    return Deal(tuple(lanes), 1, doubled, control)


class _Dealer:
    """The deal so far: who has which passage, and how often each pair met."""

    def __init__(self, weights: Mapping[str, Fraction], overlap: int, chance: Chance) -> None:
        self._annotators = tuple(weights)
        self._weights = tuple(weights.values())
        self._overlap = overlap
        self._chance = chance
        self._doubled: frozenset[str] = frozenset()
        self._met: Counter[frozenset[str]] = Counter()
        self.given: dict[str, tuple[str, ...]] = {}

    def deal(
        self,
        strata: Mapping[Stratum, Sequence[str]],
        targets: Sequence[int],
        slices: tuple[frozenset[str], frozenset[str]],
    ) -> None:
        """Part by stratum, then by doubled or single, then by control or not; then hand out."""
        self._doubled, control = slices
        by_stratum = sorted(strata.values(), key=lambda uids: self._chance("order", min(uids)))
        for stratum, wanted in self._parts(by_stratum, targets):
            for half, of_half in self._parts(_apart(stratum, self._doubled), wanted):
                for cell, quotas in self._parts(_apart(half, control), of_half):
                    self._hand_out(cell, dict(zip(self._annotators, quotas, strict=True)))

    def _parts(
        self, groups: Sequence[Sequence[str]], targets: Sequence[int]
    ) -> list[tuple[Sequence[str], list[int]]]:
        """The groups of passages, each with what every annotator gets of it."""
        rows = [Row(sum(map(self._copies, uids)), len(uids)) for uids in groups]
        names = [min(uids) for uids in groups]

        def order(row: int, column: int) -> bytes:
            return self._chance("share", names[row], self._annotators[column])

        entries = share_out(rows, targets, self._weights, order)
        return list(zip(groups, entries, strict=True))

    def _copies(self, uid: str) -> int:
        return self._overlap + (uid in self._doubled)

    def _hand_out(self, uids: Sequence[str], quotas: dict[str, int]) -> None:
        for uid in sorted(uids, key=self._chance):
            self.given[uid] = self._hand(uid, quotas)

    def _hand(self, uid: str, quotas: dict[str, int]) -> tuple[str, ...]:
        """Give one passage to those with most of their quota left, so that it comes out even.

        Among equals those come first who have met the others of this passage least: a pair
        that never shares a passage could not be compared.
        """
        luck = self._chance("hand", uid)
        places = {name: luck[n % len(luck)] for n, name in enumerate(self._annotators)}
        hand: tuple[str, ...] = ()
        for _ in range(self._copies(uid)):
            name = min(
                (name for name in self._annotators if name not in hand),
                key=lambda name: (-quotas[name], self._meetings(name, hand), places[name], name),
            )
            self._met.update(frozenset((name, other)) for other in hand)
            quotas[name] -= 1
            hand = (*hand, name)
        return hand

    def _meetings(self, name: str, hand: Sequence[str]) -> int:
        return sum(self._met[frozenset((name, other))] for other in hand)


def _apart(uids: Sequence[str], chosen: frozenset[str]) -> list[list[str]]:
    """The chosen ones and the others, in two lists; one that would be empty is left out."""
    groups = ([uid for uid in uids if uid in chosen], [uid for uid in uids if uid not in chosen])
    return [group for group in groups if group]


def _targets(
    annotators: Sequence[str], quotas: Mapping[str, int], passages: int, tasks: int, chance: Chance
) -> list[int]:
    """How many tasks each annotator gets: the quotas, and equal parts of the rest."""
    _check_quotas(annotators, quotas, passages, tasks)
    rest = tasks - sum(quotas.values())
    free = sorted(
        (name for name in annotators if name not in quotas), key=lambda name: chance("load", name)
    )
    if not free:
        return [quotas[name] for name in annotators]
    part, more = divmod(rest, len(free))
    if part + bool(more) > passages:
        raise DealError(
            f"{rest} tasks are left beside the quotas for {len(free)} annotators, but nobody "
            f"gets one of the {passages} passages twice",
            remedy="raise the quotas, name more annotators, or lower the overlap",
        )
    parts = {name: part + (place < more) for place, name in enumerate(free)}
    return [quotas.get(name, parts.get(name, 0)) for name in annotators]


def _weights(annotators: Sequence[str], quotas: Mapping[str, int], tasks: int) -> list[Fraction]:
    """Which part of every stratum each annotator should get, to the last fraction."""
    free = len(annotators) - len(quotas)
    rest = Fraction(tasks - sum(quotas.values()), free or 1)
    return [Fraction(quotas.get(name, rest), tasks) for name in annotators]


def _check_quotas(
    annotators: Sequence[str], quotas: Mapping[str, int], passages: int, tasks: int
) -> None:
    for name, quota in quotas.items():
        if name not in annotators:
            raise DealError(
                f"there is a quota for {name}, who takes no part",
                remedy="name them as an annotator too, or leave the quota out",
            )
        if not 1 <= quota <= passages:
            raise DealError(
                f"{name} cannot get {quota} tasks: there are {passages} passages, and nobody "
                "gets one twice",
                remedy=f"choose a quota from 1 to {passages}",
            )
    asked = sum(quotas.values())
    if asked > tasks:
        raise DealError(
            f"the quotas come to {asked} tasks, but there are only {tasks}",
            remedy="lower the quotas, raise the overlap, or select more articles",
        )
    if asked < tasks and len(quotas) == len(annotators):
        raise DealError(
            f"the quotas come to {asked} of {tasks} tasks, and nobody is left for the rest",
            remedy="raise the quotas, or leave somebody without one",
        )
