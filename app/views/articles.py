"""Articles: the list and one article."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.extensions import get_store
from app.queries.article_list import (
    count_articles,
    list_articles,
    list_outlets,
    list_sections,
)
from app.queries.articles import get_article
from app.queries.lexicon import terms_by_key
from app.security import requires
from app.security.access import may
from app.services.curation import set_story
from app.views.article_edit import ROLES, panel_of
from app.views.article_text import lay_out
from app.views.cursor import read_after
from app.views.suggested import Suggested, terms_among

blueprint = Blueprint("articles", __name__)


@blueprint.get("/articles")
@requires("viewer")
def show_articles() -> str:
    """Articles, filtered by what the address says."""
    outlet, section = request.args.get("outlet"), request.args.get("section")
    q = request.args.get("q", "").strip() or None
    duplicates = "duplicates" in request.args
    chosen: dict[str, Any] = {
        "outlet": outlet,
        "section": section,
        "q": q,
        "duplicates": duplicates,
    }
    with get_store().reading() as session:
        page = list_articles(session, **chosen, after=read_after())
        found = count_articles(session, **chosen)
        with_duplicates = count_articles(session, duplicates=True)
        outlets, sections = list_outlets(session), list_sections(session)
    return render_template(
        "articles/list.html",
        page=page,
        found=found,
        outlets=outlets,
        sections=sections,
        total=sum(n for _, n in outlets),
        with_duplicates=with_duplicates,
        chosen=chosen,
    )


@blueprint.get("/articles/<uid>")
@requires("viewer")
def show_article(uid: str) -> str:
    """One article with its roles and the cuts between its passages."""
    with get_store().reading() as session:
        article = get_article(session, uid)
        terms = terms_by_key(session, terms_among(article.suggested.spans))
    return render_template(
        "articles/one.html",
        article=article,
        blocks=lay_out(article),
        suggested=Suggested(article, terms),
        panel=panel_of(article) if may("reviewer") else None,
        roles=ROLES,
    )


@blueprint.post("/articles/<uid>/story")
@requires("reviewer")
def name_story(uid: str) -> WerkzeugResponse:
    """Say which story the article belongs to."""
    with get_store().transaction() as session:
        article = set_story(session, uid, request.form.get("story", ""), actor=current_user.email)
        story = article.story
    flash(f"The story is now {story!r}." if story else "It belongs to no story now.", "success")
    return redirect(url_for(".show_article", uid=uid), 303)
