"""What a reviewer does on the page of a passage: decide, relate, remark, flag, send back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.models.connections import Annotator
from app.models.review import Gold, ItemState, Review, ReviewItem, ReviewNote, ReviewState
from app.queries.decisions import decided_in, letters_of, list_conflicts, list_history
from app.queue import Queue
from app.services import audit, deciding
from app.services.decision_files import DecisionBody, carry_out
from app.services.gold import current_gold
from app.services.reviews import find_item, leave_review, open_review
from app.services.rework import Rework, request_rework
from labeling import decisions as core

MOST_NOTE_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Seat:
    """Who does something, at which passage of which batch, and when."""

    slug: str
    passage: str
    actor: str
    now: datetime

    def note(self, session: Session, action: str, **detail: Any) -> None:
        """Write down what was done."""
        audit.record(
            session,
            actor=self.actor,
            action=action,
            object=f"batch:{self.slug}",
            detail={"passage": self.passage, **detail},
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page showed when a form on it was made: revisions, and the newest gold (or 0)."""

    revisions: tuple[int, ...]
    base: int = 0


def hold(session: Session, seat: Seat, *, again: bool = False) -> Review:
    """Enter a passage, or stay in it for another while.

    Args:
        session: a transaction.
        seat: who and where.
        again: open a settled passage for another turn.

    Raises:
        ConflictError: a colleague is inside or has settled it, or it waits for an annotator.
        NotPermittedError, NotFoundError: see ``open_review``.
    """
    _, _, item = find_item(session, seat.slug, seat.passage)
    if item.state in (ItemState.WAITING, ItemState.REWORK):
        raise ConflictError(
            "This passage waits for an annotator's answer.", remedy="Take another one."
        )
    if item.state == ItemState.REVIEWED and not again and _own(session, item, seat.actor) is None:
        raise _settled(current_gold(session, item))
    return open_review(session, seat.slug, seat.passage, actor=seat.actor, now=seat.now)


def take(session: Session, seat: Seat, seen: Seen, body: DecisionBody) -> None:
    """Record one verdict, made on a page that showed ``seen``.

    Raises:
        ConflictError: an annotator answered anew, or a colleague is inside or settled it.
        DecisionError: the verdict does not fit the passage.
    """
    check_base(session, seat, seen)
    told = body.model_copy(update={"seen": list(seen.revisions)})
    place = (session, seat.slug, seat.passage)
    carry_out(*place, [told], actor=seat.actor, now=seat.now, settle=False)


def relate(
    session: Session, seat: Seat, seen: Seen, group: str, links: Sequence[core.Link]
) -> None:
    """Say which relations begin at a group, keeping whatever else was decided of it.

    Raises:
        InvalidInputError: the group is still open, or rejected.
    """
    check_base(session, seat, seen)
    _, _, item = find_item(session, seat.slug, seat.passage)
    one = _own(session, item, seat.actor)
    decided = {} if one is None else decided_in(list_history(session, one.id))
    known = {c.key: c for c in list_conflicts(session, item.batch_id, item.passage_id)}
    before = decided.get(group)
    if before is None and group in known and not known[group].differs:
        before = core.accepting(known[group])
    if before is None or before.verdict is core.Verdict.REJECT:
        raise InvalidInputError(
            "Relations begin at spans that are settled.", remedy="Pick a version first."
        )
    wanted = replace(before, links=tuple(links), bulk=False)
    place = (session, seat.slug, seat.passage)
    deciding.decide(*place, wanted, actor=seat.actor, now=seat.now, seen=seen.revisions)


def undo(session: Session, seat: Seat, seen: Seen) -> str:
    """Take back the newest decision that is in force.

    Returns:
        The key of its group; empty when there was nothing to take back.

    Raises:
        ConflictError: see ``take``.
    """
    check_base(session, seat, seen)
    last = deciding.undo(session, seat.slug, seat.passage, actor=seat.actor, now=seat.now)
    return "" if last is None else last.group


def accept_majorities(session: Session, seat: Seat, seen: Seen) -> int:
    """Accept every open group on which most agree.

    Raises:
        InvalidInputError: the batch does not allow it.
        ConflictError: see ``take``.
    """
    check_base(session, seat, seen)
    place = (session, seat.slug, seat.passage)
    return deciding.accept_majorities(*place, actor=seat.actor, now=seat.now)


def submit(session: Session, seat: Seat, seen: Seen) -> Gold:
    """Settle a passage on what the page showed.

    Raises:
        InvalidInputError: groups are still open.
        ConflictError: see ``take``.
    """
    check_base(session, seat, seen)
    place = (session, seat.slug, seat.passage)
    return deciding.submit(*place, actor=seat.actor, now=seat.now, seen=seen.revisions)


def leave(session: Session, seat: Seat) -> None:
    """Let a passage go; what was decided is kept."""
    leave_review(session, seat.slug, seat.passage, actor=seat.actor)


def check_base(session: Session, seat: Seat, seen: Seen) -> None:
    """Refuse what was made on a page older than the newest gold.

    Raises:
        ConflictError: a colleague settled the passage meanwhile.
    """
    _, _, item = find_item(session, seat.slug, seat.passage)
    newest = current_gold(session, item)
    if (0 if newest is None else newest.id) != seen.base:
        raise _settled(newest)


def add_note(session: Session, seat: Seat, text: str, *, group: str = "") -> None:
    """Keep a remark on a passage, or on one group of it.

    Raises:
        InvalidInputError: it is empty or too long.
    """
    _, _, item = find_item(session, seat.slug, seat.passage)
    words = text.strip()
    if not 0 < len(words) <= MOST_NOTE_CHARS:
        raise InvalidInputError(f"A comment is a text of 1 to {MOST_NOTE_CHARS:,} characters.")
    place = {"batch_id": item.batch_id, "passage_id": item.passage_id}
    session.add(ReviewNote(**place, group=group[:80], actor=seat.actor, text=words, at=seat.now))
    seat.note(session, "review_noted", group=group[:80])


def flag(session: Session, seat: Seat, words: str, *, on: bool) -> None:
    """Mark a passage for others to look at, or take the mark away."""
    _, _, item = find_item(session, seat.slug, seat.passage)
    item.flagged_by = seat.actor if on else ""
    item.flag_note = words.strip()[:MOST_NOTE_CHARS] if on else ""
    seat.note(session, "passage_flagged" if on else "passage_unflagged")


@dataclass(frozen=True, slots=True)
class Back:
    """What goes back: to whom (by letter), and why (a group's key, or empty, and the reason)."""

    letters: Sequence[str]
    reasons: Sequence[tuple[str, str]]


def send_back(session: Session, queue: Queue, seat: Seat, seen: Seen, back: Back) -> list[Rework]:
    """Send a passage back to some of its annotators, with a reason for each group.

    Args:
        session: a transaction.
        queue: where the push is planned.
        seat: who sends it back.
        seen: what the page showed.
        back: whom to ask again, and why.

    Raises:
        InvalidInputError: nobody is named, or no reason.
        ConflictError, NotFoundError: see ``request_rework``.
    """
    check_base(session, seat, seen)
    batch, passage, item = find_item(session, seat.slug, seat.passage)
    if not back.letters or not any(reason.strip() for _, reason in back.reasons):
        raise InvalidInputError(
            "A passage goes back to somebody, for a reason.",
            remedy="Choose whom to ask again, and say why at one group at least.",
        )
    names = {letter: int(one) for one, letter in letters_of(session, batch, passage).items()}
    unknown = [letter for letter in back.letters if letter not in names]
    if unknown:
        raise NotFoundError(f"Nobody here is called {unknown[0]!r}.")
    reason = _reason(session, item, passage.text, back.reasons)
    leave(session, seat)
    emails = session.scalars(
        select(Annotator.email)
        .where(Annotator.id.in_([names[letter] for letter in back.letters]))
        .order_by(Annotator.email)
    ).all()
    place = (session, queue, seat.slug, seat.passage)
    return [
        request_rework(*place, annotator=email, reason=reason, actor=seat.actor) for email in emails
    ]


def _reason(
    session: Session, item: ReviewItem, text: str, reasons: Sequence[tuple[str, str]]
) -> str:
    """What the annotators read: each group by its words, with what is worth another look."""
    known = {c.key: c for c in list_conflicts(session, item.batch_id, item.passage_id)}
    lines = []
    for key, reason in reasons:
        conflict = known.get(key)
        if not reason.strip():
            continue
        if conflict is None or conflict.end == 0:
            lines.append(reason.strip())
        else:
            said = " ".join(text[conflict.start : conflict.end].split())
            short = said if len(said) <= 80 else f"{said[:38]} … {said[-38:]}"
            lines.append(f"“{short}”: {reason.strip()}")
    return "\n".join(lines)


def _own(session: Session, item: ReviewItem, actor: str) -> Review | None:
    """The reviewer's open review of a passage, if they are inside."""
    return session.scalar(
        select(Review)
        .where(Review.batch_id == item.batch_id, Review.passage_id == item.passage_id)
        .where(Review.state == ReviewState.OPEN, Review.reviewer == actor)
    )


def _settled(gold: Any) -> ConflictError:
    by = "Somebody" if gold is None else gold.settled_by
    return ConflictError(
        f"{by} has settled this passage meanwhile.",
        remedy="What they settled and what you decided are both kept: compare them below.",
    )
