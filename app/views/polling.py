"""Answers to a page that asks every few seconds how far a job is.

Polling, not a stream: an open stream would hold one of the web process's few threads. What
did not change is answered with 304 before anything is rendered.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, make_response, render_template, request
from flask_login import current_user

from app.queries.jobs import JobRow


def answer_poll(template: str, job: JobRow | None, **context: Any) -> Response:
    """The fragment of a page that moves, or 304 where nothing moved.

    When the job has ended the fragment carries no trigger any more, and an event tells the
    rest of the page to fetch what changed.

    Args:
        template: the fragment.
        job: the job that is watched, if there is one.
        context: what else the fragment shows.
    """
    seen = repr((current_user.get_id(), job, sorted(context.items())))
    tag = hashlib.sha256(seen.encode()).hexdigest()[:32]
    if request.if_none_match.contains_weak(tag):
        response = make_response("", 304)
    else:
        response = make_response(render_template(template, job=job, **context))
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    if job is None or not job.active:
        ended = f"{job.title}: {job.state}. {job.message}" if job else ""
        response.headers["HX-Trigger"] = json.dumps({"job-ended": {"message": ended}})
    return response
