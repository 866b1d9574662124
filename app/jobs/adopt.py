"""Adopt: a project that others made in Label Studio becomes a batch; nothing is written there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.jobs import agreement
from app.jobs.runtime import JobContext, now
from app.models.adoption import Adoption
from app.models.batches import Batch, Lane
from app.services.adoption import (
    AdoptionPlan,
    People,
    begin_adoption,
    finish_adoption,
    source_sha,
)
from app.services.adoption_intake import AdoptionIntake, lane_of
from labeling.adoption.config import read_config
from labeling.adoption.export import ExportedTask, Person, Survey, listed_task
from labeling.studio.gateway import StudioGateway
from labeling.types import RawTask


@dataclass(frozen=True, slots=True)
class _Project:
    gateway: StudioGateway
    number: int
    size: int
    emails: Mapping[int, str]

    def pages(self) -> Iterator[list[RawTask]]:
        return self.gateway.iter_tasks(self.number, since=None)


def adopt_project(ctx: JobContext) -> dict[str, Any]:
    """Read a project twice: first for what its scheme must hold, then into SQL.

    Returns:
        ``{"batch","tasks","annotations","spans","relations","attributes","choices",
        "quarantined_items"}``: they count all that the project holds.

    Raises:
        SchemeError: the project shows no text.
        GatewayError: it could not be read to its end; another try goes on.
    """
    args = ctx.args
    gateway = ctx.gateway(args["connection"])
    found = ctx.patiently(lambda: gateway.get_project(args["project"]))
    users = [] if args["pseudonyms"] else ctx.patiently(gateway.list_users)
    emails = {user.id: user.email for user in users}
    project = _Project(gateway, args["project"], found.task_count, emails)
    survey = ctx.patiently(lambda: _survey(ctx, project, found.config))
    plan = AdoptionPlan(
        slug=args["slug"],
        source=found.title,
        config=found.config,
        sha=source_sha(str(args["connection"]), str(args["project"])),
        pseudonyms=args["pseudonyms"],
        connection_id=args["connection"],
        project=args["project"],
    )
    with ctx.transaction() as session:
        batch_id = begin_adoption(session, plan, survey.scheme(), actor=args["actor"]).id
    counts, newest = ctx.patiently(lambda: _take_all(ctx, project, batch_id))
    with ctx.transaction() as session:
        lane = lane_of(session, batch_id)
        lane.cursor, lane.synced_at = newest or None, now()
        overlap = survey.most_annotators
        finish_adoption(session, batch_id, overlap=overlap, counts=counts, actor=args["actor"])
    agreement.follow(ctx, batch_id)
    return {"batch": plan.slug, **counts}


def people_of(session: Session, batch: Batch, lane: Lane) -> People:
    """The annotators of an adopted batch, to be met anew in this run."""
    adoption = session.get_one(Adoption, batch.id)
    return People(batch.slug, lane.id, adoption.pseudonyms, lane.connection_id)


def persons(tasks: Iterable[ExportedTask], emails: Mapping[int, str]) -> list[Person]:
    """Everybody who annotated these tasks, with the address that the server has of them."""
    found = {one.person.key: one.person for task in tasks for one in task.annotations}
    return [replace(one, email=emails.get(one.number or 0, "")) for one in found.values()]


def _survey(ctx: JobContext, project: _Project, config: str) -> Survey:
    survey = Survey(read_config(config))
    seen = 0
    for page in project.pages():
        for raw in page:
            survey.note(listed_task(raw, seen))
            seen += 1
        ctx.checkpoint(message=f"Looking through the project: {seen} of {project.size} tasks")
    return survey


def _take_all(ctx: JobContext, project: _Project, batch_id: int) -> tuple[dict[str, int], str]:
    with ctx.store.reading() as session:
        batch, lane = session.get_one(Batch, batch_id), lane_of(session, batch_id)
        people = people_of(session, batch, lane)
        intake = AdoptionIntake(session, batch_id, people, now())
    newest = ""
    for page in project.pages():
        ctx.checkpoint(
            done=intake.counts.tasks,
            message=f"Adopting tasks: {intake.counts.tasks} of {project.size}",
        )
        tasks = listed(page, intake.counts.tasks)
        with ctx.transaction() as session:
            people.meet(session, persons(tasks, project.emails))
            intake.take(session, tasks)
        newest = max([newest, *(task.updated_at for task in page)])
    return intake.counts.as_json(), newest


def listed(page: Sequence[RawTask], first: int) -> list[ExportedTask]:
    """A page of a listing in the form of an export."""
    return [listed_task(raw, n) for n, raw in enumerate(page, start=first)]
