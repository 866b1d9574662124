"""Signing in and out, a first password by a link, one's own account."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user

from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.accounts import list_tokens
from app.security import credentials, public, requires, sessions
from app.security.credentials import WrongCredentialsError
from app.services import accounts, passwords, tokens

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/login")
@public
def sign_in() -> Response:
    """The form; whoever is signed in already goes on at once."""
    if current_user.is_authenticated:
        return _go_on()
    return _sign_in_form()


@blueprint.post("/login")
@public
def sign_in_post() -> Response:
    """Begin a session, or say that the credentials are wrong (never which of them)."""
    email = request.form.get("email", "")
    try:
        user = credentials.sign_in(email, request.form.get("password", ""))
    except WrongCredentialsError as err:
        return _sign_in_form(email=email, problem=err.message, status=401)
    return credentials.remember_browser(_go_on(), user.email)


@blueprint.post("/logout")
@public
def sign_out() -> Response:
    """End the session."""
    if current_user.is_authenticated:
        sessions.end()
    return make_response(redirect(url_for(".sign_in")))


@blueprint.get("/welcome/<token>")
@public
def first_password(token: str) -> Response:
    """The form behind a one-time link; looking at it does not use the link up."""
    with get_store().reading() as session:
        email = accounts.holder_of_link(session, token).email
    return _first_password_form(token, email)


@blueprint.post("/welcome/<token>")
@public
def first_password_post(token: str) -> Response:
    """Set the password and begin a session."""
    with get_store().reading() as session:
        email = accounts.holder_of_link(session, token).email
    try:
        credentials.set_first_password(token, _new_password())
    except InvalidInputError as err:
        return _first_password_form(token, email, err)
    return credentials.remember_browser(make_response(redirect("/")), email)


@blueprint.get("/account")
@requires("viewer")
def account() -> Response:
    """One's own account: role, password, API tokens."""
    return _account_page()


@blueprint.post("/account/password")
@requires("viewer")
def change_password() -> Response:
    """Change the password; all other sessions end."""
    current = request.form.get("current", "")
    try:
        user = credentials.change_password(current_user.id, current=current, new=_new_password())
    except InvalidInputError as err:
        return _account_page(err)
    flash("Your password was changed, and you were signed out everywhere else.", "success")
    return credentials.remember_browser(make_response(redirect(url_for(".account"))), user.email)


@blueprint.post("/account/sessions/end")
@requires("viewer")
def end_sessions() -> Response:
    """Sign out everywhere, here too."""
    with get_store().transaction() as session:
        accounts.end_sessions(session, current_user.id)
    sessions.end()
    return make_response(redirect(url_for(".sign_in")))


@blueprint.post("/account/tokens/<int:token_id>/revoke")
@requires("viewer")
def revoke_token(token_id: int) -> Response:
    """End one of one's own API tokens."""
    with get_store().transaction() as session:
        tokens.revoke_token(
            session, user_id=current_user.id, token_id=token_id, actor=current_user.email
        )
    flash("The API token was revoked.", "success")
    return make_response(redirect(url_for(".account")))


def _go_on() -> Response:
    return make_response(redirect(safe_next(request.args.get("next", ""))))


def safe_next(wanted: str) -> str:
    r"""Where to go after signing in: a path of this site, else the first page.

    Browsers take ``//host``, ``/\host`` and control characters in between for another site.
    """
    plain = wanted.isprintable() and "\\" not in wanted
    return wanted if plain and wanted.startswith("/") and not wanted.startswith("//") else "/"


def _new_password() -> str:
    new, again = request.form.get("new", ""), request.form.get("again", "")
    if new != again:
        raise InvalidInputError("The two new passwords differ.", remedy="Type the same one twice.")
    return new


def _sign_in_form(*, email: str = "", problem: str = "", status: int = 200) -> Response:
    page = render_template("security/sign_in.html", email=email, problem=problem)
    return make_response(page, status)


def _first_password_form(
    token: str, email: str, problem: InvalidInputError | None = None
) -> Response:
    page = render_template(
        "security/first_password.html",
        token=token,
        email=email,
        problem=problem,
        shortest=passwords.SHORTEST,
    )
    return make_response(page, 422 if problem else 200)


def _account_page(problem: InvalidInputError | None = None) -> Response:
    with get_store().reading() as session:
        own = list_tokens(session, current_user.id)
    page = render_template(
        "security/account.html", tokens=own, problem=problem, shortest=passwords.SHORTEST
    )
    return make_response(page, 422 if problem else 200)
