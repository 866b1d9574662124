"""The pages: parse, call one service or query, render. One blueprint a stage."""

from __future__ import annotations

from flask import Flask

from app.views import accounts, errors, health

BLUEPRINTS = (
    accounts.blueprint,
    health.blueprint,
)


def init_app(app: Flask) -> None:
    """Add every page, and the pages that say what went wrong."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    errors.init_app(app)
