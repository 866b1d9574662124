"""`flask users`: who may use the dashboard, the command line and the API."""

from __future__ import annotations

import sys
from datetime import datetime
from select import select
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.cli.actors import as_option
from app.cli.output import Answer, answers, table
from app.errors import InvalidInputError
from app.extensions import get_store
from app.models.accounts import ROLES
from app.queries.accounts import UserRow
from app.queries.accounts import list_users as query_users
from app.services import accounts, passwords, tokens
from app.services.connections import normal_email
from config import Settings

group = AppGroup("users", help="Users, one-time links and API tokens.")

# More than any password; beyond it a wrong file was piped in.
_STDIN_LIMIT = 10_000
_STDIN_PATIENCE_S = 5.0


@group.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the user may do.")
@answers
@as_option
def create(email: str, role: str, actor: str) -> Answer:
    """Make a user, with the password piped on stdin or else a one-time link."""
    password = _piped_password()
    email = normal_email(email)
    new_hash = passwords.prepared(password, email=email) if password is not None else None
    link, expires = None, None
    with get_store().transaction() as session:
        accounts.create_user(session, email=email, role=role, actor=actor, password_hash=new_hash)
        if new_hash is None:
            link, expires = _new_link(session, email, actor)
    data = {"email": email, "role": role, "link": link, **_end(expires)}
    text = f"{email} can sign in as {role}." if link is None else _in_words(email, link)
    return Answer(data, text)


@group.command()
@click.argument("email")
@answers
@as_option
def link(email: str, actor: str) -> Answer:
    """Make a one-time link for a first or a new password; older links end."""
    email = normal_email(email)
    with get_store().transaction() as session:
        address, expires = _new_link(session, email, actor)
    return Answer({"email": email, "link": address, **_end(expires)}, _in_words(email, address))


@group.command()
@click.argument("email")
@click.option(
    "--scope", "scopes", type=click.Choice(tokens.SCOPES), multiple=True, help="Repeat for more."
)
@answers
@as_option
def token(email: str, scopes: tuple[str, ...], actor: str) -> Answer:
    """Make an API token. It is shown this once."""
    with get_store().transaction() as session:
        new = tokens.create_token(session, email=email, scopes=scopes, actor=actor)
    data = {"token": new.token, "scopes": new.scopes, "hint": new.hint, **_end(new.expires_at)}
    until = new.expires_at.date().isoformat()
    goods = " and ".join(new.scopes)
    return Answer(data, f"{new.token}\nGood for {goods} until {until}. It is not shown again.")


@group.command("list")
@answers
def list_users() -> Answer:
    """Every user."""
    with get_store().reading() as session:
        users = query_users(session)
    rows = [(user.email, user.role, _state(user)) for user in users]
    data = [
        {"email": user.email, "role": user.role, "active": user.active, "invited": user.invited}
        for user in users
    ]
    empty = "There are no users yet. Make one: flask users create EMAIL --role admin"
    return Answer({"users": data}, table(("EMAIL", "ROLE", "STATE"), rows, empty=empty))


@group.command()
@click.argument("email")
@answers
@as_option
def disable(email: str, actor: str) -> Answer:
    """Close an account: its sessions, links and API tokens end at once."""
    with get_store().transaction() as session:
        user = accounts.disable_user(session, email=email, actor=actor)
    return Answer({"email": user.email, "active": False}, f"{user.email} can no longer sign in.")


def _piped_password() -> str | None:
    """What is piped in; None where stdin is a terminal or empty, for it never prompts."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty() or not _has_something(sys.stdin):
        return None
    try:
        text = sys.stdin.read(_STDIN_LIMIT)
    except UnicodeDecodeError:
        raise InvalidInputError("The password on stdin is not UTF-8 text.") from None
    return text.rstrip("\r\n") or None


def _has_something(stream: TextIO) -> bool:
    """Whether something, or the end, comes soon: a pipe nobody writes to is like an empty one."""
    try:
        ready, _, _ = select([stream], [], [], _STDIN_PATIENCE_S)
    except (OSError, ValueError):
        return True  # not a file of the system, such as text given by a test
    return bool(ready)


def _new_link(session: Session, email: str, actor: str) -> tuple[str, datetime]:
    settings: Settings = current_app.extensions["settings"]
    base = (settings.public_url or "http://127.0.0.1:8000").rstrip("/")
    secret, expires = accounts.create_link(session, email=email, actor=actor)
    return f"{base}/welcome/{secret}", expires


def _in_words(email: str, link: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    hours = int(accounts.LINK_LIFETIME.total_seconds() // 3600)
    text = f"{email} sets a password here, once, within {hours} hours:\n{link}"
    if settings.public_url is None:
        text += (
            "\nThe link's host and port are a guess: COPYDESK_PUBLIC_URL is not set. "
            "Change them to where you reach the dashboard."
        )
    return text


def _end(expires: datetime | None) -> dict[str, str | None]:
    return {"expires_at": expires.isoformat() if expires else None}


def _state(user: UserRow) -> str:
    if not user.active:
        return "disabled"
    return "waits for a password" if user.invited else "active"
