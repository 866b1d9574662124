"""The term bank: the list, one term, add, mute and unmute."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from app.errors import ConflictError
from app.extensions import get_store
from app.queries.term_bank import TermChoice, count_by, count_terms, get_term, list_terms
from app.security import requires
from app.services.lexicon import add_term, set_muted
from app.services.suggesting import request_renewal
from app.views.cursor import read_after
from labeling.suggest.lexicon_forms import forms_of
from labeling.suggest.lexicon_terms import CASES, LEANS, PARTS, TYPES, TermError

blueprint = Blueprint("lexicon", __name__, url_prefix="/lexicon")

_FIELDS = ("surface", "part", "case", "type", "topic", "leans", "about", "note", "mirror_of")
_LISTS = ("variants", "alternatives")


@blueprint.get("")
@requires("viewer")
def show_terms() -> str:
    """Terms, filtered by what the address says."""
    asked = {name: request.args.get(name) or None for name in ("topic", "leans", "status")}
    choice = TermChoice(q=request.args.get("q", "").strip() or None, **asked)
    with get_store().reading() as session:
        page = list_terms(session, choice, after=read_after())
        found = count_terms(session, choice)
        counts = {name: count_by(session, name) for name in asked}
    return render_template(
        "lexicon/list.html",
        page=page,
        found=found,
        choice=choice,
        counts=counts,
        total=sum(n for _, n in counts["status"]),
    )


@blueprint.get("/new")
@requires("admin")
def new_term() -> Response:
    """The form for a new term."""
    return _form({})


@blueprint.post("/new")
@requires("admin")
def add_new_term() -> WerkzeugResponse:
    """Add a term, and have the articles looked through for it."""
    values: dict[str, object] = {name: request.form.get(name, "").strip() for name in _FIELDS}
    for name in _LISTS:
        parts = request.form.get(name, "").split(";")
        values[name] = tuple(part.strip() for part in parts if part.strip())
    try:
        with get_store().transaction() as session:
            term = add_term(session, values, actor=current_user.email)
            request_renewal(session, current_app.extensions["queue"], actor=current_user.email)
    except (TermError, ConflictError) as err:
        return _form(values, err)
    flash("The term was added. A job looks for it in every article.", "success")
    return redirect(url_for(".show_term", key=term.key), 303)


@blueprint.get("/<key>")
@requires("viewer")
def show_term(key: str) -> str:
    """One term: what it finds, what annotators made of it, how it changed."""
    with get_store().reading() as session:
        page = get_term(session, key)
    return render_template("lexicon/one.html", page=page, term=page.term, forms=forms_of(page.term))


@blueprint.post("/<key>/mute")
@requires("admin")
def mute_term(key: str) -> WerkzeugResponse:
    """Suggest a term no longer."""
    return _set_muted(key, muted=True)


@blueprint.post("/<key>/unmute")
@requires("admin")
def unmute_term(key: str) -> WerkzeugResponse:
    """Suggest a term again."""
    return _set_muted(key, muted=False)


def _set_muted(key: str, *, muted: bool) -> WerkzeugResponse:
    with get_store().transaction() as session:
        set_muted(session, key, muted=muted, actor=current_user.email)
        request_renewal(session, current_app.extensions["queue"], actor=current_user.email)
    said = "is muted: it is suggested no longer" if muted else "is suggested again"
    flash(f"The term {said}. A job makes the suggestions anew.", "success")
    return redirect(url_for(".show_term", key=key), 303)


def _form(values: dict[str, object], problem: TermError | ConflictError | None = None) -> Response:
    page = render_template(
        "lexicon/new.html",
        values=values,
        problem=problem,
        choices={"part": PARTS, "case": CASES, "type": TYPES, "leans": LEANS},
    )
    return make_response(page, 422 if problem else 200)
