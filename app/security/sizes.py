"""How much a request may carry: little, but for the routes that take files, and those they let in.

A form is read as soon as anything looks at it. So whoever may not upload is turned away before
the limit is raised, not after the disk is full.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from app.security.access import check
from config import Settings

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "copydesk_takes_files"
_MOST_PARTS = 10_000


def takes_files(view: F) -> F:
    """Declare that a route takes files: its requests may be as large as an upload."""
    setattr(view, _MARK, True)
    return view


def init_app(app: Flask, settings: Settings) -> None:
    """Set the limits before anything reads a request's body."""

    @app.before_request
    def limit() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, _MARK, False):
            check()
            request.max_content_length = settings.max_upload_bytes
            request.max_form_parts = _MOST_PARTS
