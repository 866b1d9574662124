"""Splits that do not leak: a story, and articles that share their text, stay together.

Chance is a hash of the seed and the group's name, so a group keeps its split as the data
grows, and no run depends on the order of the records.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labeling.errors import LabelingError

SPLITS = ("train", "dev", "test")
METHODS = ("hash", "stratified", "outlet", "time", "none")
_BUCKETS = 10_000


class SplitError(LabelingError):
    """A dataset cannot be split as asked, or its split leaks."""

    kind = "bad_split"


@dataclass(frozen=True, slots=True)
class SplitArticle:
    """What of an article decides where it goes.

    ``story`` and ``cluster`` tie it to others; ``stratum`` is what a stratified split keeps
    in balance, such as the label it holds most; ``published_at`` is ISO 8601 or None.
    """

    uid: str
    story: str | None = None
    cluster: str | None = None
    outlet: str | None = None
    published_at: str | None = None
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How to split.

    Args:
        method: hash (the default), stratified, outlet (each outlet whole), time (oldest in
            train, newest in test), or none.
        shares: per cent of train, dev and test; they add up to 100.
        seed: another seed gives another draw.
    """

    method: str = "hash"
    shares: tuple[int, int, int] = (80, 10, 10)
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """A group whose articles had been released in different splits before."""

    group: str
    was: tuple[str, ...]
    now: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Splits:
    """Which split each article is in, its group, and the groups that had to move."""

    of: Mapping[str, str | None]
    groups: Mapping[str, str]
    moved: tuple[Moved, ...] = ()


def split_articles(
    articles: Sequence[SplitArticle],
    plan: SplitPlan,
    *,
    before: Mapping[str, str] | None = None,
) -> Splits:
    """Give every article a split.

    Args:
        articles: each uid once.
        plan: how.
        before: article uid -> split in the last release: where it was, it stays. When a group
            has grown together from several splits, all of it goes to the one nearest to test,
            since nothing of a test part may ever have been trained on, and is reported.

    Returns:
        A split for each; None for all where the method is ``none``.

    Raises:
        SplitError: the method or the shares make no sense.
    """
    check_split(plan)
    groups = group_articles(articles, by_outlet=plan.method == "outlet")
    if plan.method == "none":
        return Splits(dict.fromkeys(groups), groups)
    members: defaultdict[str, list[SplitArticle]] = defaultdict(list)
    for article in articles:
        members[groups[article.uid]].append(article)
    drawn = _draw(members, plan)
    known = before or {}
    moved = []
    for group, ones in members.items():
        was = {known[one.uid] for one in ones if one.uid in known}
        if was:
            drawn[group] = max(was, key=SPLITS.index)
        if len(was) > 1:
            uids = tuple(sorted(one.uid for one in ones))
            order = tuple(sorted(was, key=SPLITS.index))
            moved.append(Moved(group, order, drawn[group], uids))
    of = {article.uid: drawn[groups[article.uid]] for article in articles}
    return Splits(of, groups, tuple(sorted(moved, key=lambda one: one.group)))


def group_articles(articles: Iterable[SplitArticle], *, by_outlet: bool = False) -> dict[str, str]:
    """Tie articles together that share a story or a cluster, also in a chain.

    Returns:
        article uid -> the group's name: the smallest uid in it, the same for any order.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    uids = []
    for article in articles:
        uids.append(article.uid)
        own = root(f"article {article.uid}")
        ties = [("story", article.story), ("cluster", article.cluster)]
        ties += [("outlet", article.outlet)] if by_outlet else []
        for kind, value in ties:
            if value:
                parent[root(f"{kind} {value}")] = own
    smallest: dict[str, str] = {}
    for uid in sorted(uids):
        smallest.setdefault(root(f"article {uid}"), uid)
    return {uid: smallest[root(f"article {uid}")] for uid in uids}


def find_leaks(
    records: Iterable[tuple[str, str | None, str | None, str | None]],
) -> list[tuple[str, str, str]]:
    """Look whether anything that belongs together stands in two splits.

    Args:
        records: of each passage its article's uid, story and cluster, and its split.

    Returns:
        ``(what they share, one article, the other)`` for each pair found, one pair for each
        thing shared; empty when the split is clean.
    """
    seen: dict[str, tuple[str, str | None]] = {}
    leaks: dict[str, tuple[str, str, str]] = {}
    for article, story, cluster, split in records:
        shared = [f"article {article}"]
        shared += [f"story {story}"] if story else []
        shared += [f"near-duplicates {cluster}"] if cluster else []
        for thing in shared:
            first, where = seen.setdefault(thing, (article, split))
            if where != split:
                leaks.setdefault(thing, (thing, f"{first} ({where})", f"{article} ({split})"))
    return list(leaks.values())


def check_split(plan: SplitPlan) -> None:
    """Refuse a split that makes no sense.

    Raises:
        SplitError: the method or the shares.
    """
    if plan.method not in METHODS:
        raise SplitError(
            f"There is no split by {plan.method!r}.", remedy="Use one of: " + ", ".join(METHODS)
        )
    if sum(plan.shares) != 100 or min(plan.shares) < 0:
        raise SplitError(
            "The shares of train, dev and test have to add up to 100 per cent.",
            remedy="Write them as 80/10/10.",
        )


def _draw(members: Mapping[str, Sequence[SplitArticle]], plan: SplitPlan) -> dict[str, str]:
    if plan.method == "time":
        return _by_time(members, plan.shares)
    if plan.method == "stratified":
        return _stratified(members, plan)
    return {group: _bucket(group, plan) for group in members}


def _bucket(group: str, plan: SplitPlan) -> str:
    digest = hashlib.sha256(f"{plan.seed}\0{group}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") % _BUCKETS
    train, dev, _ = plan.shares
    if place * 100 < train * _BUCKETS:
        return "train"
    return "dev" if place * 100 < (train + dev) * _BUCKETS else "test"


def _by_time(
    members: Mapping[str, Sequence[SplitArticle]], shares: tuple[int, int, int]
) -> dict[str, str]:
    """Oldest groups first, by their newest article; groups without a date count as oldest."""
    order = sorted(members, key=lambda g: (max(a.published_at or "" for a in members[g]), g))
    total, done = sum(len(ones) for ones in members.values()), 0
    drawn = {}
    for group in order:
        # The middle of the group decides, so that a large one does not tip over a border.
        middle = (done + len(members[group]) / 2) * 100
        train, dev, _ = shares
        part = "train" if middle < train * total else "dev"
        drawn[group] = "test" if middle >= (train + dev) * total else part
        done += len(members[group])
    return drawn


def _stratified(members: Mapping[str, Sequence[SplitArticle]], plan: SplitPlan) -> dict[str, str]:
    """Strata in balance, as far as whole groups allow, by scikit-learn."""
    groups = sorted(members)
    folds = _folds([_stratum(members[group]) for group in groups], plan)
    drawn = {}
    edges = (plan.shares[0], plan.shares[0] + plan.shares[1])
    for group, fold in zip(groups, folds, strict=True):
        drawn[group] = SPLITS[(fold >= edges[0]) + (fold >= edges[1])]
    return drawn


def _stratum(ones: Sequence[SplitArticle]) -> str:
    counts = Counter(one.stratum for one in ones)
    return min(counts, key=lambda stratum: (-counts[stratum], stratum))


def _folds(strata: Sequence[str], plan: SplitPlan) -> list[int]:
    """A number from 0 to 99 for each group, each stratum spread evenly over the numbers."""
    import numpy as np
    from sklearn.model_selection import StratifiedShuffleSplit

    counts = Counter(strata)
    # A stratum of a single group cannot be parted: it is dealt among the others.
    labels = np.array([one if counts[one] > 1 else "" for one in strata])
    places = np.zeros(len(strata), dtype=int)
    todo = np.arange(len(strata))
    for share, value in ((plan.shares[2], 99), (plan.shares[1], plan.shares[0])):
        take = round(len(strata) * share / 100)
        kinds, sizes = np.unique(labels[todo], return_counts=True)
        if take == 0 or len(todo) - take < 1:
            continue
        if len(kinds) > min(take, len(todo) - take) or sizes.min() < 2:
            chosen = np.array(sorted(todo, key=lambda n: _chance(int(n), plan))[:take])
        else:
            draw = StratifiedShuffleSplit(n_splits=1, test_size=take, random_state=plan.seed)
            _, inner = next(draw.split(todo, labels[todo]))
            chosen = todo[inner]
        places[chosen] = value
        todo = np.setdiff1d(todo, chosen)
    return [int(place) for place in places]


def _chance(place: int, plan: SplitPlan) -> bytes:
    return hashlib.sha256(f"{plan.seed}\0{place}".encode()).digest()


def record_keys(record: Mapping[str, Any]) -> tuple[str, str | None, str | None, str | None]:
    """What ``find_leaks`` asks of a record."""
    article = record["article"]
    return article["uid"], article["story"], article["cluster"], record["split"]
