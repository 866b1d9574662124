"""Articles for programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from app.extensions import get_store
from app.queries.articles import show_article
from app.security import scope

blueprint = Blueprint("api_articles", __name__, url_prefix="/api/articles")


@blueprint.get("/<uid>")
@scope("read", role="viewer")
def show(uid: str) -> dict[str, Any]:
    """One article: as ``flask articles show UID --json``."""
    with get_store().reading() as session:
        return show_article(session, uid)
