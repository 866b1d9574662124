"""No request is served before `flask db upgrade` has made the instance's keys."""

from __future__ import annotations

from flask import Flask, request

from app.errors import SetupError
from app.keys import secret_key
from config import Settings

# Answers that need no key: is the process alive, and the files of the error page.
_WITHOUT_KEYS = frozenset({"health.healthz", "health.readyz", "static"})


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse requests of an instance that has no keys, with what to do."""
    if secret_key(settings) is not None:
        return

    @app.before_request
    def refuse() -> None:
        if request.endpoint not in _WITHOUT_KEYS:
            raise SetupError(
                "This Copydesk has not been set up yet.",
                remedy="Run `flask db upgrade`, then start the web process again.",
            )
