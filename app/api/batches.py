"""Batches for programs: look, pull, push."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, current_app, g, request, url_for
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.batches import list_batches, show_batch
from app.queries.drift import show_drift
from app.queries.jobs import show_job
from app.queue import Queue
from app.security import scope
from app.services.pushing import request_push
from app.services.rework import request_rework
from app.services.syncing import request_sync

Body = TypeVar("Body", bound=BaseModel)

blueprint = Blueprint("api_batches", __name__, url_prefix="/api/batches")


class SyncBody(BaseModel):
    """What a sync may be told."""

    model_config = ConfigDict(extra="forbid", strict=True)

    full: bool = False


@blueprint.get("")
@scope("read", role="viewer")
def index() -> dict[str, Any]:
    """Every batch: as ``flask batches list --json``."""
    with get_store().reading() as session:
        return list_batches(session)


@blueprint.get("/<slug>")
@scope("read", role="viewer")
def show(slug: str) -> dict[str, Any]:
    """One batch with its lanes: as ``flask batches show NAME --json``."""
    with get_store().reading() as session:
        return show_batch(session, slug)


@blueprint.get("/<slug>/drift")
@scope("read", role="viewer")
def drift(slug: str) -> dict[str, Any]:
    """Where a batch drifted from what was pushed: as ``flask batches drift NAME --json``."""
    with get_store().reading() as session:
        return show_drift(session, slug)


@blueprint.post("/<slug>/sync")
@scope("write", role="admin")
def sync(slug: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Plan a pull of what annotators have answered; ``{"full": true}`` compares everything."""
    body = _read(SyncBody) if request.get_data() else SyncBody()
    queue: Queue = current_app.extensions["queue"]
    with get_store().transaction() as session:
        job = request_sync(session, queue, slug, actor=g.actor, full=body.full)
        return _planned(show_job(session, job.id))


class ReworkBody(BaseModel):
    """What goes back to whom, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    passage: str
    annotator: str
    reason: str


@blueprint.post("/<slug>/rework")
@scope("write", role="reviewer")
def rework(slug: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Send a passage back to its annotator: as ``flask batches rework``."""
    body = _read(ReworkBody)
    queue: Queue = current_app.extensions["queue"]
    with get_store().transaction() as session:
        planned = request_rework(
            session,
            queue,
            slug,
            body.passage,
            annotator=body.annotator,
            reason=body.reason,
            actor=g.actor,
        ).as_json()
    return planned, 202, {"Location": url_for("api_jobs.show", job_id=planned["job"])}


@blueprint.post("/<slug>/push")
@scope("write", role="admin")
def push(slug: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Plan sending a batch's tasks to Label Studio."""
    queue: Queue = current_app.extensions["queue"]
    with get_store().transaction() as session:
        job = request_push(session, queue, slug, actor=g.actor)
        return _planned(show_job(session, job.id))


def _planned(job: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    return job, 202, {"Location": url_for("api_jobs.show", job_id=job["job"])}


def _read(form: type[Body]) -> Body:
    try:
        return form.model_validate_json(request.get_data())
    except ValidationError as err:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'body'}: {fault['msg']}"
            for fault in err.errors(include_url=False, include_input=False)
        )
        raise InvalidInputError(f"The body cannot be used: {faults}") from None
