"""Adoption: work that exists in Label Studio becomes a batch, without being touched there."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError
from app.models.adoption import Adoption
from app.models.batches import Batch, BatchState, Lane, LaneAnnotator
from app.models.connections import Annotator
from app.models.jobs import Job
from app.models.tasks import Task
from app.queue import ADOPT, Queue
from app.services import audit, tally
from app.services.batches import SLUG
from app.services.connections import ensure_account, ensure_annotator, get_connection
from app.services.schemes import import_scheme
from labeling.adoption.export import Person
from labeling.adoption.names import pseudonym_of, stand_in_address
from labeling.adoption.scheme import AdoptedScheme

_LONGEST_ADDRESS = 254
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class AdoptionPlan:
    """What shall be adopted under which name.

    Args:
        slug: the name of the batch.
        source: the file's name, or the project in words.
        config: the label config of the project, as it is there.
        sha: what tells whether the same source is adopted again.
        pseudonyms: keep names and e-mail addresses out.
        connection_id: the server, for a project; None for an export.
        project: the server's number of the project.
    """

    slug: str
    source: str
    config: str
    sha: str
    pseudonyms: bool = False
    connection_id: int | None = None
    project: int | None = None


@dataclass(slots=True)
class People:
    """The annotators of adopted work, by the keys that its source knows them by.

    ``annotators`` maps Label Studio's user ids to ours; who has none is given a negative one.
    """

    slug: str
    lane_id: int
    pseudonyms: bool
    connection_id: int | None
    numbers: dict[str, int] = field(default_factory=dict)
    annotators: dict[int, int] = field(default_factory=dict)

    def meet(self, session: Session, people: Iterable[Person]) -> None:
        """Make annotators of those who are new; they work in the batch's lane."""
        for person in people:
            if person.key in self.numbers:
                continue
            nth = len(self.numbers)
            number = -1 - nth if person.number is None else person.number
            annotator = self._annotator(session, person, nth)
            self.numbers[person.key] = number
            self.annotators[number] = annotator.id
            key = (self.lane_id, annotator.id)
            if session.get(LaneAnnotator, key) is None:
                session.add(LaneAnnotator(lane_id=key[0], annotator_id=key[1]))
            if self.connection_id is not None and person.email and not self.pseudonyms:
                ensure_account(session, self.connection_id, annotator.id, number)
        session.flush()

    def _annotator(self, session: Session, person: Person, nth: int) -> Annotator:
        if _is_address(person.email) and not self.pseudonyms:
            return ensure_annotator(session, person.email)
        pseudonym = pseudonym_of(self.slug, person, nth)
        email = stand_in_address(self.slug, person, pseudonym)
        known = session.scalar(select(Annotator).where(Annotator.email == email))
        if known is None:
            known = Annotator(email=email, pseudonym=pseudonym)
            session.add(known)
            session.flush()
        return known


def request_adoption(
    session: Session,
    queue: Queue,
    slug: str,
    *,
    connection: str | None,
    project: int,
    pseudonyms: bool,
    actor: str,
) -> Job:
    """Plan the adoption of a project; the job only ever reads there.

    Raises:
        InvalidInputError, NotFoundError, ConflictError: it cannot be adopted under this name.
    """
    check_name(session, slug)
    where = get_connection(session, connection)
    check_project(session, where.id, project)
    audit.record(
        session,
        actor=actor,
        action="adoption_requested",
        object=f"batch:{slug}",
        detail={"connection": where.name, "project": project, "pseudonyms": pseudonyms},
    )
    return queue.plan(
        session,
        ADOPT,
        key=f"adopt:{slug}",
        actor=actor,
        partition=f"adopt:{where.id}",
        args={
            "slug": slug,
            "connection": where.id,
            "project": project,
            "pseudonyms": pseudonyms,
            "actor": actor,
        },
    )


def check_name(session: Session, slug: str) -> None:
    """Refuse a name that no batch can have, or that another batch has.

    An adoption that was broken off keeps its name for the next try.
    """
    if not SLUG.fullmatch(slug):
        raise InvalidInputError(
            f"{slug!r} cannot name a batch.",
            remedy="Use lower-case letters, digits, dots, dashes and underscores, at most 80.",
        )
    batch = session.scalar(select(Batch).where(Batch.slug == slug))
    if batch is not None and unfinished(session, batch) is None:
        raise ConflictError(
            f"There is already a batch {slug!r}.", remedy="Choose another name for the new one."
        )


def unfinished(session: Session, batch: Batch) -> Adoption | None:
    """The adoption that a batch comes from, if it was broken off."""
    adoption = session.get(Adoption, batch.id)
    return adoption if adoption is not None and adoption.finished_at is None else None


def begin_adoption(
    session: Session, plan: AdoptionPlan, adopted: AdoptedScheme, *, actor: str
) -> Batch:
    """Make the batch with its scheme and its one lane, or go on with one that was broken off.

    Raises:
        InvalidInputError, ConflictError: nothing is changed.
    """
    check_name(session, plan.slug)
    known = session.scalar(select(Batch).where(Batch.slug == plan.slug))
    if known is not None:
        _check_same(session, known, plan)
        return known
    if plan.connection_id is not None and plan.project is not None:
        check_project(session, plan.connection_id, plan.project)
    scheme, _ = import_scheme(
        session, name=f"adopted-{plan.slug}", config=adopted.config, guideline="", actor=actor
    )
    batch = Batch(
        uid=f"b-{secrets.token_hex(10)}",
        slug=plan.slug,
        scheme_version=scheme,
        deal="shared",
        overlap=1,
        seed=0,
        selection=[],
        state=BatchState.DRAFT,
        created_at=datetime.now(UTC),
    )
    session.add(batch)
    session.flush()
    session.add(
        Lane(
            uid=f"l-{secrets.token_hex(10)}",
            batch_id=batch.id,
            n=1,
            connection_id=plan.connection_id,
            ls_project_id=plan.project,
        )
    )
    session.add(_adoption_row(batch.id, plan))
    audit.record(
        session,
        actor=actor,
        action="adoption_begun",
        object=f"batch:{plan.slug}",
        detail={"source": plan.source, "pseudonyms": plan.pseudonyms},
    )
    session.flush()
    return batch


def finish_adoption(
    session: Session, batch_id: int, *, overlap: int, counts: dict[str, Any], actor: str
) -> None:
    """Open the batch: all that its source holds is here."""
    batch = session.get_one(Batch, batch_id)
    adoption = session.get_one(Adoption, batch_id)
    passages = func.count(Task.passage_id.distinct())
    batch.passages = (
        session.scalar(
            select(passages).join(Lane, Lane.id == Task.lane_id).where(Lane.batch_id == batch_id)
        )
        or 0
    )
    batch.overlap = max(1, overlap)
    batch.state = BatchState.OPEN
    adoption.finished_at, adoption.counts = datetime.now(UTC), counts
    tally.keep_usual(session, batch_id)
    audit.record(
        session, actor=actor, action="batch_adopted", object=f"batch:{batch.slug}", detail=counts
    )


def source_sha(*parts: str) -> str:
    """Tell sources apart: a hash of the file and its config, or of a project's place."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return hashed.hexdigest()


def check_project(session: Session, connection_id: int, project: int) -> None:
    """Refuse a project that is a lane already, unless its adoption was broken off."""
    taken = session.execute(
        select(Batch.slug, Adoption.finished_at, Adoption.batch_id)
        .join(Lane, Lane.batch_id == Batch.id)
        .outerjoin(Adoption, Adoption.batch_id == Batch.id)
        .where(Lane.connection_id == connection_id, Lane.ls_project_id == project)
    ).one_or_none()
    if taken is not None and (taken.batch_id is None or taken.finished_at is not None):
        raise ConflictError(
            f"Project {project} belongs to the batch {taken.slug!r} already.",
            remedy=f"Its annotations come with: flask sync {taken.slug}",
        )


def _check_same(session: Session, batch: Batch, plan: AdoptionPlan) -> None:
    begun = session.get_one(Adoption, batch.id)
    if (begun.sha, begun.pseudonyms) != (plan.sha, plan.pseudonyms):
        raise ConflictError(
            f"The batch {plan.slug!r} was begun with another source ({begun.name}) and was "
            "broken off.",
            remedy="Finish it with that source, or choose another name.",
        )


def _adoption_row(batch_id: int, plan: AdoptionPlan) -> Adoption:
    return Adoption(
        batch_id=batch_id,
        source="export" if plan.connection_id is None else "connection",
        name=plan.source,
        sha=plan.sha,
        config=plan.config,
        pseudonyms=plan.pseudonyms,
        created_at=datetime.now(UTC),
    )


def _is_address(email: str) -> bool:
    return 0 < len(email) <= _LONGEST_ADDRESS and not _NOT_TEXT.search(email)
