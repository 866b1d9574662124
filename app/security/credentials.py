"""Signing in: the brake, the password, the browser's mark, the session."""

from __future__ import annotations

import hashlib
import secrets

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import AppError, InvalidInputError
from app.extensions import get_store
from app.logs import get_logger
from app.models.accounts import User
from app.security import sessions
from app.services import accounts, audit, passwords, throttle
from config import Settings

log = get_logger()

# A browser that has signed in once is told apart from strangers for so long.
_BROWSER_LIFETIME_S = 180 * 24 * 3600


class WrongCredentialsError(AppError):
    """The address or the password is wrong; which of them is not said."""

    kind = "wrong_credentials"


def sign_in(email: str, password: str) -> User:
    """Begin a session for whom these are the credentials.

    Raises:
        TooManyAttemptsError: the password was not even looked at.
        WrongCredentialsError: they are not right, or the account is disabled.
    """
    email = email.strip().lower()
    store = get_store()
    with store.transaction() as session:
        attempt = _admit(session, email)
    with store.reading() as session:
        user: User | None = session.scalar(select(User).where(User.email == email))
    if not passwords.matches(user, password) or user is None:
        log.warning("sign_in_failed", address=request.remote_addr)
        raise WrongCredentialsError("The e-mail address or the password is not right.")
    new_hash = passwords.hashed(password) if passwords.is_outdated(user.password or "") else None
    with store.transaction() as session:
        throttle.forgive(session, attempt)
        if new_hash is not None:
            accounts.strengthen_hash(session, user, new_hash)
        audit.record(session, actor=user.email, action="signed_in", object=f"user:{user.email}")
    sessions.begin(user)
    return user


def set_first_password(token: str, password: str) -> User:
    """Set a password by a one-time link and begin a session.

    Raises:
        NotFoundError: the link is no good (any more).
        InvalidInputError: the password will not do; the link stays good.
    """
    store = get_store()
    with store.reading() as session:
        email = accounts.holder_of_link(session, token).email
    new_hash = passwords.prepared(password, email=email)
    with store.transaction() as session:
        user = accounts.redeem_link(session, token, password_hash=new_hash)
    sessions.begin(user)
    return user


def change_password(user_id: int, *, current: str, new: str) -> User:
    """Change a user's password, end all their sessions, and begin a new one here.

    Raises:
        TooManyAttemptsError: too many wrong tries at the current password.
        InvalidInputError: the current password is wrong, or the new one will not do.
    """
    store = get_store()
    with store.transaction() as session:
        user = session.get_one(User, user_id)
        attempt = _admit(session, user.email)
    if not passwords.matches(user, current):
        raise InvalidInputError("The current password is not right.")
    new_hash = passwords.prepared(new, email=user.email)
    with store.transaction() as session:
        throttle.forgive(session, attempt)
        user = accounts.change_password(
            session, user_id, seen_hash=user.password or "", new_hash=new_hash
        )
    sessions.begin(user)
    return user


def remember_browser(response: Response, email: str) -> Response:
    """Mark this browser as one that has signed in to the account."""
    settings: Settings = current_app.extensions["settings"]
    response.set_cookie(
        _cookie_name(),
        _signer().dumps([_mark(email), secrets.token_hex(8)]),
        max_age=_BROWSER_LIFETIME_S,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=settings.tls,
    )
    return response


def _admit(session: Session, email: str) -> throttle.Attempt:
    address = request.remote_addr or ""
    return throttle.admit(session, email=email, address=address, browser=_known_browser(email))


def _known_browser(email: str) -> str | None:
    raw = request.cookies.get(_cookie_name(), "")
    try:
        mark, browser = _signer().loads(raw, max_age=_BROWSER_LIFETIME_S)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(browser) if mark == _mark(email) else None


def _cookie_name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}_browser"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known-browser")


def _mark(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()[:16]
