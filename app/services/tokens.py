"""API tokens: 256 bits of chance, shown once, kept as a hash, with scopes and an end."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError, NotFoundError
from app.models.accounts import ApiToken, User
from app.services import audit
from app.services.accounts import get_user, sha

PREFIX = "cd_"
SCOPES = ("read", "write")
LIFETIME = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made. ``token`` cannot be had again."""

    token: str
    scopes: list[str]
    hint: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a valid token speaks for, and what it is good for."""

    email: str
    roles: list[str]
    scopes: list[str]


def create_token(session: Session, *, email: str, scopes: Sequence[str], actor: str) -> NewToken:
    """Make an API token for an active user.

    Raises:
        InvalidInputError: no scope, or one that does not exist.
        NotFoundError: no such user.
    """
    wanted = [scope for scope in SCOPES if scope in scopes]
    if not wanted or set(scopes) - set(SCOPES):
        raise InvalidInputError(
            "A token needs one or more scopes.", remedy=f"Use --scope {' or --scope '.join(SCOPES)}"
        )
    user = get_user(session, email)
    token = PREFIX + secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    row = ApiToken(
        user_id=user.id,
        token_sha=sha(token),
        hint=token[-4:],
        scopes=wanted,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="token_created",
        object=f"user:{user.email}",
        detail={"token": row.id, "scopes": wanted},
    )
    return NewToken(token, wanted, row.hint, now + LIFETIME)


def check_token(session: Session, token: str) -> Holder | None:
    """Whom a token speaks for; None when it is unknown, expired, revoked, or its user closed.

    It is looked up by its hash, so nothing about it can be learnt from how long this takes.
    """
    found = session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_sha == sha(token), ApiToken.revoked_at.is_(None), User.active)
    ).first()
    if found is None:
        return None
    row, user = found
    if row.expires_at is not None and row.expires_at <= datetime.now(UTC):
        return None
    return Holder(user.email, [role.name for role in user.roles], list(row.scopes))


def revoke_token(session: Session, *, user_id: int, token_id: int, actor: str) -> None:
    """End one of a user's own tokens, from the next request on.

    Raises:
        NotFoundError: the user has no such token.
    """
    row = session.scalar(
        select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id)
    )
    if row is None:
        raise NotFoundError("You have no such API token.")
    if row.revoked_at is None:
        row.revoked_at = datetime.now(UTC)
        audit.record(
            session,
            actor=actor,
            action="token_revoked",
            object=f"user:{actor}",
            detail={"token": row.id},
        )
