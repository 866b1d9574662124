"""Whether this process lives, and whether it can do its work. Without details for strangers."""

from __future__ import annotations

from flask import Blueprint, current_app

from app.extensions import get_store
from app.queries.health import is_ready
from app.security import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@public
def readyz() -> tuple[dict[str, str], int]:
    """The keys are there and the store is reachable and migrated. What is wrong: flask doctor."""
    ready = is_ready(get_store(), current_app.extensions["settings"])
    return ({"status": "ready"}, 200) if ready else ({"status": "not ready"}, 503)
