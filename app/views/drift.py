"""Where a batch drifted from what was pushed, and what a person says to it."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.extensions import get_store
from app.queries.batches import get_batch
from app.queries.drift import get_drift
from app.security import requires
from app.services import withdrawals

blueprint = Blueprint("drift", __name__, url_prefix="/batches")


@blueprint.get("/<slug>/drift")
@requires("viewer")
def show_drift(slug: str) -> str:
    """What differs from what was pushed, what became of it, what to do."""
    with get_store().reading() as session:
        batch = get_batch(session, slug)
        drift = get_drift(session, batch.id)
    return render_template("batches/drift.html", batch=batch, drift=drift)


@blueprint.post("/<slug>/drift/<int:drift_id>")
@requires("admin")
def answer_withdrawals(slug: str, drift_id: int) -> WerkzeugResponse:
    """Say whether answers that vanished in great number are withdrawn or kept."""
    withdraw = request.form.get("answer") == "accept"
    with get_store().transaction() as session:
        queue = current_app.extensions["queue"]
        count = withdrawals.answer(
            session, queue, slug, drift_id, withdraw=withdraw, actor=current_user.email
        )
    flash(f"{count} answers were {'withdrawn' if withdraw else 'kept'}.", "success")
    return redirect(url_for(".show_drift", slug=slug), 303)
