"""A listing of times and annotation ids held against what was read before.

What is the same need not be read again; what is listed nowhere is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, RevisionState
from app.models.tasks import Task
from app.services import progress, revisions, studio_tasks
from app.services.annotations import LaneIntake
from app.services.revisions import Known
from app.services.studio_tasks import Sighting

AT_ONCE = 1_000

# Label Studio's id of a task, its time, and the ids of its annotations where all are told.
Stamp = tuple[int, str, frozenset[int] | None]


def compare(session: Session, intake: LaneIntake, page: Sequence[Stamp]) -> list[int]:
    """Hold a page of a listing against what we know; return the tasks that must be read."""
    for ls_task_id, _, _ in page:
        intake.note_listed(ls_task_id)
    seen = studio_tasks.load(session, intake.lane_id, [stamp[0] for stamp in page])
    known = _by_place(session, seen.values())
    differ: list[int] = []
    back: dict[int, Sighting] = {}
    for ls_task_id, updated_at, told in page:
        before = seen.get(ls_task_id)
        here = known.get(ls_task_id, ())
        doubted = any(one.missing for one in here)
        if (
            before is None
            or before.updated_at != updated_at
            or doubted
            or _differs(told, before, here)
        ):
            differ.append(ls_task_id)
            continue
        if before.missing:
            back[ls_task_id] = before._replace(missing=0)
        for annotation in here:
            intake.note_same(annotation.id)
    studio_tasks.save(session, intake.lane_id, seen, back)
    return differ


def _by_place(session: Session, seen: Iterable[Sighting]) -> dict[int, list[Known]]:
    """The annotations that should be there, by Label Studio's id of the task they were seen on."""
    owners = {one.task_id for one in seen if one.task_id is not None}
    found: dict[int, list[Known]] = {}
    for known in revisions.load(session, owners).values():
        # What nobody expects there any more: withdrawn, kept by a person, or waiting for one.
        if known.state != RevisionState.WITHDRAWN and not known.kept and known.missing <= 1:
            found.setdefault(known.ls_task_id, []).append(known)
    return found


def _differs(told: frozenset[int] | None, before: Sighting, here: Iterable[Known]) -> bool:
    """Whether the annotations told are others than those we know; unknown counts as the same.

    The time of a task tells of everything but an annotation that was moved to or from it. Of a
    task that was spoiled, what was answered since is not known to us.
    """
    if told is None:
        return False
    ours = {known.ls_id for known in here}
    if before.state in (studio_tasks.SeenAs.OURS, studio_tasks.SeenAs.DATA_CHANGED):
        return told != ours
    return not ours <= told


def doubtful(session: Session, lane_id: int) -> list[int]:
    """Label Studio's ids of the tasks with an annotation that one listing lacked."""
    return list(
        session.scalars(
            select(Annotation.ls_task_id)
            .join(Task, Task.id == Annotation.task_id)
            .where(Annotation.missing == 1, Annotation.kept.is_(False), Task.lane_id == lane_id)
            .distinct()
        )
    )


def note_unlisted(session: Session, intake: LaneIntake) -> None:
    """After a complete listing of all tasks: count what stood in none of them as missing."""
    seen = studio_tasks.load_all(session, intake.lane_id)
    gone = {
        key: one._replace(missing=one.missing + 1)
        for key, one in seen.items()
        if key not in intake.listed
    }
    studio_tasks.save(session, intake.lane_id, seen, gone)
    rows = session.execute(
        revisions.known_columns()
        .join(Task, Task.id == Annotation.task_id)
        .where(Task.lane_id == intake.lane_id, Annotation.kept.is_(False))
        .execution_options(yield_per=AT_ONCE)
    )
    absent = [known for row in rows if not _stands(known := revisions.as_known(row), seen, intake)]
    for known in absent:
        intake.note_missing(known)
    revisions.store(session, absent, (), intake.now)


def _stands(known: Known, seen: Mapping[int, Sighting], intake: LaneIntake) -> bool:
    """Whether the task that an annotation was last seen on is listed, and is still that task."""
    place = seen.get(known.ls_task_id)
    return (
        known.ls_task_id in intake.listed and place is not None and place.task_id == known.task_id
    )


def refresh_annotated(session: Session, lane_id: int, task_ids: Iterable[int]) -> None:
    """Bring tasks and counters up to date, however many tasks they are."""
    ids: list[Any] = sorted(set(task_ids))
    for start in range(0, len(ids), AT_ONCE):
        progress.refresh_annotated(session, lane_id, ids[start : start + AT_ONCE])
