"""What was set aside is settled by a person: taken as it is, asked again, or left out."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError, NotFoundError
from app.extensions import LARGEST_ID
from app.models.adoption import Adoption
from app.models.annotations import Annotation, Quarantine, Revision, RevisionState
from app.models.batches import Batch, Lane
from app.models.connections import Annotator
from app.models.passages import Passage
from app.models.schemes import SchemeVersion
from app.models.tasks import Task
from app.queue import Queue
from app.services import audit, progress
from app.services.revisions import store_content
from app.services.rework import Rework, request_rework
from app.services.syncing import request_sync
from labeling.adoption.config import read_config
from labeling.adoption.results import read_result
from labeling.adoption.scheme import stored_scheme
from labeling.annotations import parse_result
from labeling.scheme import read_scheme
from labeling.types import ParsedAnnotation

MOST_NOTE_CHARS = 2_000
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def ignore_item(session: Session, item_id: int, *, note: str, actor: str) -> Quarantine:
    """Leave an item out for good; it stays in the list of what was ignored.

    Raises:
        NotFoundError, ConflictError, InvalidInputError: nothing is changed.
    """
    item = _open_item(session, item_id)
    _settle(session, item, "ignored", note=note, actor=actor)
    return item


def ask_again(
    session: Session, queue: Queue, item_id: int, *, reason: str, actor: str
) -> tuple[Quarantine, Rework]:
    """Send the item's passage back to its annotator, with the reason in sight.

    Raises:
        NotFoundError, ConflictError, InvalidInputError: nothing is changed.
    """
    item = _open_item(session, item_id)
    slug, passage, email = _place(session, item)
    if passage is None or email is None:
        raise ConflictError(
            f"Item {item.id} belongs to no annotator of a passage of ours; nobody can be asked.",
            remedy="Ignore it, or look into its task in Label Studio.",
        )
    rework = request_rework(
        session, queue, slug, passage, annotator=email, reason=reason, actor=actor
    )
    _settle(session, item, "asked", note=reason, actor=actor)
    return item, rework


def accept_item(
    session: Session, queue: Queue, item_id: int, *, note: str, actor: str
) -> Quarantine:
    """Take an item as it is: its annotation is read again without what kept the item out.

    The reading becomes a revision of its own, so that whatever cites the one before shows that
    it is stale. What only waited for this item (an answer about it, a relation) is taken along.

    Raises:
        NotFoundError, ConflictError, InvalidInputError: nothing is changed.
    """
    item = _open_item(session, item_id)
    revision, annotation = _current_revision(session, item)
    _settle(session, item, "accepted", note=note, actor=actor)
    siblings = session.scalars(
        select(Quarantine).where(
            Quarantine.revision_id == revision.id, Quarantine.state.in_(("open", "accepted"))
        )
    ).all()
    result = revision.raw.get("result") or []
    places = {one.id: _place_in(one, result) for one in siblings}
    accepted = {places[one.id] for one in siblings if one.state == "accepted"}
    parsed = _read(session, annotation, result, accepted)
    still = {aside.index: aside.reason for aside in parsed.set_aside}
    if places[item.id] in still:
        raise ConflictError(
            f"Item {item.id} cannot be taken as it is: {still[places[item.id]]}.",
            remedy="Ask the annotator again, or ignore it.",
        )
    newer = _append(session, annotation, revision, parsed)
    for one in siblings:
        one.revision_id = newer.id
        if one.state == "open" and places[one.id] not in still:
            _settle(session, one, "accepted", note=f"Came along with item {item.id}.", actor=actor)
    request_sync(session, queue, _place(session, item)[0], actor=actor)
    return item


def _open_item(session: Session, item_id: int) -> Quarantine:
    known = 0 < item_id <= LARGEST_ID
    item = session.get(Quarantine, item_id, with_for_update=True) if known else None
    if item is None:
        raise NotFoundError(
            f"Nothing is set aside under the number {item_id}.",
            remedy="See what is: flask quarantine list",
        )
    if item.state != "open":
        raise ConflictError(f"Item {item_id} is {item.state} already.")
    return item


def _settle(session: Session, item: Quarantine, state: str, *, note: str, actor: str) -> None:
    if len(note) > MOST_NOTE_CHARS or _NOT_TEXT.search(note):
        raise InvalidInputError(f"A note is plain text of at most {MOST_NOTE_CHARS:,} characters.")
    item.state, item.note = state, note.strip()
    item.decided_by, item.decided_at = actor, datetime.now(UTC)
    progress.add(session, item.lane_id, quarantined=-1)
    audit.record(
        session,
        actor=actor,
        action=f"set_aside_{state}",
        object=f"quarantine:{item.id}",
        detail={"kind": item.kind},
    )
    session.flush()


def _place(session: Session, item: Quarantine) -> tuple[str, str | None, str | None]:
    """The batch, the passage, and the e-mail of whoever can be asked about it."""
    found: Any = session.execute(
        select(Batch.slug, Annotator.email)
        .join(Lane, Lane.batch_id == Batch.id)
        .outerjoin(Annotator, Annotator.id == Lane.annotator_id)
        .where(Lane.id == item.lane_id)
    ).one()
    batch, annotator = found
    passage = session.scalar(
        select(Passage.uid)
        .join(Task, Task.passage_id == Passage.id)
        .where(Task.id == (item.task_id or 0))
    )
    if annotator is None:
        annotator = session.scalar(
            select(Annotator.email)
            .join(Annotation, Annotation.annotator_id == Annotator.id)
            .join(Revision, Revision.annotation_id == Annotation.id)
            .where(Revision.id == (item.revision_id or 0))
        )
    return batch, passage, annotator


def _current_revision(session: Session, item: Quarantine) -> tuple[Revision, Annotation]:
    revision = session.get(Revision, item.revision_id) if item.revision_id else None
    if revision is None:
        raise ConflictError(
            f"Item {item.id} is a whole annotation that could not be read; it cannot be taken "
            "as it is.",
            remedy="Ignore it, or mend its task in Label Studio; the next sync reads it again.",
        )
    annotation = session.get_one(Annotation, revision.annotation_id, with_for_update=True)
    if annotation.current != revision.n or revision.state == RevisionState.WITHDRAWN:
        raise ConflictError(f"There is a newer answer than the one item {item.id} stands in.")
    return revision, annotation


def _place_in(item: Quarantine, result: list[Any]) -> int:
    """Where the item stands in its annotation's result."""
    if item.item is not None:
        return item.item
    # Set aside by a version that did not note the place yet.
    return next((n for n, one in enumerate(result) if one == item.raw.get("item")), -1)


def _read(
    session: Session, annotation: Annotation, result: list[Any], accepted: Collection[int]
) -> ParsedAnnotation:
    found: Any = session.execute(
        select(Passage.text, SchemeVersion, Adoption.config)
        .select_from(Task)
        .join(Passage, Passage.id == Task.passage_id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Batch, Batch.id == Lane.batch_id)
        .join(SchemeVersion, SchemeVersion.id == Batch.scheme_version_id)
        .outerjoin(Adoption, Adoption.batch_id == Batch.id)
        .where(Task.id == annotation.task_id)
    ).one()
    text, version, adoption = found
    if adoption is not None:
        scheme = stored_scheme(read_config(adoption), version.config)
        return read_result(result, text, scheme, accepted=accepted)
    scheme_read = read_scheme(version.config, version.guideline)
    return parse_result(result, text, scheme_read, accepted=accepted)


def _append(
    session: Session, annotation: Annotation, before: Revision, parsed: ParsedAnnotation
) -> Revision:
    """The same answer read anew: a revision with the same content and more of it readable."""
    annotation.current += 1
    newer = Revision(
        annotation_id=annotation.id,
        n=annotation.current,
        content_sha=before.content_sha,
        state=before.state,
        lead_time=before.lead_time,
        ls_updated_at=before.ls_updated_at,
        raw=before.raw,
        set_aside=len(parsed.set_aside),
        created_at=datetime.now(UTC),
    )
    session.add(newer)
    session.flush()
    store_content(session, newer.id, parsed)
    return newer
