"""The fault matrix on the simulated server: a part of it in CI, all of it in `make faults`."""

from __future__ import annotations

import pytest

from tests.faults.rehearsals import TOLD, rehearsal_line
from tests.rehearsal.matrix import Figures, Matrix

# In a quick run, each store gets every so-manieth cell.
EVERY = {"sqlite": 12, "postgres": 48}
# `make faults` repeats the tests that kill a real worker three times as often.
RUNS_A_SEED = 3
PARTS = 10


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
def rehearsed(request, tmp_path_factory):
    """The matrix on an instance of each store, and the name of the store."""
    template = request.getfixturevalue(f"{request.param}_template")
    seeds = max(1, request.config.getoption("--fault-runs") // RUNS_A_SEED)
    with rehearsal_line(template, tmp_path_factory.mktemp("rehearsal") / "instance") as line:
        yield request.param, Matrix(line, seeds)


def a_few(cells, every):
    """Every so-manieth cell, and those that once found something."""
    found = [cell for cell in cells if cell.fault.startswith("kill_late")]
    return sorted({*cells[::every], *found})


@pytest.mark.parametrize("part", range(PARTS))
def test_no_fault_at_any_point_loses_repeats_or_breaks_anything(rehearsed, part):
    store, matrix = rehearsed
    cells = matrix.cells()
    assert len(cells) >= 150
    mine = cells if matrix.seeds > 1 else a_few(cells, EVERY[store])
    figures = Figures()
    matrix.run(mine[part::PARTS], figures)
    assert figures.runs == len(figures.cells) * matrix.seeds > 0
    TOLD.setdefault(f"fault matrix, simulated server, {store}", Figures()).add(figures)
    assert figures.said == []
