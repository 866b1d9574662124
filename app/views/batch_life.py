"""What an admin does about a batch as a whole: notes, its review, closing, reopening, archiving."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import get_store
from app.queries.batches import get_batch
from app.security import requires
from app.services import batch_life
from app.services.review_policy import set_policy
from app.views.dealing import read_date, read_number
from labeling.decisions import REASONS, ReviewPolicy

blueprint = Blueprint("batch_life", __name__, url_prefix="/batches")


@blueprint.post("/<slug>/edit")
@requires("admin")
def edit_batch(slug: str) -> Response:
    """Keep who looks after it, when it is due, and the note."""
    notes = batch_life.BatchNotes(
        owner=request.form.get("owner", "").strip(),
        due=read_date(request.form.get("due", "")),
        note=request.form.get("note", ""),
    )
    with get_store().transaction() as session:
        batch_life.edit_batch(session, slug, notes, actor=current_user.email)
    return _back(slug, "The notes are kept.")


@blueprint.post("/<slug>/review-policy")
@requires("admin")
def change_policy(slug: str) -> Response:
    """Keep how it is reviewed from now on."""
    mode = request.form.get("mode", "")
    reasons = [line.strip() for line in request.form.get("reasons", "").splitlines()]
    wanted = ReviewPolicy(
        majority=mode == "majority",
        calibration=mode == "calibration",
        second=read_number(request.form, "second", float, 0.0),
        reasons=tuple(dict.fromkeys(filter(None, reasons))) or REASONS,
    )
    with get_store().transaction() as session:
        set_policy(session, slug, wanted, actor=current_user.email)
    return _back(slug, "The review is changed, from now on.")


@blueprint.post("/<slug>/close")
@requires("admin")
def close_batch(slug: str) -> Response:
    """End it, when its name was typed."""
    with get_store().transaction() as session:
        batch_life.close_batch(
            session, slug, typed=request.form.get("typed", ""), actor=current_user.email
        )
    with get_store().reading() as session:
        batch = get_batch(session, slug)
    return _back(
        slug,
        f"Batch {slug} is closed; {batch.undone} of {batch.tasks} tasks are undone. "
        "Label Studio keeps the projects open: tell the annotators to stop.",
    )


@blueprint.post("/<slug>/reopen")
@requires("admin")
def reopen_batch(slug: str) -> Response:
    """Take it up again."""
    with get_store().transaction() as session:
        batch_life.reopen_batch(session, slug, actor=current_user.email)
    return _back(slug, f"Batch {slug} goes on.")


@blueprint.post("/<slug>/archive")
@requires("admin")
def archive_batch(slug: str) -> Response:
    """Put it away for good, when its name was typed."""
    with get_store().transaction() as session:
        batch_life.archive_batch(
            session, slug, typed=request.form.get("typed", ""), actor=current_user.email
        )
    return _back(slug, f"Batch {slug} is archived.")


def _back(slug: str, words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("batches.show_batch", slug=slug), 303)
