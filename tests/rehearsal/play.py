"""The story of a run: push, answers, syncs, rework, and what must hold at its end."""

from __future__ import annotations

from app.models.jobs import JobState
from tests.rehearsal.oracle import Oracle
from tests.rehearsal.rig import InvariantError, Rig
from tests.rehearsal.studio import Blow

# Which job of the story the fault falls into.
STAGES = ("push", "settle", "sweep", "pull", "again", "rework", "full")

PUSHES = ("push", "settle", "sweep")

# The weather of a stage: without it, what the stage is about would not come about.
WEATHER = {
    "settle": (Blow("no", "timeout"), Blow("yes", "reset"), Blow("late", "timeout")),
    "sweep": (Blow("twice"),),
}

FIRST = ("answer", "answer", "answer", "skip", "draft", "stranger", "answer_again")
THEN = ("answer", "edit", "edit", "withdraw", "tie", "bulk", "skip", "answer_again", "foreign")
LAST = ("edit", "withdraw", "move", "delete_task", "reuse_id", "change_text", "overwrite", "answer")


def play(rig: Rig, stage: str) -> None:
    """Play a run with the fault in one of its stages.

    Raises:
        InvariantError: an invariant does not hold.
    """
    oracle = Oracle(rig)
    if stage in WEATHER:
        rig.weather["import_tasks"] = rig.luck.choice(WEATHER[stage])
    rig.push(probed=stage in PUSHES)
    oracle.after_job()
    rig.people.some(FIRST, 9)
    if stage not in PUSHES:
        rig.sync(probed=stage == "pull")
        oracle.after_job()
        _review(rig, oracle)
        if stage != "pull":
            _go_on(rig, oracle, stage)
    come_to_rest(rig, oracle)


def _go_on(rig: Rig, oracle: Oracle, stage: str) -> None:
    rig.people.some(THEN, 6)
    if rig.luck.random() < 0.5:
        # One of two answers of a moment is seen by this sync, the other one after it.
        rig.people.do("tie")
        rig.world.pass_time(1.5)
    else:
        # Longer than the overlap.
        rig.world.pass_time(rig.luck.choice((400, 4000)))
    rig.sync(probed=stage == "again")
    oracle.after_job()
    _review(rig, oracle)
    if stage == "rework":
        rig.rework(probed=True)
        oracle.after_job()
        rig.people.some(("answer", "edit"), 4)
    if stage == "full":
        rig.people.some(LAST, 4)
        rig.sync(full=True, probed=True)
        oracle.after_job()


def _review(rig: Rig, oracle: Oracle) -> None:
    for _ in range(2):
        rig.review()
    oracle.after_job()


def come_to_rest(rig: Rig, oracle: Oracle) -> None:
    """The faults stop; time goes by; everything is synced, and nothing is left to say."""
    rig.world.pass_time(20)
    rig.server.away = rig.server.blank = False
    if rig.probe.fault is not None and rig.probe.fault.twins and not rig.people.removed:
        # A worker that stood still may have sent what another had sent: the next push sweeps.
        rig.push()
    rig.world.pass_time(270)
    rig.sync()
    oracle.after_job()
    oracle.changes_are_here()
    for _ in range(2):
        rig.sync(full=True)
        oracle.after_job()
    oracle.at_rest()
    nothing_changes(rig, oracle)


def nothing_changes(rig: Rig, oracle: Oracle) -> None:
    """I10: what was read once may be read again, and changes nothing."""
    job = rig.sync(full=True)
    if job.state != JobState.SUCCEEDED or job.result is None:
        raise InvariantError("wrong", "I30", f"the last sync is {job.state}")
    if job.result["revisions_new"] or job.result["withdrawn"]:
        raise InvariantError("repeated", "I10", f"a sync of what is known brought {job.result}")
    oracle.after_job()
