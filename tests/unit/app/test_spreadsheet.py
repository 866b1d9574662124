"""What goes into a CSV answer is text to a spreadsheet, never a formula."""

from __future__ import annotations

import pytest

from app.views.spreadsheet import harmless


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "＝", "＠"])
def test_what_begins_like_a_formula_becomes_a_text(first):
    assert harmless(f"{first}1+1") == f"'{first}1+1"


@pytest.mark.parametrize("cell", ["a=1", "", "’tis", -3, 0.5, None])
def test_everything_else_stays_as_it_is(cell):
    assert harmless(cell) == cell
