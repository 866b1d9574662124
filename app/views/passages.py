"""One passage in a batch with everything its annotators said about it."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.extensions import get_store
from app.queries.annotations import get_passage
from app.security import requires
from app.views.drawing import draw

blueprint = Blueprint("passages", __name__, url_prefix="/batches/<slug>/passages")


@blueprint.get("/<uid>")
@requires("viewer")
def show_passage(slug: str, uid: str) -> str:
    """The text with all spans drawn under it, then one column an annotator."""
    with get_store().reading() as session:
        passage = get_passage(session, slug, uid)
    return render_template("passages/one.html", passage=passage, drawing=draw(passage))
