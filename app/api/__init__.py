"""The JSON API: the same answers as the command line's ``--json``, for programs with a token."""

from __future__ import annotations

from flask import Flask

from app.api import articles, batches, datasets, description, intake, jobs

BLUEPRINTS = (
    articles.blueprint,
    intake.blueprint,
    batches.blueprint,
    datasets.blueprint,
    jobs.blueprint,
    description.blueprint,
)


def init_app(app: Flask) -> None:
    """Add the API. It reads no cookie, so it needs no token against forged forms."""
    for blueprint in BLUEPRINTS:
        app.extensions["csrf"].exempt(blueprint)
        app.register_blueprint(blueprint)
