"""What the rehearsal is worth: our code broken on purpose, and each break noticed."""

from __future__ import annotations

import pytest

from tests.faults.rehearsals import rehearsal_line
from tests.rehearsal.matrix import hunt
from tests.rehearsal.mutants import MUTANTS


@pytest.fixture(scope="module")
def line(sqlite_template, tmp_path_factory):
    with rehearsal_line(sqlite_template, tmp_path_factory.mktemp("mutants") / "instance") as line:
        yield line


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_code_that_is_broken_on_purpose_is_noticed(line, mutant):
    noticed = hunt(line, mutant)
    assert noticed is not None, "no run noticed it"
    assert noticed.invariant in mutant.caught_by, str(noticed)


def test_there_are_many_of_them():
    assert len({mutant.name for mutant in MUTANTS}) >= 12
