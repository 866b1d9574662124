"""What each route needs, declared beside it, and the guard that refuses all the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from flask import Flask, current_app, g, request
from flask_login import current_user

from app.errors import AppError, NotPermittedError
from app.extensions import get_store
from app.models.accounts import ROLES
from app.services.tokens import check_token

F = TypeVar("F", bound=Callable[..., Any])
RoleName = Literal["admin", "reviewer", "viewer"]
ScopeName = Literal["read", "write"]

_MARK = "copydesk_access"
_BEARER = "Bearer "


class NotSignedInError(AppError):
    """Nobody is signed in, or the token is missing, unknown, expired or revoked."""

    kind = "not_signed_in"


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks for.

    Args:
        role: the least role; None: open to all.
        scope: for the API: what the token must be good for; None: a signed-in session.
    """

    role: RoleName | None
    scope: ScopeName | None = None


def public(view: F) -> F:
    """Declare a route open to everybody."""
    setattr(view, _MARK, Access(role=None))
    return view


def requires(role: RoleName) -> Callable[[F], F]:
    """Declare that a route needs a signed-in user with ``role`` or a higher one."""

    def declare(view: F) -> F:
        setattr(view, _MARK, Access(role=role))
        return view

    return declare


def scope(name: ScopeName, *, role: RoleName) -> Callable[[F], F]:
    """Declare that a route of the API needs a token with this scope, of such a user."""

    def declare(view: F) -> F:
        setattr(view, _MARK, Access(role=role, scope=name))
        return view

    return declare


def declared(view: Callable[..., Any]) -> Access | None:
    """What a view declares; None when it declares nothing, and is therefore closed."""
    return getattr(view, _MARK, None)


def init_app(app: Flask) -> None:
    """Check every request against what its route declares."""
    public(app.view_functions["static"])
    app.before_request(check)


def check() -> None:
    """See that whoever sends the current request may.

    Raises:
        NotSignedInError: nobody is signed in, or the token is no good.
        NotPermittedError: it takes another role or scope.
    """
    if request.endpoint is None:
        return
    access = declared(current_app.view_functions[request.endpoint])
    if access is None:
        raise NotPermittedError("This page declares nobody who may see it, so nobody may.")
    if access.role is None:
        return
    held = _roles_of_token(access.scope) if access.scope else _roles_of_session()
    if not _enough(access.role, held):
        raise NotPermittedError(
            f"This needs the role {access.role!r}, which your account does not have.",
            remedy="Ask an admin of this Copydesk.",
        )


def may(role: RoleName) -> bool:
    """Whether the signed-in user has ``role`` or a higher one: for pages that show buttons."""
    return current_user.is_authenticated and _enough(role, _roles_of_session())


def token_may(role: RoleName) -> bool:
    """Whether the owner of the request's token has ``role`` or a higher one."""
    return _enough(role, g.roles)


def _enough(needed: str, held: list[str]) -> bool:
    return any(role in ROLES[: ROLES.index(needed) + 1] for role in held)


def _roles_of_session() -> list[str]:
    if not current_user.is_authenticated:
        raise NotSignedInError("Sign in to see this page.")
    return [role.name for role in current_user.roles]


def _roles_of_token(needed: str) -> list[str]:
    header = request.headers.get("Authorization", "")
    if not header.startswith(_BEARER):
        raise NotSignedInError(
            "The request carries no API token.",
            remedy="Send the header `Authorization: Bearer cd_…`; "
            "make a token with: flask users token EMAIL --scope read",
        )
    with get_store().reading() as session:
        holder = check_token(session, header.removeprefix(_BEARER).strip())
    if holder is None:
        raise NotSignedInError("The API token is unknown, expired or revoked.")
    if needed not in holder.scopes:
        raise NotPermittedError(
            f"The API token lacks the scope {needed!r}.",
            remedy=f"Make another: flask users token {holder.email} --scope {needed}",
        )
    g.actor, g.roles = holder.email, holder.roles
    return holder.roles
