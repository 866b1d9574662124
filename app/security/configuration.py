"""What Flask, Flask-WTF and Flask-Security-Too are told, in one place."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from app.keys import secret_key
from app.services import passwords
from config import Settings

# Signed out after so long without a request, and after so long whatever happens.
IDLE = timedelta(hours=2)
ABSOLUTE = timedelta(hours=12)

# The same hashes as `passwords` makes, should Flask-Security-Too ever make one.
ARGON2 = {
    "argon2__type": "ID",
    "argon2__memory_cost": passwords.MEMORY_KIB,
    "argon2__time_cost": passwords.PASSES,
    "argon2__parallelism": passwords.LANES,
}

_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


def flask_config(settings: Settings) -> dict[str, Any]:
    """The configuration of the web side.

    Without keys (before `flask db upgrade`) a key is drawn that lives as long as the process:
    no request is served with it (see ``readiness``).
    """
    key = secret_key(settings) or secrets.token_urlsafe(48)
    return {
        "SECRET_KEY": key,
        **_cookies(settings, key),
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 500,
        "TRUSTED_HOSTS": _trusted_hosts(settings),
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": ARGON2,
        "SECURITY_HASHING_SCHEMES": ["sha256_crypt"],
    }


def _cookies(settings: Settings, key: str) -> dict[str, Any]:
    # Browsers do not tell ports apart in cookies: several instances on one machine would sign
    # each other's users out, so the name carries a mark of the instance.
    mark = hashlib.sha256(key.encode()).hexdigest()[:6]
    return {
        "SESSION_COOKIE_NAME": f"{'__Host-' if settings.tls else ''}copydesk_{mark}",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.tls,
        "SESSION_COOKIE_PATH": "/",
        # `sessions` renews the cookie itself, about once a minute, instead of in every answer.
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": IDLE + timedelta(minutes=2),
        "PREFERRED_URL_SCHEME": "https" if settings.tls else "http",
    }


def _trusted_hosts(settings: Settings) -> list[str] | None:
    if settings.public_url is None:
        return None
    host = urlsplit(settings.public_url).hostname
    return [*_LOOPBACK, host] if host else None
