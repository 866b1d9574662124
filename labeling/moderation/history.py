"""What was decided of an article: events that are only ever added, and where they leave it.

An event is taken back by another one. What counts is what was not taken back; the rest stays
in the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from labeling.errors import LabelingError
from labeling.moderation.policy import Verdict

LONGEST_REASON = 500
LONGEST_NOTE = 5_000


class VerdictError(LabelingError):
    """Nothing was decided: it lacks a reason, or does not follow from where the article stands."""

    kind = "bad_verdict"


class SecondPersonError(LabelingError):
    """This is for somebody else to say."""

    kind = "not_permitted"


class Act(StrEnum):
    """What somebody did on the desk."""

    VERDICT = "verdict"
    APPEAL = "appeal"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    NOTE = "note"
    UNDO = "undo"


class State(StrEnum):
    """Where an article stands. Quiet: no rule matches it, and nobody has decided anything."""

    QUIET = "quiet"
    WAITING = "waiting"
    ESCALATED = "escalated"
    APPEALED = "appealed"
    DECIDED = "decided"


OPEN = (State.WAITING, State.ESCALATED, State.APPEALED)


@dataclass(frozen=True, slots=True)
class Event:
    """One act of one person; ``undoes`` is the seq of the event that it takes back."""

    act: Act
    actor: str
    verdict: Verdict | None = None
    reason: str = ""
    note: str = ""
    undoes: int | None = None
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Where:
    """Where the events leave an article.

    ``by`` gave the verdict in force, in the event ``seq``. ``answered`` says how an appeal
    against it ended, if there was one.
    """

    state: State = State.WAITING
    verdict: Verdict | None = None
    reason: str = ""
    by: str = ""
    seq: int = 0
    answered: Act | None = None


def in_force(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events that were not taken back, in their order; notes among them."""
    events = tuple(events)
    undone = {one.undoes for one in events if one.act is Act.UNDO}
    return tuple(one for one in events if one.act is not Act.UNDO and one.seq not in undone)


def where(events: Iterable[Event]) -> Where:
    """Add the events up."""
    now = Where()
    for one in in_force(events):
        now = _after(now, one)
    return now


def check(wanted: Event, events: Sequence[Event]) -> None:
    """Refuse an act that does not follow from where the article stands.

    Args:
        wanted: what somebody wants to do; its ``seq`` is not known yet.
        events: what was done so far, oldest first.

    Raises:
        VerdictError: it cannot be done now, or lacks what it needs.
        SecondPersonError: somebody else has to do it.
    """
    if len(wanted.reason) > LONGEST_REASON or len(wanted.note) > LONGEST_NOTE:
        raise VerdictError(
            f"A reason may have {LONGEST_REASON} characters and a note {LONGEST_NOTE:,}.",
            remedy="Say the rest in a second note.",
        )
    now = where(events)
    if wanted.act is Act.VERDICT:
        _check_verdict(wanted, now)
    elif wanted.act is Act.APPEAL:
        _check_appeal(wanted, now)
    elif wanted.act in (Act.UPHELD, Act.OVERTURNED):
        _check_answer(wanted, now)
    elif wanted.act is Act.NOTE:
        if not wanted.note:
            raise VerdictError("A note needs words.", remedy="Write what the others shall know.")
    else:
        _check_undo(wanted, events)


def last_act(events: Iterable[Event]) -> Event | None:
    """The newest event in force that can be taken back; notes stay."""
    acts = [one for one in in_force(events) if one.act is not Act.NOTE]
    return acts[-1] if acts else None


def _after(now: Where, one: Event) -> Where:
    if one.act in (Act.VERDICT, Act.OVERTURNED):
        escalated = one.verdict is Verdict.ESCALATE
        state = State.ESCALATED if escalated else State.DECIDED
        answered = one.act if one.act is Act.OVERTURNED else None
        return Where(state, one.verdict, one.reason, one.actor, one.seq, answered)
    if one.act is Act.APPEAL:
        return Where(State.APPEALED, now.verdict, now.reason, now.by, now.seq)
    if one.act is Act.UPHELD:
        escalated = now.verdict is Verdict.ESCALATE
        state = State.ESCALATED if escalated else State.DECIDED
        return Where(state, now.verdict, now.reason, now.by, now.seq, one.act)
    return now


def _check_verdict(wanted: Event, now: Where) -> None:
    if wanted.verdict is None:
        raise VerdictError("A verdict is missing.", remedy=_VERDICTS)
    if now.state is State.DECIDED:
        raise VerdictError(
            f"It is decided already: {_SAID[now.verdict]}, by {now.by}.",
            remedy=f"{now.by} can take it back; anybody else can appeal.",
        )
    if now.state is State.APPEALED:
        raise VerdictError(
            "There is an appeal to answer first.", remedy="Uphold the verdict, or overturn it."
        )
    if now.state is State.ESCALATED:
        if wanted.verdict is Verdict.ESCALATE:
            raise VerdictError(
                f"{now.by} has escalated it already.", remedy="Settle it: fine, or needs edit."
            )
        _check_second(wanted, now, "escalated it")
    if wanted.verdict is not Verdict.FINE and not wanted.reason:
        raise VerdictError(
            f"“{_SAID[wanted.verdict]}” needs a reason.",
            remedy="Say why: the reason is shown to whoever reads it later.",
        )


def _check_appeal(wanted: Event, now: Where) -> None:
    if now.state not in (State.DECIDED, State.ESCALATED):
        raise VerdictError(
            "There is no verdict to appeal against.",
            remedy="An appeal is against a verdict that nobody has appealed against yet.",
        )
    if not wanted.reason:
        raise VerdictError("An appeal needs a reason.", remedy="Say what speaks for the article.")


def _check_answer(wanted: Event, now: Where) -> None:
    if now.state is not State.APPEALED:
        raise VerdictError("There is no appeal to answer.", remedy="Appeal first, with a reason.")
    _check_second(wanted, now, "gave the verdict")
    if not wanted.reason:
        raise VerdictError("The answer to an appeal needs a reason.", remedy="Say why.")
    if wanted.act is Act.UPHELD:
        if wanted.verdict is not None:
            raise VerdictError(
                "A verdict that is upheld stays as it is.", remedy="Give no verdict with it."
            )
    elif wanted.verdict not in (Verdict.FINE, Verdict.NEEDS_EDIT) or wanted.verdict is now.verdict:
        raise VerdictError(
            "A verdict is overturned by another one: fine, or needs edit.",
            remedy="Say which holds instead.",
        )


def _check_second(wanted: Event, now: Where, did: str) -> None:
    if wanted.actor == now.by:
        raise SecondPersonError(
            f"You {did}, so somebody else has to look at it.",
            remedy="Take another article; the desk leaves this one out for you.",
        )


def _check_undo(wanted: Event, events: Sequence[Event]) -> None:
    last = last_act(events)
    if last is None or wanted.undoes != last.seq:
        raise VerdictError(
            "There is nothing to take back.", remedy="Only the newest act can be taken back."
        )
    if wanted.actor != last.actor:
        raise SecondPersonError(
            f"Only {last.actor} can take that back.", remedy="Appeal against it, with a reason."
        )


_SAID: dict[Verdict | None, str] = {
    Verdict.FINE: "fine",
    Verdict.NEEDS_EDIT: "needs edit",
    Verdict.ESCALATE: "escalate",
}
_VERDICTS = "Use one of fine, needs_edit, escalate."
