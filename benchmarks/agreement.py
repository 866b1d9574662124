"""Agreement of 10,000 passages by three annotators against scipy's solver on every pair.

``theirs`` is the least one could do without figures, intervals or kinds: the whole matrix of
each pair of annotators in each passage given to ``linear_sum_assignment``, and the token
values of each pair counted. Ours, in the same run: all figures with their intervals from the
counts that are kept; the same after one passage in a hundred changed, as a sync does it; and
everything from the spans on, as an export is compared (groups and kinds among it).
"""

from __future__ import annotations

import gc
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.figure import Figure
from labeling.agreement.answers import Answer
from labeling.agreement.comparison import compare
from labeling.agreement.matching import span_key
from labeling.agreement.report import ComparedPassage, make_report
from labeling.agreement.rules import Rules
from labeling.agreement.tokens import token_bounds, token_labels
from labeling.types import Layer, Scheme, Span

PASSAGES = 10_000
PER_ARTICLE = 7
WORDS = 60
RUNS = 3
LABELS = ("A", "B", "C", "D", "E")
LAYER = Layer("mark", "spans", LABELS)
SCHEME = Scheme((LAYER,), (), (), "")
RULES = Rules()

Passage = tuple[str, list[Answer]]


def measure() -> Iterator[Figure]:
    """Time ours and theirs in turn."""
    passages = list(_passages(random.Random(7)))
    kept = _compare(passages)
    changed = passages[::100]
    # What stands here all along is no garbage to look through while others are timed.
    gc.freeze()
    whole, figures, after, theirs = [], [], [], []
    for _ in range(RUNS):
        theirs.append(_timed(lambda: [_plain(*passage) for passage in passages]))
        figures.append(_timed(lambda: _figures(kept)))
        after.append(_timed(lambda: (_compare(changed), _figures(kept))))
        whole.append(_timed(lambda: _figures(_compare(passages))))
    yield Figure("agreement_10k_x3", figures, theirs)
    yield Figure("agreement_10k_x3_one_percent_changed", after, theirs)
    yield Figure("agreement_10k_x3_from_spans", whole, theirs)


def _compare(passages: list[Passage]) -> list[ComparedPassage]:
    return [
        ComparedPassage(str(n // PER_ARTICLE), compare(answers, text, SCHEME, RULES).counts)
        for n, (text, answers) in enumerate(passages)
    ]


def _figures(kept: list[ComparedPassage]) -> None:
    figure = make_report(kept, SCHEME.layers)["layers"]["mark"]["f1_exact"]
    assert figure["value"] is not None


def _plain(text: str, answers: list[Answer]) -> None:
    bounds = token_bounds(text)
    keys = [sorted(span_key(span) for span in answer.spans) for answer in answers]
    values = [token_labels(bounds, own) for own in keys]
    for p, q in combinations(range(len(answers)), 2):
        if keys[p] and keys[q]:
            worths = np.array([[_worth(a, b) for b in keys[q]] for a in keys[p]])
            linear_sum_assignment(worths, maximize=True)
        Counter(zip(values[p], values[q], strict=True))


def _worth(a: tuple[int, int, str], b: tuple[int, int, str]) -> float:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    if shared <= 0:
        return 0.0
    return shared / (a[1] - a[0] + b[1] - b[0] - shared) + 0.5 * (a[2] == b[2])


def _passages(chance: random.Random) -> Iterator[Passage]:
    """Passages of sixty words with two to eight spans, seen alike and not alike by three."""
    for _ in range(PASSAGES):
        words = ["w" * chance.randint(2, 8) for _ in range(WORDS)]
        starts = [sum(len(word) + 1 for word in words[:at]) for at in range(WORDS)]
        at, truth = 0, []
        for _ in range(chance.randint(2, 8)):
            at += chance.randint(1, 6)
            last = at + chance.randint(0, 3)
            if last >= WORDS:
                break
            truth.append((starts[at], starts[last] + len(words[last]), chance.choice(LABELS)))
            at = last + 1
        yield " ".join(words), [_answer(chance, name, truth) for name in ("ada", "ben", "chloe")]


def _answer(chance: random.Random, name: str, truth: list[tuple[int, int, str]]) -> Answer:
    spans = []
    for n, (start, end, label) in enumerate(truth):
        luck = chance.random()
        if luck < 0.1:
            continue
        seen = chance.choice(LABELS) if luck < 0.18 else label
        spans.append(Span(str(n), "mark", seen, max(0, start - 3 * (luck > 0.9)), end))
    return Answer(name, tuple(spans))


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
