"""A smaller matrix on the real server, through the fault proxy: it keeps the simulator honest."""

from __future__ import annotations

import random

import pytest

from tests.faults.proxy import TWISTS, FaultProxy, Strike
from tests.faults.rehearsals import TOLD, rehearsal_line
from tests.rehearsal.matrix import Cell, Figures
from tests.rehearsal.points import REQUEST, Point
from tests.rehearsal.real import PULL, PUSH, RealRun
from tests.rehearsal.rig import InvariantError

pytestmark = [pytest.mark.studio, pytest.mark.slow]
# Longer than an answer takes on a busy machine; a request is held back for longer than it, and
# an import that was held back has ended within the settle time.
TIMEOUT_S, HOLD_S, SETTLE_S = 3.0, 3.5, 3.0


@pytest.fixture
def struck_proxy(studio):
    with FaultProxy(studio.url, hold_s=HOLD_S) as proxy:
        yield proxy


@pytest.fixture
def real_line(store_kind, request, tmp_path):
    with rehearsal_line(request.getfixturevalue(f"{store_kind}_template"), tmp_path / "i") as line:
        line.settings = line.settings.model_copy(
            update={"studio_timeout_s": TIMEOUT_S, "push_settle_s": SETTLE_S}
        )
        yield line


@pytest.mark.parametrize("job", [PUSH, PULL])
def test_nothing_is_lost_or_repeated_between_us_and_the_real_server(
    store_kind, real_line, studio, struck_proxy, job, fault_runs
):
    figures = Figures()
    luck = random.Random(f"{job} {store_kind}")
    # The first run makes the accounts as well, which the others find.
    RealRun(real_line, studio, struck_proxy, f"{job}-first", 0).play(job, None)
    requests = RealRun(real_line, studio, struck_proxy, f"{job}-dry", 0).play(job, None)
    twists = [*TWISTS] if fault_runs > 1 else luck.sample(TWISTS, 2)
    for run in range(max(len(twists), fault_runs)):
        twist = twists[run % len(twists)]
        strike = Strike(luck.randint(1, requests), twist, lambda: None)
        figures.cells.add(Cell(Point(REQUEST, f"of a {job}"), twist))
        figures.runs += 1
        try:
            RealRun(real_line, studio, struck_proxy, f"{job}-{run}", run).play(job, strike)
        except InvariantError as err:
            figures.bad[err.kind] += 1
            figures.said.append(f"{twist} at request {strike.at} of a {job}, run {run}: {err}")
        assert strike.struck.is_set(), f"run {run}: the fault never fell"
    TOLD.setdefault(f"faults before the real server, {store_kind}", Figures()).add(figures)
    assert figures.said == []
