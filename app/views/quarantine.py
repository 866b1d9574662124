"""What was set aside: the list with its filters, one item, and how it is settled."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.extensions import get_store
from app.queries.quarantine import (
    OPEN,
    STATES,
    Sieve,
    count_quarantined_by,
    get_quarantined,
    list_quarantined,
)
from app.security import requires
from app.services.quarantine import accept_item, ask_again, ignore_item
from app.views.cursor import read_after

blueprint = Blueprint("quarantine", __name__)


@blueprint.get("/set-aside")
@requires("viewer")
def show_all() -> str:
    """What came back from Label Studio and is worth a look, over all batches."""
    state = request.args.get("state", OPEN)
    sieve = Sieve(
        batch=request.args.get("batch"),
        kind=request.args.get("kind"),
        state=state if state in STATES else None,
        annotator=request.args.get("annotator"),
    )
    with get_store().reading() as session:
        page = list_quarantined(session, sieve, after=read_after())
        facets = count_quarantined_by(session, sieve)
    return render_template(
        "quarantine/list.html",
        page=page,
        sieve=sieve,
        facets=facets,
        total=sum(count for _, count in facets.states),
        open_items=dict(facets.states).get(OPEN, 0),
    )


@blueprint.get("/batches/<slug>/set-aside")
@requires("viewer")
def show_batch(slug: str) -> Response:
    """The list of one batch."""
    return redirect(url_for(".show_all", batch=slug), 302)


@blueprint.get("/batches/<slug>/set-aside/<int:item_id>")
@requires("viewer")
def show_item(slug: str, item_id: int) -> str:
    """One item: the JSON as Label Studio gave it beside the reason and the text."""
    with get_store().reading() as session:
        item = get_quarantined(session, slug, item_id)
    return render_template("quarantine/one.html", slug=slug, item=item)


@blueprint.post("/batches/<slug>/set-aside/<int:item_id>/accept")
@requires("reviewer")
def accept(slug: str, item_id: int) -> Response:
    """Take the item as it is."""
    with get_store().transaction() as session:
        get_quarantined(session, slug, item_id)
        queue = current_app.extensions["queue"]
        note = request.form.get("note", "")
        accept_item(session, queue, item_id, note=note, actor=current_user.email)
    flash("The item counts now. What waited for it was taken along.", "success")
    return redirect(url_for(".show_item", slug=slug, item_id=item_id), 303)


@blueprint.post("/batches/<slug>/set-aside/<int:item_id>/ignore")
@requires("reviewer")
def ignore(slug: str, item_id: int) -> Response:
    """Leave the item out for good."""
    with get_store().transaction() as session:
        get_quarantined(session, slug, item_id)
        ignore_item(session, item_id, note=request.form.get("note", ""), actor=current_user.email)
    flash("The item is left out. It stays in the list under “Ignored”.", "success")
    return redirect(url_for(".show_item", slug=slug, item_id=item_id), 303)


@blueprint.post("/batches/<slug>/set-aside/<int:item_id>/ask")
@requires("reviewer")
def ask(slug: str, item_id: int) -> Response:
    """Send the passage back to its annotator."""
    with get_store().transaction() as session:
        get_quarantined(session, slug, item_id)
        queue = current_app.extensions["queue"]
        reason = request.form.get("reason", "")
        _, rework = ask_again(session, queue, item_id, reason=reason, actor=current_user.email)
    flash(f"{rework.annotator} is asked again, as round {rework.round}.", "success")
    return redirect(url_for(".show_item", slug=slug, item_id=item_id), 303)
