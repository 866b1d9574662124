"""Background work for programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from app.extensions import get_store
from app.queries.jobs import show_job
from app.security import scope

blueprint = Blueprint("api_jobs", __name__, url_prefix="/api/jobs")


@blueprint.get("/<int:job_id>")
@scope("read", role="viewer")
def show(job_id: int) -> dict[str, Any]:
    """One job: its state, its progress, its answer or its error."""
    with get_store().reading() as session:
        return show_job(session, job_id)
