"""The queue of the review room: what waits, in which order, and the way into it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.errors import ConflictError, NotPermittedError
from app.extensions import get_store
from app.queries.review_pace import get_review_pace, list_views
from app.queries.review_queue import (
    SHOWN,
    Key,
    count_queue,
    get_key,
    list_annotators,
    list_next,
    list_queue,
)
from app.queries.schemes import get_guideline
from app.security import requires
from app.services.review_views import drop_view, save_view
from app.services.room import Seat, hold
from app.views.room_form import is_part, queue_query, read_sieve, room_url
from labeling.guideline import read_guideline

blueprint = Blueprint("review", __name__)


@blueprint.get("/review")
@requires("viewer")
def show_queue() -> str:
    """Which passages wait, by everything that makes one worth a look first."""
    sieve = read_sieve(request.args)
    after = Key.read(request.args.get("after", ""))
    now = datetime.now(UTC)
    with get_store().reading() as session:
        me = str(current_user.email)
        page = list_queue(session, sieve, reader=me, now=now, after=after)
        counts = count_queue(session, sieve, reader=me)
        pace = get_review_pace(session, me, counts.total, now.date())
        views = list_views(session, me)
        annotators = list_annotators(session)
    return render_template(
        "review/queue.html",
        page=page,
        sieve=sieve,
        counts=counts,
        pace=pace,
        views=views,
        annotators=annotators,
        shown=SHOWN,
        query=queue_query(request.args),
    )


@blueprint.post("/review/views")
@requires("viewer")
def save() -> Response:
    """Keep the queue a form carries under a name."""
    query = queue_query(request.form)
    with get_store().transaction() as session:
        save_view(session, request.form.get("name", ""), query, actor=str(current_user.email))
    flash("The queue is kept under this name.", "success")
    return _to_queue(query)


@blueprint.post("/review/views/forget")
@requires("viewer")
def forget() -> Response:
    """Forget a queue that was kept."""
    with get_store().transaction() as session:
        drop_view(session, request.form.get("name", ""), actor=str(current_user.email))
    return _to_queue(queue_query(request.form))


@blueprint.post("/review/start")
@requires("reviewer")
def start() -> Response:
    """Go into the first passage of the queue that nobody else has open."""
    return redirect(go_on(), 303)


@blueprint.get("/batches/<slug>/guideline")
@requires("viewer")
def show_guideline(slug: str) -> str:
    """The guideline of a batch's scheme version."""
    with get_store().reading() as session:
        guideline = get_guideline(session, slug)
    part = "guideline_part" if is_part() else "guideline"
    blocks = read_guideline(guideline.text)
    return render_template(f"review/{part}.html", guideline=guideline, blocks=blocks)


def go_on(slug: str = "", passage: str = "") -> str:
    """Enter the next passage of the queue a form carries; gives its address, or the queue's.

    Args:
        slug, passage: where the reviewer comes from, if from a passage.
    """
    sieve, query = read_sieve(request.form), queue_query(request.form)
    now, me = datetime.now(UTC), str(current_user.email)
    with get_store().reading() as session:
        after = get_key(session, sieve, slug, passage) if passage else None
        found = list_next(session, sieve, reader=me, now=now, after=after)
    for batch, uid in found:
        try:
            with get_store().transaction() as session:
                hold(session, Seat(batch, uid, me, now), again=sieve.show == "stale")
        except (ConflictError, NotPermittedError):
            continue
        return room_url(batch, uid, query)
    flash("Nothing more waits in this queue.", "info")
    return url_for("review.show_queue", **dict[str, Any](query))


def _to_queue(query: dict[str, str]) -> Response:
    return redirect(url_for("review.show_queue", **dict[str, Any](query)), 303)
