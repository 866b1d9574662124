"""Where events leave an article, and which act follows from where it stands."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.moderation.history import (
    Act,
    Event,
    SecondPersonError,
    State,
    VerdictError,
    check,
    in_force,
    last_act,
    where,
)
from labeling.moderation.policy import Verdict

ANN, BEN, CAT = "ann@example.org", "ben@example.org", "cat@example.org"


class History:
    """A history that takes an act only when it may be done."""

    def __init__(self):
        self.events = []

    def do(self, act, actor, verdict=None, reason="", note="", undoes=None):
        wanted = Event(act, actor, verdict, reason, note, undoes)
        check(wanted, self.events)
        self.events.append(Event(act, actor, verdict, reason, note, undoes, len(self.events) + 1))
        return self

    def undo(self, actor):
        last = last_act(self.events)
        return self.do(Act.UNDO, actor, undoes=last.seq if last else None)

    @property
    def now(self):
        return where(self.events)


def decided(actor=ANN, verdict=Verdict.NEEDS_EDIT):
    return History().do(Act.VERDICT, actor, verdict, "own")


def appealed(actor=ANN):
    return decided(actor).do(Act.APPEAL, CAT, reason="it is a name")


def test_nothing_said_leaves_it_waiting():
    assert where([]).state is State.WAITING
    assert last_act([]) is None


@pytest.mark.parametrize("verdict", [Verdict.FINE, Verdict.NEEDS_EDIT])
def test_a_verdict_decides(verdict):
    now = decided(verdict=verdict).now
    assert (now.state, now.verdict, now.by, now.reason) == (State.DECIDED, verdict, ANN, "own")


def test_fine_needs_no_reason_and_all_else_does():
    assert History().do(Act.VERDICT, ANN, Verdict.FINE).now.verdict is Verdict.FINE
    for verdict in (Verdict.NEEDS_EDIT, Verdict.ESCALATE):
        with pytest.raises(VerdictError, match="needs a reason"):
            History().do(Act.VERDICT, ANN, verdict)


def test_what_is_escalated_waits_for_a_second_person():
    history = decided(verdict=Verdict.ESCALATE)
    assert history.now.state is State.ESCALATED
    with pytest.raises(SecondPersonError, match="You escalated it"):
        history.do(Act.VERDICT, ANN, Verdict.FINE)
    with pytest.raises(VerdictError, match="escalated it already"):
        history.do(Act.VERDICT, BEN, Verdict.ESCALATE, "own")
    now = history.do(Act.VERDICT, BEN, Verdict.FINE).now
    assert (now.state, now.by) == (State.DECIDED, BEN)


def test_what_is_decided_is_not_decided_over():
    for actor in (ANN, BEN):
        with pytest.raises(VerdictError, match="decided already: needs edit, by ann"):
            decided().do(Act.VERDICT, actor, Verdict.FINE)


def test_an_appeal_is_answered_by_somebody_else():
    history = appealed()
    assert (history.now.state, history.now.verdict) == (State.APPEALED, Verdict.NEEDS_EDIT)
    with pytest.raises(VerdictError, match="appeal to answer first"):
        history.do(Act.VERDICT, BEN, Verdict.FINE)
    for act in (Act.UPHELD, Act.OVERTURNED):
        with pytest.raises(SecondPersonError, match="You gave the verdict"):
            history.do(act, ANN, Verdict.FINE, "no")
        with pytest.raises(VerdictError, match="needs a reason"):
            history.do(act, BEN, Verdict.FINE)


def test_an_appeal_upheld_leaves_the_verdict():
    with pytest.raises(VerdictError, match="stays as it is"):
        appealed().do(Act.UPHELD, BEN, Verdict.FINE, "right")
    now = appealed().do(Act.UPHELD, BEN, reason="right").now
    assert (now.state, now.verdict, now.by, now.answered) == (
        State.DECIDED,
        Verdict.NEEDS_EDIT,
        ANN,
        Act.UPHELD,
    )
    history = decided(verdict=Verdict.ESCALATE).do(Act.APPEAL, CAT, reason="too far")
    assert history.do(Act.UPHELD, BEN, reason="right").now.state is State.ESCALATED


def test_an_appeal_overturned_gives_another_verdict():
    for verdict in (None, Verdict.ESCALATE, Verdict.NEEDS_EDIT):
        with pytest.raises(VerdictError, match="overturned by another one"):
            appealed().do(Act.OVERTURNED, BEN, verdict, "right")
    now = appealed().do(Act.OVERTURNED, BEN, Verdict.FINE, "a name").now
    assert (now.state, now.verdict, now.by, now.answered) == (
        State.DECIDED,
        Verdict.FINE,
        BEN,
        Act.OVERTURNED,
    )


def test_an_appeal_is_against_a_verdict_and_has_a_reason():
    for history in (History(), appealed()):
        with pytest.raises(VerdictError, match="no verdict to appeal"):
            history.do(Act.APPEAL, BEN, reason="x")
    with pytest.raises(VerdictError, match="An appeal needs a reason"):
        decided().do(Act.APPEAL, BEN)
    with pytest.raises(VerdictError, match="no appeal to answer"):
        decided().do(Act.UPHELD, BEN, reason="x")


def test_the_newest_act_is_taken_back_by_whoever_did_it():
    history = appealed()
    with pytest.raises(SecondPersonError, match="Only cat"):
        history.undo(ANN)
    assert history.undo(CAT).now.state is State.DECIDED
    assert history.undo(ANN).now.state is State.WAITING
    with pytest.raises(VerdictError, match="nothing to take back"):
        history.undo(ANN)
    assert len(history.events) == 4


def test_only_the_newest_act_can_be_taken_back():
    with pytest.raises(VerdictError, match="nothing to take back"):
        appealed().do(Act.UNDO, ANN, undoes=1)


def test_a_note_changes_nothing_and_stays():
    history = decided().do(Act.NOTE, BEN, note="seen")
    assert history.now == decided().now
    assert last_act(history.events).act is Act.VERDICT
    with pytest.raises(VerdictError, match="A note needs words"):
        history.do(Act.NOTE, BEN)


def test_what_is_missing_or_too_long_is_refused():
    with pytest.raises(VerdictError, match="A verdict is missing"):
        History().do(Act.VERDICT, ANN)
    with pytest.raises(VerdictError, match="500 characters"):
        History().do(Act.VERDICT, ANN, Verdict.FINE, "x" * 501)
    with pytest.raises(VerdictError, match="500 characters"):
        History().do(Act.NOTE, ANN, note="x" * 5001)


WANTED = st.lists(
    st.tuples(
        st.sampled_from(list(Act)),
        st.sampled_from([ANN, BEN]),
        st.sampled_from([None, *Verdict]),
        st.sampled_from(["", "why"]),
    ),
    max_size=12,
)


def attempt(history, act, actor, verdict, reason):
    """Try an act; one that is refused leaves everything as it was."""
    before, now = list(history.events), history.now
    try:
        if act is Act.UNDO:
            history.undo(actor)
        else:
            history.do(act, actor, verdict, reason, note=reason)
    except (VerdictError, SecondPersonError):
        assert (history.events, history.now) == (before, now)


@given(WANTED)
def test_whatever_people_try_the_history_stays_sound(wanted):
    history = History()
    for one in wanted:
        attempt(history, *one)
    verdicts = [one for one in in_force(history.events) if one.act is Act.VERDICT]
    # Of two verdicts the first hands it on, and the second is somebody else's.
    for one, other in pairwise(verdicts):
        assert one.verdict is Verdict.ESCALATE
        assert one.actor != other.actor
    for n, one in enumerate(history.events):
        if one.act in (Act.UPHELD, Act.OVERTURNED):
            assert where(history.events[:n]).by != one.actor
        if one.verdict in (Verdict.NEEDS_EDIT, Verdict.ESCALATE):
            assert one.reason


@given(WANTED)
def test_taking_everything_back_leaves_it_as_it_was_at_first(wanted):
    history = History()
    for one in wanted:
        attempt(history, *one)
    while (last := last_act(history.events)) is not None:
        history.undo(last.actor)
    assert history.now == where([])
