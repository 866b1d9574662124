"""Users: made, given a password by a one-time link, changed, closed."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError, NotFoundError, SetupError
from app.models.accounts import ROLES, ApiToken, Role, SignInLink, User
from app.services import audit
from app.services.connections import normal_email

LINK_LIFETIME = timedelta(hours=24)

_SEE_USERS = "See them with: flask users list"


def ensure_roles(session: Session) -> None:
    """Make sure that the three roles exist."""
    known = set(session.scalars(select(Role.name)))
    session.add_all(Role(name=name) for name in ROLES if name not in known)
    session.flush()


def create_user(
    session: Session, *, email: str, role: str, actor: str, password_hash: str | None = None
) -> User:
    """Make a user; without a password they set one by a link (``create_link``).

    Args:
        session: a transaction.
        email: the address to sign in with, kept in lower case.
        role: one of ``ROLES``.
        actor: who makes the user.
        password_hash: from ``passwords.prepared``, which takes too long for a transaction.

    Raises:
        InvalidInputError: no such role, or no address.
        ConflictError: there is a user with this address.
    """
    email = normal_email(email)
    if role not in ROLES:
        raise InvalidInputError(
            f"There is no role {role!r}.", remedy=f"Use one of {', '.join(ROLES)}."
        )
    row = session.scalar(select(Role).where(Role.name == role))
    if row is None:
        raise SetupError("The store has no roles yet.", remedy="Run: flask db upgrade")
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise ConflictError(
            f"There is a user {email} already.",
            remedy=f"For a new password: flask users link {email}",
        )
    user = User(
        email=email,
        password=password_hash,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        created_at=datetime.now(UTC),
        roles=[row],
    )
    session.add(user)
    session.flush()
    _record(session, actor, "user_created", user, role=role)
    return user


def get_user(session: Session, email: str) -> User:
    """An active user by address.

    Raises:
        NotFoundError: there is none, or the account is disabled.
    """
    email = normal_email(email)
    user: User | None = session.scalar(select(User).where(User.email == email))
    if user is None:
        raise NotFoundError(f"There is no user {email}.", remedy=_SEE_USERS)
    if not user.active:
        raise NotFoundError(f"The account of {email} is disabled.", remedy=_SEE_USERS)
    return user


def create_link(session: Session, *, email: str, actor: str) -> tuple[str, datetime]:
    """A one-time token by which a user sets a password, and when it ends.

    Links given before end with it, so that only the newest one opens the door.
    """
    user = get_user(session, email)
    now = datetime.now(UTC)
    _spend_links(session, user, now)
    token = secrets.token_urlsafe(32)
    expires = now + LINK_LIFETIME
    session.add(
        SignInLink(user_id=user.id, token_sha=sha(token), created_at=now, expires_at=expires)
    )
    session.flush()
    _record(session, actor, "link_created", user)
    return token, expires


def holder_of_link(session: Session, token: str) -> User:
    """Whose link this is.

    Raises:
        NotFoundError: unknown, used, replaced or too old.
    """
    user: User | None = session.scalar(
        select(User)
        .join(SignInLink, SignInLink.user_id == User.id)
        .where(
            SignInLink.token_sha == sha(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > datetime.now(UTC),
            User.active,
        )
    )
    if user is None:
        raise NotFoundError(
            "This link has been used, has been replaced by a newer one, or is too old.",
            remedy="Ask an admin for a new one: flask users link EMAIL",
        )
    return user


def redeem_link(session: Session, token: str, *, password_hash: str) -> User:
    """Set a password by a one-time link; of two tries at once, one wins.

    Raises:
        NotFoundError: the link is no good (any more).
    """
    user = holder_of_link(session, token)
    won = session.execute(
        update(SignInLink)
        .where(SignInLink.token_sha == sha(token), SignInLink.used_at.is_(None))
        .values(used_at=datetime.now(UTC))
        .returning(SignInLink.id)
    ).first()
    if won is None:
        raise NotFoundError("This link has just been used.")
    _replace_password(session, user, password_hash)
    _record(session, user.email, "password_set", user)
    return user


def change_password(session: Session, user_id: int, *, seen_hash: str, new_hash: str) -> User:
    """Change a password; every session of the user ends, and open links too.

    Args:
        session: a transaction.
        user_id: whose.
        seen_hash: the hash that the current password was checked against.
        new_hash: from ``passwords.prepared``.

    Raises:
        ConflictError: the password was changed in between.
    """
    user: User = session.get_one(User, user_id, with_for_update=True)
    if user.password != seen_hash:
        raise ConflictError("The password has just been changed elsewhere.")
    _replace_password(session, user, new_hash)
    _record(session, user.email, "password_changed", user)
    return user


def strengthen_hash(session: Session, user: User, new_hash: str) -> None:
    """Keep a stronger hash of the same password, unless it was changed in between."""
    session.execute(
        update(User)
        .where(User.id == user.id, User.password == user.password)
        .values(password=new_hash)
    )


def end_sessions(session: Session, user_id: int) -> None:
    """Sign a user out everywhere."""
    user: User = session.get_one(User, user_id)
    user.fs_uniquifier = uuid.uuid4().hex
    _record(session, user.email, "sessions_ended", user)


def disable_user(session: Session, *, email: str, actor: str) -> User:
    """Close an account at once: its sessions, links and API tokens end.

    Raises:
        ConflictError: it is the last admin who can sign in.
    """
    user = get_user(session, email)
    if user.has_role("admin") and not _other_admin(session, user):
        raise ConflictError(f"{user.email} is the only admin.", remedy="Make another admin before.")
    now = datetime.now(UTC)
    user.active = False
    user.fs_uniquifier = uuid.uuid4().hex
    _spend_links(session, user, now)
    session.execute(
        update(ApiToken)
        .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    _record(session, actor, "user_disabled", user)
    return user


def sha(token: str) -> str:
    """What is kept of a token: it has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _replace_password(session: Session, user: User, new_hash: str) -> None:
    user.password = new_hash
    user.fs_uniquifier = uuid.uuid4().hex
    _spend_links(session, user, datetime.now(UTC))


def _spend_links(session: Session, user: User, now: datetime) -> None:
    session.execute(
        update(SignInLink)
        .where(SignInLink.user_id == user.id, SignInLink.used_at.is_(None))
        .values(used_at=now)
    )


def _other_admin(session: Session, user: User) -> bool:
    others = select(User.id).where(User.active, User.id != user.id, User.roles.any(name="admin"))
    return session.scalar(others.limit(1)) is not None


def _record(session: Session, actor: str, action: str, user: User, **detail: str) -> None:
    audit.record(session, actor=actor, action=action, object=f"user:{user.email}", detail=detail)
