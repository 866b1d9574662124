"""Who may do what over HTTP: sessions, tokens, CSRF, headers, and the guard at the door."""

from __future__ import annotations

from flask import Flask
from flask_security.core import Security
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.extensions import Store
from app.security import access, headers, readiness, sessions, sizes, wellformed
from app.security.access import public, requires, scope
from app.security.configuration import flask_config
from app.security.people import People
from app.security.sizes import takes_files
from config import Settings

__all__ = ["init_app", "public", "requires", "scope", "takes_files"]


def init_app(app: Flask, settings: Settings) -> None:
    """Put the guard, the headers, CSRF and Flask-Security-Too in front of every view."""
    readiness.init_app(app, settings)
    sizes.init_app(app, settings)
    wellformed.init_app(app)
    app.config.update(flask_config(settings))
    headers.init_app(app, settings)
    CSRFProtect(app)
    store: Store = app.extensions["store"]
    extension = Security(app, People(store), register_blueprint=False)
    # Flask-Security's own tokens are never issued here, so none is ever looked for: not in
    # headers, not in the address, not in a body.
    extension.login_manager.request_loader(lambda _request: None)
    # Nor does anything ask Flask-Principal, which would load the user for each static file.
    extension.principal.identity_loaders.clear()
    sessions.init_app(app)
    access.init_app(app)
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
