"""Push and pull as a state machine: anything may happen in any order, and what must hold holds."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.line import Line
from tests.rehearsal.oracle import Oracle
from tests.rehearsal.play import come_to_rest
from tests.rehearsal.rig import Rig
from tests.rehearsal.studio import ANSWERS, Blow

NUMBERS = count(1)
DEEDS = (
    "answer", "answer_again", "skip", "draft", "edit", "withdraw", "stranger", "tie", "bulk",
    "foreign", "move", "delete_task", "reuse_id", "change_text", "overwrite",
)  # fmt: skip
WRITES = ("import_tasks", "create_project", "create_tab", "create_user", "delete_tasks")
READS = ("get_project", "find_tasks", "count_tasks", "iter_stamps", "read_tasks", "list_users")

BROKEN_WRITES = st.builds(
    Blow, st.sampled_from(("yes", "no", "late")), st.sampled_from(sorted({*ANSWERS, "kill"}))
).filter(lambda blow: (blow.done, blow.answer) not in NEVER)
BROKEN_READS = st.one_of(
    st.builds(Blow, st.just("no"), st.sampled_from(sorted({*ANSWERS, "kill"}))),
    st.builds(Blow, st.just("yes"), st.just("ok"), st.sampled_from(("short", "again", "empty"))),
)
# What never reached the server, or was refused by it, was not carried out.
NEVER = {(done, answer) for done in ("yes", "late") for answer in ("refused", "401")}


class PushAndPull(RuleBasedStateMachine):
    """One batch, its annotators, the network, and workers that die."""

    line: ClassVar[Line]

    @initialize(seed=st.integers(0, 2**20))
    def begin(self, seed: int) -> None:
        self.rig = Rig(self.line, seed, f"machine-{next(NUMBERS)}")
        self.oracle = Oracle(self.rig)
        self.open = ExitStack()
        self.open.enter_context(self.rig.running())
        self.pushed = self.lied = False

    @rule(operation=st.sampled_from(WRITES), blow=BROKEN_WRITES)
    def a_write_will_break(self, operation: str, blow: Blow) -> None:
        self.rig.weather[operation] = blow

    @rule(operation=st.sampled_from(READS), blow=BROKEN_READS)
    def a_reading_will_break(self, operation: str, blow: Blow) -> None:
        if blow.page == "empty":
            if self.lied:
                return  # two false listings in a row are what the brake alone is for
            self.lied = True
        self.rig.weather[operation] = blow

    @precondition(lambda self: not self.rig.people.removed)
    @rule()
    def push(self) -> None:
        self.rig.push()
        self.pushed = True

    @precondition(lambda self: self.pushed)
    @rule(full=st.booleans())
    def sync(self, full: bool) -> None:
        self.rig.sync(full=full)

    @precondition(lambda self: self.pushed and not self.rig.people.removed)
    @rule()
    def rework(self) -> None:
        self.rig.rework()

    @precondition(lambda self: self.pushed)
    @rule()
    def review(self) -> None:
        self.rig.review()

    @precondition(lambda self: self.pushed)
    @rule(deed=st.sampled_from(DEEDS), times=st.integers(1, 3))
    def people_work(self, deed: str, times: int) -> None:
        self.rig.people.some((deed,), times)

    @rule(seconds=st.sampled_from((1, 60, 400, 7200)))
    def time_passes(self, seconds: int) -> None:
        self.rig.world.pass_time(seconds)

    @rule(hours=st.sampled_from((-24, -1, 1, 24)))
    def our_clock_is_turned(self, hours: int) -> None:
        self.rig.turn_clock(hours)

    @invariant()
    def what_must_always_hold(self) -> None:
        self.oracle.after_job()

    def teardown(self) -> None:
        with self.open:
            self.rig.weather.clear()
            if not self.pushed:
                self.rig.push()
            come_to_rest(self.rig, self.oracle)


def machine_on(line: Line) -> type[RuleBasedStateMachine]:
    """The machine on an instance: every example is a batch of its own on it."""
    return type("PushAndPullHere", (PushAndPull,), {"line": line})
