"""A file of a reviewer, passage by passage: decisions, remarks, flags, and what goes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.queue import Queue
from app.services.decision_files import DecisionFile, Outcome, Part, carry_out
from app.services.gold import current_gold
from app.services.reviews import current_revisions, find_item, open_review
from app.services.room import Back, Seat, Seen, add_note, flag, send_back


@dataclass(slots=True)
class Done:
    """What became of one passage of a file."""

    outcome: Outcome
    noted: int = 0
    flagged: bool | None = None
    rework: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As ``review decide`` answers it."""
        one = self.outcome
        told: dict[str, Any] = {
            "passage": one.passage,
            "decided": one.decided,
            "submitted": one.submitted,
            "open": one.open,
        }
        if self.noted:
            told["noted"] = self.noted
        if self.flagged is not None:
            told["flagged"] = self.flagged
        if self.rework:
            told["rework"] = self.rework
        return told


def carry_out_part(
    session: Session, queue: Queue, seat: Seat, part: Part, file: DecisionFile
) -> Done:
    """Carry out what a file says of one passage: all of it, or none.

    What goes back to an annotator is not settled, whatever was decided of it.

    Args:
        session: a transaction, for this passage alone.
        queue: where the push of a rework is planned.
        seat: whose file it is, and the passage.
        part: what the file says of it.
        file: the file, for what holds of all its passages.

    Raises:
        AppError, LabelingError: nothing of it is done.
    """
    done = Done(Outcome(seat.passage))
    for note in part.notes:
        add_note(session, seat, note.text, group=note.group)
        done.noted += 1
    for one in part.flags:
        flag(session, seat, one.note, on=one.on)
        done.flagged = one.on
    if part.decisions or part.settle:
        done.outcome = _decide(session, seat, part, file)
    for back in part.rework:
        item = find_item(session, seat.slug, seat.passage)[2]
        gold = current_gold(session, item)
        seen = Seen(tuple(current_revisions(session, item)), 0 if gold is None else gold.id)
        reasons = [(one.group, one.reason) for one in back.reasons]
        sent = send_back(session, queue, seat, seen, Back(tuple(back.versions), tuple(reasons)))
        done.rework += [one.task for one in sent]
    return done


def _decide(session: Session, seat: Seat, part: Part, file: DecisionFile) -> Outcome:
    if file.again:
        open_review(session, seat.slug, seat.passage, actor=seat.actor, now=seat.now)
    settle = (file.submit or part.settle) and not part.rework
    return carry_out(
        session, seat.slug, seat.passage, part.decisions,
        actor=seat.actor, now=seat.now, settle=settle,
    )  # fmt: skip
