"""A test client that behaves like a browser: it may be signed in, and it sends the CSRF token."""

from __future__ import annotations

import secrets
import time
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.instances import PEOPLE


class Visitor(FlaskClient):
    """A browser. ``send`` posts a form as a page of ours would, with its CSRF token."""

    def send(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        return self.post(path, data={"csrf_token": self.csrf_token(), **(data or {})}, **kwargs)

    def csrf_token(self) -> str:
        """The token that a page of this visitor would carry."""
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        signer = URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(raw))

    def sign_in_as(self, role: str) -> None:
        """Begin a session without going through the form (and its slow hash)."""
        from app.models.accounts import User

        with self.application.extensions["store"].reading() as session:
            user = session.scalars(select(User).where(User.email == PEOPLE[role])).one()
        with self.session_transaction() as session:
            now = time.time()
            session.permanent = True
            session.update(_user_id=user.fs_uniquifier, _fresh=True, fs_paa=now, seen=int(now))


def visitor(app: Flask, role: str | None = None) -> Visitor:
    """A browser, signed in when a role is given."""
    app.test_client_class = Visitor
    client = app.test_client()
    assert isinstance(client, Visitor)
    if role is not None:
        client.sign_in_as(role)
    return client
