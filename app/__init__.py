"""The shell around the core: HTTP, SQL, processes."""

from __future__ import annotations

from flask import Flask

from app import cli as commands
from app import logs
from app.extensions import Store
from app.queue import Queue
from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application: for gunicorn, the worker, the command line and tests.

    It makes no file and opens no connection, so that `flask db upgrade` can start from
    nothing; until that has made the keys, every request is answered with what to do.

    Args:
        settings: how this Copydesk is set up; read from the environment by default.

    Raises:
        SettingsError: the environment does not describe a Copydesk.
    """
    settings = settings or Settings.from_env()
    logs.configure(settings.log_level, as_json=settings.log_json)
    app = Flask(__name__, instance_path=str(settings.instance))
    app.extensions["settings"] = settings
    app.extensions["store"] = Store(settings.sqlalchemy_url)
    app.extensions["queue"] = Queue(settings)
    commands.register(app)
    # A command answers no request: it would load every page for nothing, at each start.
    if not commands.is_being_looked_up():
        from app import web

        web.init_app(app, settings)
    return app
