"""Users and API tokens, as lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.accounts import ApiToken, User


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user. ``invited``: no password has been set yet."""

    email: str
    role: str
    active: bool
    invited: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One API token; ``hint`` is its end, by which its owner knows it."""

    id: int
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    @property
    def active(self) -> bool:
        """Whether the token still opens the API."""
        expired = self.expires_at is not None and self.expires_at <= datetime.now(UTC)
        return self.revoked_at is None and not expired


def list_users(session: Session) -> list[UserRow]:
    """Every user, by address."""
    return [
        UserRow(
            email=user.email,
            role=user.roles[0].name if user.roles else "",
            active=user.active,
            invited=user.password is None,
            created_at=user.created_at,
        )
        for user in session.scalars(select(User).order_by(User.email))
    ]


def list_tokens(session: Session, user_id: int) -> list[TokenRow]:
    """A user's API tokens, the newest first."""
    rows = session.scalars(
        select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())
    )
    return [
        TokenRow(
            id=row.id,
            hint=row.hint,
            scopes=tuple(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
        )
        for row in rows
    ]
