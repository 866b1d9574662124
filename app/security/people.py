"""Flask-Security-Too's view of the store: every look-up in a short session of its own."""

from __future__ import annotations

from typing import Any

from flask_security.datastore import UserDatastore
from sqlalchemy import func, select

from app.extensions import Store
from app.models.accounts import Role, User


class People(UserDatastore):  # type: ignore[misc]
    """Users for Flask-Security-Too, which here only asks who belongs to a session.

    Its own SQLAlchemy datastore keeps one session a request open. Under SQLite's rollback
    journal a read that is still open keeps every writer from committing, the request's own
    included; so a user is read, let go of, and handed on detached.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(User, Role)
        self._store = store

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:
        """The user with this value in a unique column."""
        ((name, value),) = kwargs.items()
        column = getattr(User, name)
        match = func.lower(column) == value.lower() if case_insensitive else column == value
        with self._store.reading() as session:
            return session.scalar(select(User).where(match))
