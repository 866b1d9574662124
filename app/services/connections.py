"""Connections to Label Studio servers, and the annotators known there."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError, NotFoundError
from app.keys import TokenVault
from app.models.connections import Account, Annotator, Connection
from app.services import audit


def save_connection(
    session: Session,
    vault: TokenVault,
    *,
    name: str,
    url: str,
    token: str,
    actor: str,
) -> Connection:
    """Add a connection or give a known one a new address and token."""
    connection = session.scalar(select(Connection).where(Connection.name == name))
    if connection is None:
        connection = Connection(name=name, created_at=datetime.now(UTC))
        session.add(connection)
    url = url.rstrip("/")
    if connection.id is not None and connection.url != url:
        # Another address may be another server: its accounts have other numbers.
        session.execute(delete(Account).where(Account.connection_id == connection.id))
    connection.url = url
    connection.token_encrypted = vault.encrypt(name, token)
    connection.token_hint = token[-4:]
    session.flush()
    audit.record(session, actor=actor, action="connection_saved", object=f"connection:{name}")
    return connection


def note_check(
    connection: Connection, *, version: str, user_email: str, token_kind: str, problem: str = ""
) -> None:
    """Remember what the last check of a connection found."""
    connection.checked_at = datetime.now(UTC)
    connection.problem = problem
    if not problem:
        connection.version, connection.user_email = version, user_email
        connection.token_kind = token_kind


def get_connection(session: Session, name: str | None) -> Connection:
    """A connection by name, or the only one there is.

    Raises:
        NotFoundError: no such connection, or none at all.
        InvalidInputError: no name was given and there are several.
    """
    if name is not None:
        found = session.scalar(select(Connection).where(Connection.name == name))
        if found is None:
            raise NotFoundError(
                f"There is no connection {name!r}.", remedy="See them with: flask studio list"
            )
        return found
    every = session.scalars(select(Connection).order_by(Connection.id).limit(2)).all()
    if not every:
        raise NotFoundError(
            "There is no connection to a Label Studio server yet.",
            remedy="Add one: flask studio connect NAME --url URL (the token on stdin)",
        )
    if len(every) > 1:
        raise InvalidInputError(
            "There are several connections.", remedy="Say which one: --connection NAME"
        )
    return every[0]


def ensure_annotator(session: Session, email: str) -> Annotator:
    """The annotator with this e-mail, made when new, with a pseudonym of their own.

    The address is taken as a server tells it: an account may have one that we would not take.
    """
    email = email.strip().lower()
    annotator = session.scalar(select(Annotator).where(Annotator.email == email))
    if annotator is None:
        annotator = Annotator(email=email, pseudonym=f"annotator-{secrets.token_hex(4)}")
        session.add(annotator)
        session.flush()
    return annotator


def ensure_account(
    session: Session, connection_id: int, annotator_id: int, ls_user_id: int
) -> None:
    """Remember an annotator's account on a connection.

    Accounts may be made anew there, and may change their address: the number then moves over.
    """
    session.execute(
        delete(Account).where(
            Account.connection_id == connection_id,
            Account.ls_user_id == ls_user_id,
            Account.annotator_id != annotator_id,
        )
    )
    account = session.get(Account, (connection_id, annotator_id))
    if account is None:
        session.add(
            Account(connection_id=connection_id, annotator_id=annotator_id, ls_user_id=ls_user_id)
        )
    else:
        account.ls_user_id = ls_user_id
    session.flush()


def normal_email(email: str) -> str:
    """An e-mail address in the form it is stored in.

    Raises:
        InvalidInputError: it has no form of an address.
    """
    email = email.strip().lower()
    local, _, domain = email.rpartition("@")
    if not local or "." not in domain or any(c.isspace() for c in email) or len(email) > 254:
        raise InvalidInputError(
            f"{email!r} is not an e-mail address.", remedy="Write it as name@example.org"
        )
    return email
