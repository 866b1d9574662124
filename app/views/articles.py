"""Articles: the list and one article."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from app.extensions import get_store
from app.queries.articles import (
    count_articles,
    get_article,
    list_articles,
    list_outlets,
    list_sections,
)
from app.security import requires
from app.views.article_text import lay_out
from app.views.cursor import read_after

blueprint = Blueprint("articles", __name__)


@blueprint.get("/articles")
@requires("viewer")
def show_articles() -> str:
    """Articles, filtered by what the address says."""
    outlet, section = request.args.get("outlet"), request.args.get("section")
    q = request.args.get("q", "").strip() or None
    with get_store().reading() as session:
        page = list_articles(session, outlet=outlet, section=section, q=q, after=read_after())
        found = count_articles(session, outlet=outlet, section=section, q=q)
        outlets, sections = list_outlets(session), list_sections(session)
    return render_template(
        "articles/list.html",
        page=page,
        found=found,
        outlets=outlets,
        sections=sections,
        total=sum(n for _, n in outlets),
        chosen={"outlet": outlet, "section": section, "q": q},
    )


@blueprint.get("/articles/<uid>")
@requires("viewer")
def show_article(uid: str) -> str:
    """One article with its roles and the cuts between its passages."""
    with get_store().reading() as session:
        article = get_article(session, uid)
    return render_template("articles/one.html", article=article, blocks=lay_out(article))
