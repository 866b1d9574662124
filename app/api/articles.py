"""Articles for programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from app.extensions import get_store
from app.queries.articles import show_article
from app.queries.moderation import show_moderation
from app.security import scope

blueprint = Blueprint("api_articles", __name__, url_prefix="/api/articles")


@blueprint.get("/<uid>")
@scope("read", role="viewer")
def show(uid: str) -> dict[str, Any]:
    """One article: as ``flask articles show UID --json``."""
    with get_store().reading() as session:
        return show_article(session, uid)


@blueprint.get("/<uid>/moderation")
@scope("read", role="viewer")
def moderation(uid: str) -> dict[str, Any]:
    """What the desk knows of an article: as ``flask moderation show UID --json``."""
    with get_store().reading() as session:
        return show_moderation(session, uid)
