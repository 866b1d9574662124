"""Hypothesis looks for an order of things in which push and pull break an invariant."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.rehearsals import rehearsal_line
from tests.rehearsal.machine import machine_on

STEPS = 12
# A step is a job on a real store: a thousand times the work of an ordinary example.
SHARE = 8


@pytest.mark.parametrize("store_kind", ["sqlite"])
def test_no_order_of_things_breaks_what_must_hold(
    store_kind, sqlite_template, tmp_path, fault_runs
):
    usual = hypothesis.settings.default.max_examples
    settings = hypothesis.settings(
        max_examples=max(usual // SHARE, 1) if fault_runs == 1 else 10 * fault_runs,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    with rehearsal_line(sqlite_template, tmp_path / "instance") as line:
        run_state_machine_as_test(machine_on(line), settings=settings)
