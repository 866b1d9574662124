"""Values that others published, and a well-kept library as oracle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.agreement.coefficients import alpha, cohen_kappa, fleiss_kappa, unit_sums
from labeling.agreement.matching import score

# Krippendorff 2011, p. 1: four observers, twelve units, some of them not rated by all.
KRIPPENDORFF = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
# Fleiss 1971, table 1: how many of six psychiatrists gave each of thirty patients each of
# five diagnoses.
FLEISS = """00060 03003 01401 00006 03030 20400 00402 20310 20040 00006
10050 11040 03300 10050 02031 00501 30012 51000 02040 10203
00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"""


def sums_of(units):
    """What units add up to: values in order, and the sums by them."""
    found = [sums for unit in units if (sums := unit_sums(unit)) is not None]
    values = sorted({value for sums in found for value in sums.counts})
    totals = [sum(sums.counts.get(value, 0) for sums in found) for value in values]
    disagreement = sum(sums.disagreement for sums in found)
    shares = sum(sums.agreeing / sums.pairs for sums in found)
    return totals, disagreement, shares, len(found)


def cohen_of(table):
    """Kappa of a table of counts, one rater's values in rows, the other's in columns."""
    units = sum(map(sum, table))
    agreeing = sum(table[at][at] for at in range(len(table)))
    rows, columns = map(sum, table), map(sum, zip(*table, strict=True))
    return float(cohen_kappa(agreeing, units, list(rows), list(columns)))


def units_of(table):
    """The pairs of ratings behind a table of counts."""
    return [(a, b) for a, row in enumerate(table) for b, n in enumerate(row) for _ in range(n)]


def test_krippendorff_2011():
    columns = zip(*(line.split() for line in KRIPPENDORFF), strict=True)
    units = [[value for value in column if value != "."] for column in columns]
    totals, disagreement, *_ = sums_of(units)
    assert float(alpha(disagreement, totals)) == pytest.approx(0.743, abs=5e-4)


def test_cohen_1960():
    assert cohen_of([[88, 10, 2], [14, 40, 6], [18, 10, 12]]) == pytest.approx(0.492, abs=5e-4)


def test_fleiss_1971():
    units = [
        [diagnosis for diagnosis, n in enumerate(map(int, row)) for _ in range(n)]
        for row in FLEISS.split()
    ]
    assert {len(unit) for unit in units} == {6}
    totals, _, shares, n = sums_of(units)
    assert float(fleiss_kappa(shares, n, totals)) == pytest.approx(0.430, abs=5e-4)


def test_artstein_and_poesio_2008():
    table = [[20, 20], [10, 50]]
    totals, _, shares, n = sums_of(units_of(table))
    assert float(fleiss_kappa(shares, n, totals)) == pytest.approx(0.341, abs=5e-4)
    assert cohen_of(table) == pytest.approx(0.348, abs=5e-4)


def test_one_value_throughout_is_undefined_not_perfect():
    totals, disagreement, shares, n = sums_of([["a", "a"]] * 9)
    assert str(float(alpha(disagreement, totals))) == "nan"
    assert str(float(fleiss_kappa(shares, n, totals))) == "nan"
    assert str(cohen_of([[9]])) == "nan"


def test_a_unit_that_one_rated_alone_counts_for_nothing():
    assert unit_sums(["a"]) is None
    assert unit_sums([]) is None


def nervaluate(true, predicted):
    from nervaluate import Evaluator

    def as_dicts(spans):
        # Its ends are inclusive.
        return [{"label": label, "start": start, "end": end - 1} for start, end, label in spans]

    evaluator = Evaluator([as_dicts(true)], [as_dicts(predicted)], tags=["A", "B"], loader="dict")
    return evaluator.evaluate()["overall"]


def f1(found, true, predicted):
    return 2 * found / (len(true) + len(predicted)) if true or predicted else 0.0


# The cases of MUC: correct, wrong label, partial, missed, spurious, and some of each.
MUC = [
    ([(0, 5, "A")], [(0, 5, "A")]),
    ([(0, 5, "A")], [(0, 5, "B")]),
    ([(0, 5, "A")], [(2, 9, "A")]),
    ([(0, 5, "A")], [(2, 9, "B")]),
    ([(0, 5, "A")], []),
    ([], [(0, 5, "A")]),
    ([(0, 5, "A"), (9, 12, "B")], [(0, 5, "A"), (9, 14, "B"), (20, 22, "A")]),
    ([(0, 5, "A"), (6, 9, "B"), (10, 20, "A")], [(1, 5, "B"), (6, 9, "B"), (30, 34, "A")]),
]


@pytest.mark.parametrize(("true", "predicted"), MUC)
def test_the_cases_of_muc(true, predicted):
    theirs, ours = nervaluate(true, predicted), score(true, predicted)
    assert f1(ours.partial, true, predicted) == pytest.approx(theirs["partial"].f1)
    assert f1(sum(ours.exact.values()), true, predicted) == pytest.approx(theirs["strict"].f1)


@st.composite
def slots(draw):
    """Two annotators' spans, each inside a stretch of its own, so that nothing is ambiguous."""
    sides = [], []
    for slot in range(draw(st.integers(0, 6))):
        for side in sides:
            if draw(st.booleans()):
                start = slot * 20 + draw(st.integers(0, 8))
                end = start + draw(st.integers(1, 9))
                side.append((start, end, draw(st.sampled_from("AB"))))
    return sides


@given(slots())
def test_nervaluate_counts_the_same(sides):
    true, predicted = sides
    if not true or not predicted:
        return
    theirs, ours = nervaluate(true, predicted), score(true, predicted)
    assert f1(ours.partial, true, predicted) == pytest.approx(theirs["partial"].f1)
    assert f1(sum(ours.exact.values()), true, predicted) == pytest.approx(theirs["strict"].f1)
