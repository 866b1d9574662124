"""Who acts: ``--as EMAIL`` on the command line."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

import click
from sqlalchemy.orm import Session

from app.cli.output import clear_errors
from app.errors import InvalidInputError, NotFoundError
from app.extensions import get_store
from app.services.accounts import get_user

R = TypeVar("R")
SYSTEM = "system"


def as_option(function: Callable[..., R]) -> Callable[..., R]:
    """Give a command ``--as EMAIL`` and hand it the actor as ``actor``.

    It stands above or below ``@answers``: either way an unknown address is answered clearly.
    """

    @click.option(
        "--as", "as_email", metavar="EMAIL", help="The user who acts (default: the system)."
    )
    @functools.wraps(function)
    def wrapper(*args: Any, as_email: str | None, **kwargs: Any) -> R:
        outside = "as_json" in kwargs
        with clear_errors(as_json=kwargs["as_json"]) if outside else nullcontext():
            actor = _resolve(as_email)
        return function(*args, actor=actor, **kwargs)

    return wrapper


def _resolve(email: str | None) -> str:
    if email is None:
        return SYSTEM
    with get_store().reading() as session:
        return actor_email(session, email)


def actor_email(session: Session, email: str | None) -> str:
    """The address of the active user who acts, or ``system`` when nobody is named.

    Raises:
        InvalidInputError: there is no such user, or the account is disabled.
    """
    if email is None:
        return SYSTEM
    try:
        return get_user(session, email).email
    except NotFoundError as err:
        raise InvalidInputError(
            f"Nobody can act as {email}: {err.message}", remedy=err.remedy
        ) from None
