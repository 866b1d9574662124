"""Batches: the list, one batch with live progress, push and sync."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.extensions import get_store
from app.queries.activity import list_activity
from app.queries.batches import (
    count_batches_by_state,
    get_batch,
    list_batch_rows,
)
from app.queries.jobs import get_batch_job
from app.queries.pace import list_paces
from app.queries.passages import CHOICES, Choice, list_passages
from app.security import requires
from app.services.pushing import request_push
from app.services.syncing import request_sync
from app.views.cursor import read_after
from app.views.polling import answer_poll

blueprint = Blueprint("batches", __name__, url_prefix="/batches")


@blueprint.get("")
@requires("viewer")
def show_batches() -> str:
    """Batches with their progress."""
    state = request.args.get("state")
    aside = "aside" in request.args
    with get_store().reading() as session:
        page = list_batch_rows(session, state=state, aside=aside, after=read_after())
        counts = count_batches_by_state(session)
    return render_template("batches/list.html", page=page, counts=counts, state=state, aside=aside)


@blueprint.get("/<slug>")
@requires("viewer")
def show_batch(slug: str) -> str:
    """One batch: its lanes, its progress, its passages."""
    choice = _choice()
    with get_store().reading() as session:
        batch = get_batch(session, slug)
        job = get_batch_job(session, batch.id)
        paces = list_paces(session, batch.id, _today())
        activity = list_activity(session, batch.id, slug)
        lanes = tuple(lane.id for lane in batch.lanes)
        passages = list_passages(session, batch.id, choice=choice, after=read_after(), lanes=lanes)
    return render_template(
        "batches/one.html",
        batch=batch,
        job=job,
        paces=paces,
        activity=activity,
        passages=passages,
        choice=choice,
    )


@blueprint.get("/<slug>/progress")
@requires("viewer")
def show_progress(slug: str) -> Response:
    """The part of a batch's page that moves, asked for again while a job is at work."""
    with get_store().reading() as session:
        batch = get_batch(session, slug)
        job = get_batch_job(session, batch.id)
        paces = list_paces(session, batch.id, _today())
    return answer_poll("batches/progress.html", job, batch=batch, paces=paces)


@blueprint.post("/<slug>/push")
@requires("admin")
def push_batch(slug: str) -> WerkzeugResponse:
    """Ask for a push."""
    with get_store().transaction() as session:
        job = request_push(session, current_app.extensions["queue"], slug, actor=current_user.email)
    flash(f"The push is under way as job {job.id}.", "success")
    return redirect(url_for(".show_batch", slug=slug), 303)


@blueprint.post("/<slug>/sync")
@requires("admin")
def sync_batch(slug: str) -> WerkzeugResponse:
    """Ask for a sync."""
    with get_store().transaction() as session:
        job = request_sync(
            session,
            current_app.extensions["queue"],
            slug,
            actor=current_user.email,
            full="full" in request.form,
        )
    flash(f"The sync is under way as job {job.id}.", "success")
    return redirect(url_for(".show_batch", slug=slug), 303)


def _today() -> date:
    return datetime.now(UTC).date()


def _choice() -> Choice:
    wanted = request.args.get("show", "all")
    return next((choice for choice in CHOICES if choice == wanted), "all")
