"""After a push: count what is there, and remove what is there twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select, update

from app.jobs.runtime import JobContext, now
from app.logs import get_logger
from app.models.tasks import Task, TaskState
from app.services import audit, drift
from labeling.errors import IncompleteGatewayError
from labeling.studio.gateway import StudioGateway, TaskRef

log = get_logger()

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Swept:
    """How many tasks of ours were found more than once, and how many copies were removed."""

    twins: int = 0
    removed: int = 0


def verify_lane(
    ctx: JobContext, gateway: StudioGateway, lane_id: int, project: int, *, thoroughly: bool
) -> Swept:
    """Compare what is there with what was sent: by count, or by uid after any doubt.

    Raises:
        IncompleteGatewayError: tasks that were sent are not there.
    """
    with ctx.store.reading() as session:
        pushed = [Task.lane_id == lane_id, Task.state == TaskState.PUSHED]
        sent = session.scalar(select(func.count(Task.id)).where(*pushed))
    count = ctx.patiently(lambda: gateway.count_tasks(project))
    if not thoroughly and count == sent:
        return Swept()
    with ctx.store.reading() as session:
        expected = set(session.scalars(select(Task.uid).where(*pushed)))
    refs = [
        ref for ref in ctx.patiently(lambda: gateway.list_task_refs(project)) if ref.uid in expected
    ]
    missing = len(expected) - len({ref.uid for ref in refs})
    if missing:
        raise IncompleteGatewayError(
            f"{missing} of {len(expected)} tasks that were sent are not in project {project}.",
            operation="verify_push",
            remedy="Somebody may have deleted tasks in Label Studio; run: flask sync --full",
        )
    return _sweep(ctx, gateway, lane_id, project, refs)


def _sweep(
    ctx: JobContext, gateway: StudioGateway, lane_id: int, project: int, refs: Sequence[TaskRef]
) -> Swept:
    """Delete the copies that nobody began to answer; bring the others to a person.

    A task with an annotation, a skip or a draft is never deleted: the server itself looks,
    as it deletes.
    """
    twins = _twins(refs)
    if not twins:
        return Swept()
    log.warning("push_found_twins", lane=lane_id, twins=len(twins))
    left, removed = _remove(ctx, gateway, project, twins)
    with ctx.transaction() as session:
        tasks = [ls_task_id for ids in left.values() for ls_task_id in ids]
        drift.note(session, lane_id, drift.TWIN, len(left), tasks, now())
        # Which of them is left is learned by the next sync.
        session.execute(update(Task).where(Task.uid.in_(twins)).values(ls_task_id=None))
        if removed:
            detail = {"tasks": removed, "project": project}
            audit.record(
                session,
                actor="system",
                action="twins_removed",
                object=f"lane:{lane_id}",
                detail=detail,
            )
    return Swept(len(twins), removed)


def _remove(
    ctx: JobContext, gateway: StudioGateway, project: int, twins: dict[str, list[int]]
) -> tuple[dict[str, list[int]], int]:
    """Remove what can be; return what is still there twice, and how many copies went.

    A copy that the server would not delete was begun meanwhile: then the others of its task are
    the spare ones. The second round removes those, unless somebody began one of them just then.
    """
    left, removed = dict(twins), 0
    touched = _answered(ctx, gateway, project, [i for ids in twins.values() for i in ids])
    for _ in range(ROUNDS):
        spare = [i for ids in left.values() for i in _spare(ids, touched)]
        if not spare:
            break
        removed += ctx.patiently(partial(gateway.delete_tasks, project, spare), repeat_sent=False)
        refs = ctx.patiently(lambda: gateway.list_task_refs(project))
        left = _twins(ref for ref in refs if ref.uid in twins)
        touched |= {i for ids in left.values() for i in ids} & set(spare)
    return left, removed


def _twins(refs: Iterable[TaskRef]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for ref in refs:
        found.setdefault(ref.uid, []).append(ref.ls_task_id)
    return {uid: sorted(ids) for uid, ids in found.items() if len(ids) > 1}


def _answered(
    ctx: JobContext, gateway: StudioGateway, project: int, ids: Sequence[int]
) -> set[int]:
    pages = ctx.patiently(lambda: list(gateway.read_tasks(project, ids)))
    return {task.ls_task_id for page in pages for task in page if task.annotations}


def _spare(ids: Sequence[int], answered: set[int]) -> list[int]:
    """The copies of one task that are not needed: all but the answered ones, or but the first."""
    keep = [ls_task_id for ls_task_id in ids if ls_task_id in answered] or ids[:1]
    return [ls_task_id for ls_task_id in ids if ls_task_id not in keep]
