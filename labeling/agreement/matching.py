"""Which spans of two annotators are the same thing: matched one to one, the best sum wins.

What both marked exactly alike is matched first. Most of the rest overlaps nothing, or only
each other: it falls into islands, and only an island with several spans on both sides is
given to the assignment solver (scipy's Hungarian algorithm).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from labeling.agreement.rules import Rules
from labeling.types import Span

SAME_LABEL_BONUS = 0.5
GOOD_IOU = 0.5

SpanKey = tuple[int, int, str]
"""Start, end and label: what two spans have in common that are marked exactly alike."""


class Edge(NamedTuple):
    """A possible match: the index of a span on either side, and what the match is worth."""

    a: int
    b: int
    worth: float


class Overlap(NamedTuple):
    """Two spans that share text: their indices, how much (IoU), and whether labels agree."""

    a: int
    b: int
    iou: float
    same: bool


class Pairing(NamedTuple):
    """Two annotators' spans of one layer, side by side.

    Args:
        twins: indices of spans marked exactly alike by both, each used once.
        overlaps: what shares text among the rest.
    """

    twins: list[tuple[int, int]]
    overlaps: list[Overlap]


class Scores(NamedTuple):
    """What two annotators' spans of one layer come to.

    Args:
        exact: by label, spans with the same bounds and label.
        good: by label, spans with the same label whose IoU is at least one half.
        partial: MUC's credit over all labels: 1 for the same bounds, ½ for an overlap.
        partial_same: the same credit by label, given only where labels agree.
    """

    exact: dict[str, float]
    good: dict[str, float]
    partial: float
    partial_same: dict[str, float]


def span_key(span: Span) -> SpanKey:
    """What a span is compared by; its order is the order in which spans are looked at."""
    return span.start, span.end, span.label


def iou(one: SpanKey | tuple[int, int], two: SpanKey | tuple[int, int]) -> float:
    """Intersection over union of two stretches, in characters: 0 apart, 1 for the same."""
    shared = min(one[1], two[1]) - max(one[0], two[0])
    if shared <= 0:
        return 0.0
    return shared / (one[1] - one[0] + two[1] - two[0] - shared)


def worth(overlap: float, *, same_label: bool, rules: Rules) -> float:
    """What matching two spans is worth; 0 where they cannot be the same thing."""
    if same_label:
        return overlap + SAME_LABEL_BONUS if overlap > rules.min_iou else 0.0
    return overlap if overlap and overlap >= rules.min_iou_other_label else 0.0


def pair(a: Sequence[SpanKey], b: Sequence[SpanKey]) -> Pairing:
    """Lay two annotators' spans of one layer side by side; both are sorted."""
    if a == b:
        return Pairing([(at, at) for at in range(len(a))], [])
    twins = []
    rest_a, rest_b = [], []
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            twins.append((i, j))
            i, j = i + 1, j + 1
        elif a[i] < b[j]:
            rest_a.append(i)
            i += 1
        else:
            rest_b.append(j)
            j += 1
    rest_a.extend(range(i, len(a)))
    rest_b.extend(range(j, len(b)))
    return Pairing(twins, _overlaps(a, rest_a, b, rest_b))


def match(
    a: Sequence[SpanKey], b: Sequence[SpanKey], rules: Rules, pairing: Pairing | None = None
) -> list[Edge]:
    """Match two annotators' spans of one layer one to one, on overlap and label.

    Args:
        a, b: the spans, each list sorted.
        rules: what can be the same thing.
        pairing: what ``pair`` gave for them, if it is known.

    Returns:
        The twins, and of the rest the matches whose worths (IoU, and ½ for the same label)
        have the greatest sum. Which of the two is ``a`` makes no difference.
    """
    twins, overlaps = pairing or pair(a, b)
    edges = []
    for i, j, share, same in overlaps:
        value = worth(share, same_label=same, rules=rules)
        if value:
            edges.append(Edge(i, j, value))
    chosen = assign(edges, swap=list(b) < list(a))
    return [*(Edge(i, j, 1 + SAME_LABEL_BONUS) for i, j in twins), *chosen]


def score(a: Sequence[SpanKey], b: Sequence[SpanKey], pairing: Pairing | None = None) -> Scores:
    """Count the agreement of two annotators' spans of one layer.

    Beyond the twins each count is the best that a one-to-one matching of its own can reach,
    so it does not depend on how ties are broken.

    Args:
        a, b: the spans, each list sorted.
        pairing: what ``pair`` gave for them, if it is known.
    """
    twins, overlaps = pairing or pair(a, b)
    exact: dict[str, float] = {}
    for i, _ in twins:
        exact[a[i][2]] = exact.get(a[i][2], 0) + 1
    if not overlaps:
        return Scores(exact, exact, len(twins), exact)
    partial, same_label, good = [], [], []
    for i, j, share, same in overlaps:
        credit = Edge(i, j, 1.0 if share == 1 else 0.5)
        partial.append(credit)
        if same:
            same_label.append(credit)
            if share >= GOOD_IOU:
                good.append(Edge(i, j, 1.0))
    return Scores(
        exact=exact,
        good=_add(a, good, exact),
        partial=len(twins) + sum(edge.worth for edge in assign(partial)),
        partial_same=_add(a, same_label, exact),
    )


def _add(a: Sequence[SpanKey], edges: list[Edge], sums: dict[str, float]) -> dict[str, float]:
    """What the best matching adds to sums by label."""
    sums = dict(sums)
    for edge in assign(edges):
        label = a[edge.a][2]
        sums[label] = sums.get(label, 0) + edge.worth
    return sums


def _overlaps(
    a: Sequence[SpanKey], rest_a: Sequence[int], b: Sequence[SpanKey], rest_b: Sequence[int]
) -> list[Overlap]:
    if not rest_a or not rest_b:
        return []
    starts = [b[j][0] for j in rest_b]
    longest = max(b[j][1] - b[j][0] for j in rest_b)
    found = []
    for i in rest_a:
        one = a[i]
        first = bisect_right(starts, one[0] - longest)
        for at in range(first, bisect_left(starts, one[1], first)):
            j = rest_b[at]
            share = iou(one, b[j])
            if share:
                found.append(Overlap(i, j, share, one[2] == b[j][2]))
    return found


def assign(edges: Sequence[Edge], *, swap: bool = False) -> list[Edge]:
    """Choose edges so that no index is used twice and their worths have the greatest sum.

    Args:
        edges: the possible matches.
        swap: look from the other side, which only matters for ties.

    Returns:
        The chosen edges, by their indices.
    """
    if len(edges) < 2 or _all_apart(edges):
        return list(edges)
    chosen: list[Edge] = []
    for island in _islands(edges):
        chosen.extend(_solve(island, swap=swap))
    return sorted(chosen)


def _all_apart(edges: Sequence[Edge]) -> bool:
    return len({edge.a for edge in edges}) == len(edges) == len({edge.b for edge in edges})


def _islands(edges: Iterable[Edge]) -> list[list[Edge]]:
    """Edges by the island they are on: islands share no index on either side."""
    root: dict[tuple[str, int], tuple[str, int]] = {}

    def find(node: tuple[str, int]) -> tuple[str, int]:
        while (up := root.setdefault(node, node)) != node:
            root[node] = root.setdefault(up, up)
            node = root[node]
        return node

    for edge in edges:
        root[find(("a", edge.a))] = find(("b", edge.b))
    islands: dict[tuple[str, int], list[Edge]] = defaultdict(list)
    for edge in edges:
        islands[find(("a", edge.a))].append(edge)
    return list(islands.values())


def _solve(island: list[Edge], *, swap: bool) -> list[Edge]:
    rows = sorted({edge.a for edge in island})
    columns = sorted({edge.b for edge in island})
    if len(rows) == 1 or len(columns) == 1:
        return [max(island, key=lambda edge: (edge.worth, -edge.a, -edge.b))]
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    row_of = {index: n for n, index in enumerate(rows)}
    column_of = {index: n for n, index in enumerate(columns)}
    worths = np.zeros((len(rows), len(columns)))
    at = {(row_of[edge.a], column_of[edge.b]): edge for edge in island}
    for place, edge in at.items():
        worths[place] = edge.worth
    pairs = zip(*linear_sum_assignment(worths.T if swap else worths, maximize=True), strict=True)
    places = ((int(two), int(one)) if swap else (int(one), int(two)) for one, two in pairs)
    return [at[place] for place in places if place in at]
