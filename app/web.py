"""The web side of the application: everything that only a request needs."""

from __future__ import annotations

import gc

from flask import Flask

from app import api, security, views
from config import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Put the guard before every request, and the pages and the API behind it."""
    security.init_app(app, settings)
    views.init_app(app)
    api.init_app(app)


def keep_loaded() -> None:
    """Look no more for garbage among what is loaded by now: modules, routes, tables.

    Going through all of it takes a tenth of a second, and stops whichever request is at work.
    Before a fork it also lets the processes share that memory for longer.
    """
    gc.collect()
    gc.freeze()
