"""Groups: spans of several annotators that are about the same thing, and how they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Any

from labeling.agreement.answers import Answer, Marks, marks_of
from labeling.agreement.matching import (
    Pairing,
    SpanKey,
    iou,
    match,
    pair,
    span_key,
    worth,
)
from labeling.agreement.rules import Rules
from labeling.types import Layer, Span


class Kind(StrEnum):
    """How the annotators of a group stand to each other; the gravest difference names it."""

    AGREED = "agreed"
    MISSING = "missing"
    BOUNDARY = "boundary"
    LABEL = "label"
    ATTRIBUTE = "attribute"
    SPEAKER = "speaker"
    SPLIT_MERGE = "split/merge"


_GRAVEST_FIRST = (
    Kind.SPLIT_MERGE, Kind.MISSING, Kind.LABEL, Kind.BOUNDARY, Kind.ATTRIBUTE, Kind.SPEAKER,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """Where a relation of a span leads: its label and the span at its end."""

    label: str
    target: Span


@dataclass(frozen=True, slots=True)
class Member:
    """One annotator's part of a group: the span, and the relations that begin at it."""

    annotator: str
    span: Span
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Spans of one layer, at most one an annotator, that are taken for the same thing.

    ``absent`` are the annotators who answered the passage but marked nothing here;
    ``differs`` are all the ways in which the members differ, ``kind`` the gravest of them.
    """

    layer: str
    kind: Kind
    differs: tuple[Kind, ...]
    members: tuple[Member, ...]
    absent: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """Where the first of its spans begins."""
        return min(member.span.start for member in self.members)

    @property
    def end(self) -> int:
        """Where the last of its spans ends."""
        return max(member.span.end for member in self.members)

    @property
    def label(self) -> str:
        """The label most members gave; of equals the first by the alphabet."""
        first = self.members[0].span.label
        if all(member.span.label == first for member in self.members):
            return first
        counted = Counter(member.span.label for member in self.members)
        return min(counted, key=lambda label: (-counted[label], label))


Laid = tuple[list[Marks], dict[tuple[int, int], Pairing]]


def find_groups(
    answers: Sequence[Answer],
    layer: Layer,
    rules: Rules,
    laid: Laid | None = None,
) -> tuple[Group, ...]:
    """Gather the annotators' spans of one layer into groups.

    Two annotators' spans are matched one to one. For more, matches are joined from the best
    one down, and two groups are joined only if every span of one can be the same thing as
    every span of the other: nothing is chained together by a span in the middle.

    Args:
        answers: one answer an annotator, each annotator once, by their names.
        layer: a layer of spans.
        rules: the scheme's rules of comparison.
        laid: what ``lay_out`` gave for them, if it is known.

    Returns:
        The groups by where they begin; every span is in exactly one of them.
    """
    marks, pairings = laid or lay_out(answers, layer)
    clusters = _cluster(marks, pairings, rules)
    broken = _one_to_several(clusters, marks)
    links = [_links(answer) if answer.relations else {} for answer in answers]
    counted = rules.counted(layer)
    groups = []
    for n, cluster in enumerate(clusters):
        members = tuple(
            Member(one.annotator, one.spans[at], links[who].get(one.spans[at].id, ()))
            for who, one in enumerate(marks)
            if (at := cluster.get(who)) is not None
        )
        absent = tuple(one.annotator for who, one in enumerate(marks) if who not in cluster)
        differs = _differences(members, counted, absent=bool(absent), split=n in broken)
        kind = differs[0] if differs else Kind.AGREED
        groups.append(Group(layer.name, kind, differs, members, absent))
    return tuple(sorted(groups, key=_group_order))


def lay_out(answers: Sequence[Answer], layer: Layer) -> Laid:
    """Each annotator's spans of a layer, and every two annotators' side by side."""
    marks = marks_of(answers, layer.name)
    return marks, {
        (p, q): pair(marks[p].keys, marks[q].keys) for p, q in combinations(range(len(marks)), 2)
    }


def attribute_value(value: Any) -> Any:
    """An attribute's answer in a form to compare: the order of several does not matter."""
    return tuple(sorted(map(str, value))) if isinstance(value, list | tuple) else value


def same_links(one: Sequence[Link], two: Sequence[Link]) -> bool:
    """Whether two annotators drew the same relations: to the same mention, or one within it."""
    if Counter(link.label for link in one) != Counter(link.label for link in two):
        return False
    ways = ((one, two), (two, one))
    return all(any(same_link(a, b) for b in other) for mine, other in ways for a in mine)


def same_link(one: Link, two: Link) -> bool:
    """Whether two relations lead to the same mention, or to one within it."""
    return one.label == two.label and iou(span_key(one.target), span_key(two.target)) > 0


def _cluster(
    marks: Sequence[Marks], pairings: Mapping[tuple[int, int], Pairing], rules: Rules
) -> list[dict[int, int]]:
    """Clusters as annotator → index of their span; complete linkage, no chains."""
    home: dict[tuple[int, int], dict[int, int]] = {
        (who, at): {who: at} for who, one in enumerate(marks) for at in range(len(one.keys))
    }
    found: list[tuple[float, list[SpanKey], int, int, int, int]] = []
    for (p, q), pairing in pairings.items():
        for i, j in pairing.twins:
            _join(home, (p, i), (q, j))
        if pairing.overlaps:
            a, b = marks[p].keys, marks[q].keys
            rest = pairing._replace(twins=[])
            found.extend(
                (-edge.worth, sorted([a[edge.a], b[edge.b]]), p, edge.a, q, edge.b)
                for edge in match(a, b, rules, rest)
            )
    for _, _, p, i, q, j in sorted(found):
        if _may_join(home[p, i], home[q, j], marks, rules):
            _join(home, (p, i), (q, j))
    return list({id(cluster): cluster for cluster in home.values()}.values())


def _join(
    home: dict[tuple[int, int], dict[int, int]], one: tuple[int, int], two: tuple[int, int]
) -> None:
    mine, theirs = home[one], home[two]
    if mine is theirs or mine.keys() & theirs.keys():
        return
    mine.update(theirs)
    for place in theirs.items():
        home[place] = mine


def _may_join(
    one: dict[int, int], two: dict[int, int], marks: Sequence[Marks], rules: Rules
) -> bool:
    if one is two or one.keys() & two.keys():
        return False
    return len(one) == len(two) == 1 or all(
        _alike(marks[p].keys[i], marks[q].keys[j], rules)
        for p, i in one.items()
        for q, j in two.items()
    )


def _alike(a: SpanKey, b: SpanKey, rules: Rules) -> bool:
    return worth(iou(a, b), same_label=a[2] == b[2], rules=rules) > 0


def _one_to_several(clusters: Sequence[dict[int, int]], marks: Sequence[Marks]) -> set[int]:
    """The clusters in which one annotator has one span where another has several."""
    lonely = [n for n, cluster in enumerate(clusters) if len(cluster) < len(marks)]
    if not lonely:
        return set()
    broken: set[int] = set()
    home = {place: n for n, cluster in enumerate(clusters) for place in cluster.items()}
    for n in lonely:
        for who, at in clusters[n].items():
            for other in range(len(marks)):
                if other not in clusters[n] and marks[other].keys:
                    whole = _whole_of(marks[who], at, marks[other])
                    found = {home[other, j] for j in whole}
                    broken |= {
                        place
                        for m in found
                        if _is_another_part(marks[who], at, clusters[m].get(who))
                        for place in (n, m)
                    }
    return broken


def _whole_of(mine: Marks, at: int, theirs: Marks) -> list[int]:
    """The spans of somebody else, of the same label, which this span shares text with."""
    part = mine.keys[at]
    return [j for j, key in enumerate(theirs.keys) if key[2] == part[2] and iou(part, key)]


def _is_another_part(mine: Marks, at: int, twin: int | None) -> bool:
    """Whether two spans of one annotator lie apart: a nested one is a thing of its own."""
    return twin is not None and not iou(mine.keys[at], mine.keys[twin])


def _links(answer: Answer) -> dict[str, tuple[Link, ...]]:
    by_id = {span.id: span for span in answer.spans}
    found: dict[str, list[Link]] = {}
    for relation in answer.relations:
        if relation.from_id in by_id and relation.to_id in by_id:
            link = Link(relation.label, by_id[relation.to_id])
            found.setdefault(relation.from_id, []).append(link)
    return {
        key: tuple(sorted(links, key=lambda link: (link.label, span_key(link.target))))
        for key, links in found.items()
    }


def _differences(
    members: Sequence[Member], attributes: Sequence[str], *, absent: bool, split: bool
) -> tuple[Kind, ...]:
    first = members[0]
    found: set[Kind] = set()
    if split:
        found.add(Kind.SPLIT_MERGE)
    if absent:
        found.add(Kind.MISSING)
    for member in members[1:]:
        one, two = first.span, member.span
        if one.label != two.label:
            found.add(Kind.LABEL)
        if one.start != two.start or one.end != two.end:
            found.add(Kind.BOUNDARY)
        if attributes and _differ(one, two, attributes):
            found.add(Kind.ATTRIBUTE)
        if (first.links or member.links) and not same_links(first.links, member.links):
            found.add(Kind.SPEAKER)
    return tuple(kind for kind in _GRAVEST_FIRST if kind in found) if found else ()


def _differ(one: Span, two: Span, attributes: Sequence[str]) -> bool:
    return any(
        attribute_value(one.attrs.get(name)) != attribute_value(two.attrs.get(name))
        for name in attributes
    )


def _group_order(group: Group) -> Any:
    return (
        group.start,
        group.end,
        [(member.annotator, span_key(member.span)) for member in group.members],
    )
