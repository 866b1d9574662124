"""How long a signed-in session lasts, and who acts in this request."""

from __future__ import annotations

import time

from flask import Flask, g, request, session
from flask_login import current_user
from flask_security.utils import login_user, logout_user

from app.models.accounts import User
from app.security.configuration import ABSOLUTE, IDLE

# The time of the last request is written into the cookie at most this often.
_RENEW_AFTER_S = 60


def init_app(app: Flask) -> None:
    """End sessions that were left alone or have lasted too long, before any view runs."""
    app.before_request(_age)


def begin(user: User) -> None:
    """Sign a user in, in a session that shares nothing with the one before."""
    _forget()
    session.permanent = True
    login_user(user, remember=False, authn_via=["password"])
    session["seen"] = int(time.time())
    g.actor = user.email


def end() -> None:
    """Sign the current user out."""
    logout_user()
    _forget()
    g.actor = None


def _forget() -> None:
    session.clear()
    # Flask-WTF keeps the token of the request here and would go on with the old one.
    g.pop("csrf_token", None)


def _age() -> None:
    g.actor = None
    if request.endpoint == "static" or "_user_id" not in session:
        return
    now = time.time()
    seen = session.get("seen", 0)
    begun = session.get("fs_paa", 0)
    too_old = now - seen > IDLE.total_seconds() or now - begun > ABSOLUTE.total_seconds()
    if too_old or not current_user.is_authenticated:
        end()
        return
    if now - seen > _RENEW_AFTER_S:
        session["seen"] = int(now)
    g.actor = current_user.email
