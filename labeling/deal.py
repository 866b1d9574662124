"""Which passage goes to which lane: balanced, stratified, and the same again for the same seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from labeling.errors import DealError

Mode = Literal["blind", "shared"]


@dataclass(frozen=True, slots=True)
class DealPassage:
    """A passage to deal. Each stratum (an outlet, say) is spread evenly over the annotators."""

    uid: str
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class LaneDeal:
    """What one lane gets: its annotators, and the uids of its passages in the given order."""

    annotators: tuple[str, ...]
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deal:
    """The lanes of a batch, in the order of the annotators given."""

    lanes: tuple[LaneDeal, ...]


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
        passages: in reading order; their uids differ.
        annotators: n distinct names.
        mode: "blind" (a lane for each annotator) or "shared" (one lane for all of them).
        overlap: how many annotators get each passage (k of n).
        seed: the same seed deals alike on every machine.

    Returns:
        In a blind deal every passage stands in exactly ``overlap`` lanes, and no lane has more
        than one passage more than another.

    Raises:
        DealError: the deal cannot be made as asked.
    """
    _check(passages, annotators, mode, overlap)
    if mode == "shared":
        return Deal((LaneDeal(tuple(annotators), tuple(p.uid for p in passages)),))
    given: dict[str, list[str]] = {name: [] for name in annotators}
    load: Counter[str] = Counter()
    load_in: Counter[tuple[str, str]] = Counter()
    # Passages are dealt in a shuffled order, so that the last ones of a list, which come when
    # the loads differ, are no particular article; each lane keeps the reading order.
    order = sorted(passages, key=lambda passage: _shuffle(seed, passage.uid))
    chosen: dict[str, tuple[str, ...]] = {}
    for passage in order:
        ranked = sorted(
            annotators,
            key=lambda name, passage=passage: (  # type: ignore[misc]
                load[name],
                load_in[name, passage.stratum],
                _shuffle(seed, passage.uid, name),
            ),
        )
        chosen[passage.uid] = tuple(ranked[:overlap])
        for name in ranked[:overlap]:
            load[name] += 1
            load_in[name, passage.stratum] += 1
    for passage in passages:
        for name in chosen[passage.uid]:
            given[name].append(passage.uid)
    return Deal(tuple(LaneDeal((name,), tuple(given[name])) for name in annotators))


def _check(
    passages: Sequence[DealPassage], annotators: Sequence[str], mode: str, overlap: int
) -> None:
    if mode not in ("blind", "shared"):
        raise DealError(f"{mode!r} is no way to deal.", remedy="Use blind or shared.")
    if len(set(annotators)) != len(annotators) or not annotators:
        raise DealError(
            "A deal needs annotators, each named once.", remedy="Name each with --annotator EMAIL"
        )
    if not 1 <= overlap <= len(annotators):
        raise DealError(
            f"Each passage cannot go to {overlap} of {len(annotators)} annotators.",
            remedy="Lower the overlap, or name more annotators.",
        )
    if len({passage.uid for passage in passages}) != len(passages):
        raise DealError("A passage was chosen twice.", remedy="Choose each passage once.")


def _shuffle(seed: int, *parts: str) -> bytes:
    """A place in a shuffled order that is the same on every machine and Python version."""
    return hashlib.sha256("\x1f".join((str(seed), *parts)).encode()).digest()
