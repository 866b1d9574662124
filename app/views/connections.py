"""Connections to Label Studio servers."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.extensions import get_store
from app.queries.connections import list_connections
from app.security import requires

blueprint = Blueprint("connections", __name__, url_prefix="/connections")


@blueprint.get("")
@requires("viewer")
def show_connections() -> str:
    """Every connection and how it was when it was last checked."""
    with get_store().reading() as session:
        connections = list_connections(session)
    return render_template("connections/list.html", connections=connections)
