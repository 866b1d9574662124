"""Whole numbers out of proportions: sums are kept, limits too, and nothing is far off."""

from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from labeling.deal.chance import chance_of
from labeling.deal.shares import Row, share_out

Table = list[list[int]]


def order(row: int, column: int) -> bytes:
    return chance_of(0)(str(row), str(column))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any table of whole numbers: its sums are sums that some table has."""
    columns = draw(st.integers(1, 5))
    return draw(
        st.lists(
            st.lists(st.integers(0, 9), min_size=columns, max_size=columns), min_size=1, max_size=8
        )
    )


# The example makes a column be tried by way of another row, before its own turn comes.
@example([[0, 1, 4], [0, 1, 1]])
@given(tables())
def test_sums_and_limits_are_kept_wherever_there_is_a_table_that_keeps_them(made_up: Table) -> None:
    rows = [Row(sum(entries), max(entries)) for entries in made_up]
    columns = [sum(entries) for entries in zip(*made_up, strict=True)]
    even = [Fraction(1, len(columns))] * len(columns)
    found = share_out(rows, columns, even, order)
    assert [sum(entries) for entries in found] == [row.tasks for row in rows]
    assert [sum(entries) for entries in zip(*found, strict=True)] == columns
    assert all(
        0 <= n <= row.most for row, entries in zip(rows, found, strict=True) for n in entries
    )


@given(tables())
def test_every_entry_is_its_proportion_rounded_up_or_down(made_up: Table) -> None:
    columns = [sum(entries) for entries in zip(*made_up, strict=True)]
    total = sum(columns)
    weights = [Fraction(column, total or 1) for column in columns]
    rows = [Row(sum(entries), total) for entries in made_up]
    found = share_out(rows, columns, weights, order)
    for row, entries in zip(rows, found, strict=True):
        for entry, weight in zip(entries, weights, strict=True):
            assert abs(entry - row.tasks * weight) < 1
