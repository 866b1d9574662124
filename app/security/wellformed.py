"""No request with a NUL gets past the door: no store, and no file system, takes one."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import BadRequest, NotFound

NUL = "\0"


def init_app(app: Flask) -> None:
    """Look at every request before anything else does."""
    app.before_request(_refuse)


def _refuse() -> None:
    if request.routing_exception is not None:
        return
    if NUL in request.path:
        raise NotFound
    for given in (request.args, request.form):
        if any(NUL in text for pair in given.items(multi=True) for text in pair):
            raise BadRequest
