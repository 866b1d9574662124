"""Importing articles: upload, see what would be done, confirm, see what was done."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

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

from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.intakes import get_intake, list_intakes, list_rejections
from app.queries.jobs import get_intake_job
from app.queue import Queue
from app.security import requires, takes_files
from app.services import staging, uploads
from app.views.cursor import read_after
from app.views.polling import answer_poll
from config import Settings
from labeling.text.readers import SUFFIXES

blueprint = Blueprint("intake", __name__, url_prefix="/articles/import")

FIELDS = ("outlet", "section", "byline", "date", "language", "story")


@blueprint.get("")
@requires("admin")
def show_form() -> str:
    """The form, and the imports before."""
    return _form()


@blueprint.post("")
@requires("admin")
@takes_files
def upload() -> WerkzeugResponse | tuple[str, int]:
    """Keep the files and plan their check."""
    settings: Settings = current_app.extensions["settings"]
    queue: Queue = current_app.extensions["queue"]
    try:
        said = uploads.said_of(
            {name: request.form.get(name, "") for name in FIELDS},
            [pair.strip() for pair in request.form.get("map", "").split(",") if pair.strip()],
            request.form.get("encoding", ""),
        )
        files = [
            (file.filename or "", cast(BinaryIO, file.stream))
            for file in request.files.getlist("files")
            if file.filename
        ]
        staged = staging.stage(settings, sorted(files, key=lambda file: file[0]))
    except InvalidInputError as err:
        return _form(problem=err), 422
    with get_store().transaction() as session:
        intake, _ = uploads.plan_intake(
            session, queue, staged, said, actor=current_user.email, check_only=True
        )
    return redirect(url_for(".show_intake", intake_id=intake.id), 303)


@blueprint.get("/<int:intake_id>")
@requires("admin")
def show_intake(intake_id: int) -> str:
    """One import: what would be done, or what was."""
    with get_store().reading() as session:
        intake = get_intake(session, intake_id)
        job = get_intake_job(session, intake_id)
        rejections = list_rejections(session, intake_id, after=read_after())
    return render_template("intake/one.html", intake=intake, job=job, rejections=rejections)


@blueprint.get("/<int:intake_id>/progress")
@requires("admin")
def show_progress(intake_id: int) -> Response:
    """The part of an import's page that moves."""
    with get_store().reading() as session:
        intake = get_intake(session, intake_id)
        job = get_intake_job(session, intake_id)
    return answer_poll("intake/progress.html", job, intake=intake)


@blueprint.post("/<int:intake_id>/confirm")
@requires("admin")
def confirm(intake_id: int) -> WerkzeugResponse:
    """Import what was checked."""
    queue: Queue = current_app.extensions["queue"]
    with get_store().transaction() as session:
        uploads.confirm_intake(session, queue, intake_id, actor=current_user.email)
    return redirect(url_for(".show_intake", intake_id=intake_id), 303)


@blueprint.post("/<int:intake_id>/discard")
@requires("admin")
def discard(intake_id: int) -> WerkzeugResponse:
    """Give the files up; nothing of them is imported."""
    with get_store().transaction() as session:
        folder = uploads.discard_intake(session, intake_id, actor=current_user.email)
    staging.remove(current_app.extensions["settings"], folder)
    flash("The upload is discarded, and its files are removed.", "success")
    return redirect(url_for(".show_form"), 303)


def _form(**more: Any) -> str:
    settings: Settings = current_app.extensions["settings"]
    with get_store().reading() as session:
        page = list_intakes(session, after=read_after())
    return render_template(
        "intake/new.html",
        page=page,
        most_bytes=settings.max_upload_bytes,
        accept=",".join(sorted(SUFFIXES)),
        said=request.form,
        **more,
    )
