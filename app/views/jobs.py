"""Jobs: the list, one job with live progress, cancel and retry."""

from __future__ import annotations

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
from app.queries.jobs import count_jobs_by_state, get_job, list_jobs
from app.security import requires
from app.services import jobs
from app.views.cursor import read_after
from app.views.polling import answer_poll

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


@blueprint.get("")
@requires("viewer")
def show_jobs() -> str:
    """Jobs, the newest first."""
    state = request.args.get("state")
    with get_store().reading() as session:
        page = list_jobs(session, state=state, after=read_after())
        counts = count_jobs_by_state(session)
    return render_template("jobs/list.html", page=page, counts=counts, state=state)


@blueprint.get("/<int:job_id>")
@requires("viewer")
def show_job(job_id: int) -> str:
    """One job."""
    with get_store().reading() as session:
        job = get_job(session, job_id)
    return render_template("jobs/one.html", job=job)


@blueprint.get("/<int:job_id>/progress")
@requires("viewer")
def show_progress(job_id: int) -> Response:
    """The part of a job's page that moves."""
    with get_store().reading() as session:
        job = get_job(session, job_id)
    return answer_poll("jobs/progress.html", job)


@blueprint.post("/<int:job_id>/cancel")
@requires("admin")
def cancel_job(job_id: int) -> WerkzeugResponse:
    """Stop a job at its next safe point."""
    with get_store().transaction() as session:
        jobs.cancel_job(session, current_app.extensions["queue"], job_id, actor=current_user.email)
    flash("The job stops at its next safe point. What it has done is kept.", "success")
    return redirect(url_for(".show_job", job_id=job_id), 303)


@blueprint.post("/<int:job_id>/retry")
@requires("admin")
def retry_job(job_id: int) -> WerkzeugResponse:
    """Run a job again that failed or was cancelled."""
    with get_store().transaction() as session:
        jobs.retry_job(session, current_app.extensions["queue"], job_id, actor=current_user.email)
    flash("The job runs again. What it had done is not done twice.", "success")
    return redirect(url_for(".show_job", job_id=job_id), 303)
