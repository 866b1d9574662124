"""Decisions out of a file: read strictly, carried out passage by passage."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError, NotFoundError
from app.models.review import Review, ReviewState
from app.queries.decisions import gold_of_review, letters_of, list_conflicts
from app.services.deciding import decide, submit
from app.services.reviews import find_item, open_review
from labeling import decisions as core

EXAMPLE = """{"decisions": [
  {"passage": "p-…", "group": "3f…", "verdict": "accept", "version": "A"},
  {"passage": "p-…", "group": "9c…", "verdict": "reject", "reason": "wrong label"},
  {"passage": "p-…", "group": "77…", "verdict": "edit", "reason": "wrong bounds",
   "span": {"label": "ORG", "start": 4, "end": 12}},
  {"passage": "p-…", "verdict": "add", "layer": "entity",
   "span": {"label": "PERSON", "start": 20, "end": 31}}],
 "notes": [{"passage": "p-…", "group": "3f…", "text": "Is a council an ORG?"}],
 "flags": [{"passage": "p-…", "note": "For the guideline."}],
 "rework": [{"passage": "p-…", "versions": ["B"],
   "reasons": [{"group": "9c…", "reason": "wrong bounds"}]}]
}"""


class SpanBody(BaseModel):
    """A span as a file says it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    label: str
    start: int
    end: int
    attrs: dict[str, Any] = Field(default_factory=dict)


class LinkBody(BaseModel):
    """A relation as a file says it: to which group it leads."""

    model_config = ConfigDict(extra="forbid", strict=True)

    label: str
    to: str


class DecisionBody(BaseModel):
    """One verdict as a file says it. ``version`` is a letter of ``review show``."""

    model_config = ConfigDict(extra="forbid", strict=True)

    passage: str
    verdict: Literal["accept", "reject", "edit", "add"]
    group: str = ""
    layer: str = ""
    version: str | None = None
    span: SpanBody | None = None
    values: list[str] | None = None
    links: list[LinkBody] | None = None
    reason: str = ""
    seen: list[int] | None = None


class NoteBody(BaseModel):
    """A remark on a passage, or on one group of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    passage: str
    text: str
    group: str = ""


class FlagBody(BaseModel):
    """A flag for others to look at; ``on: false`` takes it away."""

    model_config = ConfigDict(extra="forbid", strict=True)

    passage: str
    note: str = ""
    on: bool = True


class ReasonBody(BaseModel):
    """Why a passage goes back: the reason at a group, or for the whole of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str
    group: str = ""


class ReworkBody(BaseModel):
    """A passage that goes back to the annotators of these versions (letters)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    passage: str
    versions: list[str]
    reasons: list[ReasonBody]


class DecisionFile(BaseModel):
    """A file of decisions, and of whatever else a reviewer says of passages.

    With ``submit`` a passage is settled once nothing of it is open; with ``again`` what is
    settled is opened again; ``settle`` names passages to settle of which nothing is said.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    decisions: list[DecisionBody]
    notes: list[NoteBody] = Field(default_factory=list)
    flags: list[FlagBody] = Field(default_factory=list)
    rework: list[ReworkBody] = Field(default_factory=list)
    submit: bool = True
    again: bool = False
    settle: list[str] = Field(default_factory=list)


@dataclass(slots=True)
class Part:
    """What a file says of one passage."""

    decisions: list[DecisionBody] = field(default_factory=list)
    notes: list[NoteBody] = field(default_factory=list)
    flags: list[FlagBody] = field(default_factory=list)
    rework: list[ReworkBody] = field(default_factory=list)
    settle: bool = False


@dataclass(slots=True)
class Outcome:
    """What became of one passage of a file."""

    passage: str
    decided: int = 0
    submitted: bool = False
    open: list[str] = field(default_factory=list)


def read_decisions(content: bytes, name: str) -> DecisionFile:
    """Read a file of decisions.

    Args:
        content: its bytes: an object with ``decisions``, or the list alone.
        name: what it is called in messages.

    Raises:
        InvalidInputError: it is not JSON, or not of this shape; the place is named.
    """
    try:
        told = json.loads(content)
    except ValueError as err:
        raise InvalidInputError(f"{name} is not JSON ({err}).", remedy=_remedy()) from err
    try:
        return DecisionFile.model_validate({"decisions": told} if isinstance(told, list) else told)
    except ValidationError as err:
        fault = err.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise InvalidInputError(f"{name}: {place}: {fault['msg']}.", remedy=_remedy()) from err


def by_passage(file: DecisionFile) -> Iterator[tuple[str, Part]]:
    """What a file says of each passage, in the order in which passages come first."""
    parts: dict[str, Part] = {}
    for name in ("decisions", "notes", "flags", "rework"):
        for body in getattr(file, name):
            getattr(parts.setdefault(body.passage, Part()), name).append(body)
    for passage in file.settle:
        parts.setdefault(passage, Part()).settle = True
    yield from parts.items()


def carry_out(
    session: Session,
    slug: str,
    passage_uid: str,
    bodies: list[DecisionBody],
    *,
    actor: str,
    now: datetime,
    settle: bool,
) -> Outcome:
    """Carry out a file's decisions on one passage: all of them, or none.

    Args:
        session: a transaction, for this passage alone.
        slug, passage_uid: the passage.
        bodies: what the file says of it.
        actor: the reviewer's e-mail address.
        now: the time.
        settle: submit, if nothing is open afterwards.

    Raises:
        AppError, LabelingError: as ``decide`` and ``submit`` do.
    """
    outcome = Outcome(passage_uid)
    batch, passage, item = find_item(session, slug, passage_uid)
    names = letters_of(session, batch, passage)
    conflicts = list_conflicts(session, item.batch_id, item.passage_id)
    layers = {one.key: one.layer for one in conflicts}
    if not bodies:
        open_review(session, slug, passage_uid, actor=actor, now=now)
    for body in bodies:
        wanted = _decision(body, {letter: one for one, letter in names.items()}, layers)
        decide(session, slug, passage_uid, wanted, actor=actor, now=now, seen=body.seen)
        outcome.decided += 1
    outcome.open = open_groups(session, slug, passage_uid, actor)
    if settle and not outcome.open:
        submit(session, slug, passage_uid, actor=actor, now=now)
        outcome.submitted = True
    return outcome


def open_groups(session: Session, slug: str, passage_uid: str, actor: str) -> list[str]:
    """The groups of a passage that the reviewer's open review has not settled yet."""
    _, _, item = find_item(session, slug, passage_uid)
    one = session.scalars(
        select(Review).where(
            Review.batch_id == item.batch_id,
            Review.passage_id == item.passage_id,
            Review.state == ReviewState.OPEN,
            Review.reviewer == actor,
        )
    ).one()
    return list(gold_of_review(session, one).open)


def _decision(
    body: DecisionBody, annotators: Mapping[str, str], layers: Mapping[str, str]
) -> core.Decision:
    span = None if body.span is None else core.SpanEdit(**body.span.model_dump())
    layer = body.layer or layers.get(body.group, "")
    group = body.group
    if body.verdict == "add" and not group:
        if span is None:
            raise core.DecisionError("An added span needs a place: span.")
        group = core.added_group(layer, span)
    if not layer:
        raise NotFoundError(
            f"The passage {body.passage} has no group {body.group!r}.",
            remedy="See its groups: flask review show BATCH PASSAGE",
        )
    version = body.version
    if version is not None and version not in annotators:
        known = ", ".join(sorted(annotators))
        raise InvalidInputError(f"There is no version {version!r}.", remedy=f"Use one of: {known}")
    return core.Decision(
        group=group,
        layer=layer,
        verdict=core.Verdict(body.verdict),
        version=None if version is None else annotators[version],
        span=span,
        values=None if body.values is None else tuple(body.values),
        links=None
        if body.links is None
        else tuple(core.Link(link.label, link.to) for link in body.links),
        reason=body.reason,
    )


def _remedy() -> str:
    return f"Write it like this:\n{EXAMPLE}"
