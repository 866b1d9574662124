"""Terms: every place of a term in context, what was said of it, and what is worth a look."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.errors import AppError
from app.extensions import get_store
from app.queries.labeled_words import list_labeled
from app.queries.term_bank import term_by_words
from app.queries.term_contexts import (
    SORTS,
    ContextPage,
    count_contexts,
    find_contexts,
    sort_contexts,
)
from app.security import requires
from app.services.term_review import send_to_review
from app.views.cursor import read_after
from app.views.terms_files import as_csv, as_json
from app.views.terms_page import Asked, asked_of, term_url
from labeling.concordance import TermError

blueprint = Blueprint("terms", __name__, url_prefix="/terms")
PAGE = 50
_EVERY = 1_000_000


@blueprint.get("")
@requires("viewer")
def show_terms() -> str | WerkzeugResponse:
    """Where to begin: any words, or those that were labeled of late."""
    wanted = request.args.get("q", "").strip()
    if wanted:
        return redirect(term_url(wanted), 303)
    with get_store().reading() as session:
        labeled = list_labeled(session)
    return render_template("terms/list.html", labeled=labeled)


@blueprint.get("/look")
@requires("viewer")
def look_up() -> str | Response:
    """The page of any term at all, by ``?term=``."""
    return _show(request.args.get("term", ""))


@blueprint.get("/<path:term>")
@requires("viewer")
def show_term(term: str) -> str | Response:
    """The page of a term that an address can hold as it is."""
    return _show(term)


@blueprint.get("/counts")
@requires("viewer")
def show_counts() -> str:
    """The part of a term's page that counts: how often, where, in whose voice, by whom."""
    asked = _asked(request.args.get("term", ""))
    with get_store().reading() as session:
        page = find_contexts(session, asked.forms, asked.choice, limit=_EVERY)
    part = request.headers.get("HX-Request") == "true"
    template = "terms/counts.html" if part else "terms/counted.html"
    return render_template(template, asked=asked, counts=count_contexts(page))


@blueprint.post("/review")
@requires("reviewer")
def send_places() -> WerkzeugResponse:
    """Flag the chosen passages for review."""
    term = request.form.get("term", "")
    try:
        with get_store().transaction() as session:
            sent = send_to_review(
                session,
                request.form.getlist("passage"),
                term=term,
                note=request.form.get("note", ""),
                actor=current_user.email,
            )
    except AppError as err:
        flash(f"{err.message} {err.remedy}", "error")
        return redirect(term_url(term), 303)
    said = [f"{sent.flagged} in review are flagged with your note."] if sent.flagged else []
    if sent.not_answered:
        said.append(
            f"{len(sent.not_answered)} cannot be reviewed yet: no batch has an answer to them."
        )
    flash(" ".join(said), "success" if sent.flagged else "warn")
    return redirect(term_url(term), 303)


def _show(term: str) -> str | Response:
    asked = _asked(term)
    wanted = request.args.get("format")
    if wanted == "csv":
        return as_csv(get_store(), asked)
    if wanted == "json":
        return as_json(get_store(), asked)
    page = _page(asked)
    return render_template("terms/one.html", asked=asked, page=page, sorts=SORTS)


def _page(asked: Asked) -> ContextPage:
    after = read_after() or 0
    with get_store().reading() as session:
        if asked.sort is None:
            return find_contexts(session, asked.forms, asked.choice, after=after, limit=PAGE)
        first = find_contexts(session, asked.forms, asked.choice, limit=_EVERY)
    rows = sort_contexts(first.rows, asked.sort)
    more = after + PAGE if len(rows) > after + PAGE else None
    cut = first.next is not None
    return ContextPage(tuple(rows[after : after + PAGE]), more, first.looked, cut=cut)


def _asked(term: str) -> Asked:
    """What is asked for; no term leads to where one begins, one that is too long nowhere."""
    if not term.strip():
        abort(redirect(url_for(".show_terms")))
    with get_store().reading() as session:
        bank = term_by_words(session, term)
    try:
        return asked_of(term, bank)
    except TermError:
        abort(404)
