"""What changed in a passage since a page of it was made, and what its reader had decided there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Choice, Revision, Span
from app.models.batches import Batch
from app.models.passages import Passage
from app.models.review import Review
from app.queries.decisions import decided_in, list_history
from app.queries.room import RoomPage
from labeling.decisions import Decision


@dataclass(frozen=True, slots=True)
class Said:
    """A span or an answer in words: its label and its text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one annotator took back, and what is new of theirs."""

    letter: str
    gone: tuple[Said, ...]
    new: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Mine:
    """A decision of the reader's; ``group`` is the number of its group, 0 where that was remade."""

    group: int
    verdict: str
    label: str
    text: str
    reason: str
    layer: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Both sides: what annotators changed, and what the reader had decided."""

    annotators: tuple[Change, ...]
    mine: tuple[Mine, ...]


def get_changes(session: Session, page: RoomPage, seen: Sequence[int], reader: str) -> Changes:
    """Lay what changed beside what this reader decided, newest review first."""
    was, now = set(seen), set(page.revisions)
    before = _said(session, page, was - now)
    after = _said(session, page, now - was)
    letters = sorted(before.keys() | after.keys(), key=lambda one: (len(one), one))
    return Changes(
        annotators=tuple(
            Change(
                letter,
                _without(before.get(letter, ()), after.get(letter, ())),
                _without(after.get(letter, ()), before.get(letter, ())),
            )
            for letter in letters
        ),
        mine=_mine(session, page, reader),
    )


def _without(said: Sequence[Said], other: Sequence[Said]) -> tuple[Said, ...]:
    return tuple(one for one in said if one not in other)


def _said(session: Session, page: RoomPage, revisions: set[int]) -> dict[str, list[Said]]:
    """What revisions say, by the letter of who said it."""
    who = session.execute(
        select(Revision.id, Annotation.annotator_id)
        .join(Annotation, Annotation.id == Revision.annotation_id)
        .where(Revision.id.in_(revisions))
        .order_by(Revision.id)
    )
    letters = {row[0]: page.letters.get(str(row[1]), "?") for row in who}
    found: dict[str, list[Said]] = {letter: [] for letter in letters.values()}
    spans = session.scalars(
        select(Span).where(Span.revision_id.in_(letters)).order_by(Span.start, Span.end)
    )
    for span in spans:
        text = page.text[span.start : span.end]
        found[letters[span.revision_id]].append(Said(span.label, text))
    choices = session.scalars(
        select(Choice).where(Choice.revision_id.in_(letters)).order_by(Choice.layer)
    )
    for choice in choices:
        said = ", ".join(str(value) for value in choice.values)
        found[letters[choice.revision_id]].append(Said(choice.layer, said))
    return found


def _mine(session: Session, page: RoomPage, reader: str) -> tuple[Mine, ...]:
    one = session.scalar(
        select(Review)
        .join(Batch, Batch.id == Review.batch_id)
        .join(Passage, Passage.id == Review.passage_id)
        .where(Batch.slug == page.batch, Passage.uid == page.passage, Review.reviewer == reader)
        .order_by(Review.id.desc())
        .limit(1)
    )
    if one is None:
        return ()
    decided = decided_in(list_history(session, one.id))
    return tuple(_told(page, decision) for _, decision in sorted(decided.items()))


def _told(page: RoomPage, decision: Decision) -> Mine:
    group = next((one for one in page.groups if one.key == decision.group), None)
    span = decision.span
    if span is not None:
        label, text = span.label, page.text[span.start : span.end]
    elif decision.values is not None:
        label, text = decision.layer, ", ".join(decision.values)
    elif group is not None:
        chosen = next((one for one in group.options if one.chosen), None)
        label = chosen.label if chosen else group.label
        text = chosen.text if chosen else group.text
    else:
        label, text = decision.layer, ""
    number = 0 if group is None else group.n
    verdict = decision.verdict.value
    return Mine(number, verdict, label, text, decision.reason, decision.layer)
