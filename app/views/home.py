"""The first page, and the look of all pages."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)

from app.extensions import get_store
from app.queries.home import get_home
from app.security import public, requires
from app.views.accounts import safe_next
from app.views.presentation import THEME_COOKIE, THEMES

blueprint = Blueprint("home", __name__)

_ONE_YEAR_S = 365 * 24 * 3600


@blueprint.get("/")
@requires("viewer")
def show_home() -> str:
    """How far the work is and what to do next."""
    with get_store().reading() as session:
        home = get_home(session)
    return render_template("home.html", home=home)


@blueprint.post("/theme")
@public
def set_theme() -> Response:
    """Remember light, dark or the system's own look for this browser."""
    theme = request.form.get("theme", "system")
    response = make_response(redirect(safe_next(request.form.get("next", "/")), 303))
    # The script of the theme buttons writes this cookie too, so it cannot be HttpOnly.
    response.set_cookie(
        THEME_COOKIE,
        theme if theme in THEMES else "system",
        max_age=_ONE_YEAR_S,
        path="/",
        samesite="Lax",
        secure=current_app.extensions["settings"].tls,
    )
    return response
