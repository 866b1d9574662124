"""The pages: parse, call one service or query, render. One blueprint a stage."""

from __future__ import annotations

from flask import Flask

from app.views import (
    accounts,
    agreement,
    article_edit,
    articles,
    batch_life,
    batches,
    connections,
    cursor,
    datasets,
    dealing,
    drift,
    errors,
    evenness,
    health,
    home,
    intake,
    jobs,
    lexicon,
    moderation,
    passages,
    policies,
    presentation,
    quarantine,
    releasing,
    review,
    room,
    terms,
    terms_page,
)

BLUEPRINTS = (
    accounts.blueprint,
    health.blueprint,
    home.blueprint,
    articles.blueprint,
    article_edit.blueprint,
    intake.blueprint,
    batches.blueprint,
    quarantine.blueprint,
    drift.blueprint,
    batch_life.blueprint,
    dealing.blueprint,
    passages.blueprint,
    agreement.blueprint,
    review.blueprint,
    room.blueprint,
    lexicon.blueprint,
    moderation.blueprint,
    policies.blueprint,
    datasets.blueprint,
    releasing.blueprint,
    evenness.blueprint,
    terms.blueprint,
    connections.blueprint,
    jobs.blueprint,
)


def init_app(app: Flask) -> None:
    """Add every page, and the pages that say what went wrong."""
    cursor.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    presentation.init_app(app)
    terms_page.init_app(app)
    errors.init_app(app)
