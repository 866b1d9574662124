"""Chance that comes out the same everywhere.

It is made of hashes of the seed and the names, not by a random number generator: a deal has
to be the same on every machine, on every Python version and for any order of the passages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from labeling.deal.terms import PERCENT

Chance = Callable[..., bytes]
"""A sort key out of names; it depends on them and the seed alone."""


def chance_of(seed: int) -> Chance:
    """The chance of one seed."""
    start = _part(str(seed))

    def chance(*names: str) -> bytes:
        key = start + b"".join(_part(name) for name in names)
        return hashlib.sha256(key).digest()

    return chance


def pick(
    strata: Mapping[tuple[str, ...], Iterable[str]],
    percentage: float,
    purpose: str,
    chance: Chance,
) -> frozenset[str]:
    """Choose a percentage of all uids, from each stratum its part as nearly as can be.

    Args:
        strata: the uids by stratum; each uid once.
        percentage: 0 to 100; the number chosen is rounded half up.
        purpose: two picks of different purpose have nothing to do with each other.
        chance: decides which.

    Returns:
        The uids chosen.
    """
    share = Fraction(str(percentage)) / PERCENT
    uids = {stratum: list(names) for stratum, names in strata.items()}
    wanted = int(share * sum(map(len, uids.values())) + Fraction(1, 2))
    exact = {stratum: share * len(names) for stratum, names in uids.items()}
    parts = {stratum: int(part) for stratum, part in exact.items()}
    # What is left over goes where most of a passage was cut off.
    by_rest = sorted(
        uids, key=lambda one: (parts[one] - exact[one], chance(purpose, "stratum", *one))
    )
    for stratum in by_rest[: wanted - sum(parts.values())]:
        parts[stratum] += 1
    return frozenset(
        uid
        for stratum, names in uids.items()
        for uid in sorted(names, key=lambda uid: chance(purpose, uid))[: parts[stratum]]
    )


def _part(name: str) -> bytes:
    # The length goes first, so that no two lists of names make the same key.
    text = name.encode("utf-8", "surrogatepass")
    return f"{len(name)}:".encode() + text
