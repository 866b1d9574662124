"""The web side of the application: everything that only a request needs."""

from __future__ import annotations

from flask import Flask

from app import api, security, views
from config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Put the guard before every request, and the pages and the API behind it."""
    security.init_app(app, settings)
    views.init_app(app)
    api.init_app(app)
