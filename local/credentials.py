"""Secrets of the local Label Studio, generated once and kept for the owner alone."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from local import jsonfile

if TYPE_CHECKING:
    from local.places import Instance

ADMIN = "admin@example.org"
ANNOTATORS = ("ada@example.org", "ben@example.org", "chloe@example.org")
_TOKEN = re.compile(r"^[0-9a-f]{40}$")


class Credentials:
    """The passwords of the local Label Studio's accounts, and its admin token.

    They are random and live in the instance folder (mode 0600), so that a second run can
    show them again. No account has a password that anybody else could know.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        kept = jsonfile.read(instance.credentials)
        self._passwords: dict[str, str] = dict(kept.get("labelstudio_passwords", {}))
        self._known: set[str] = set(kept.get("set_on_server", []))

    def password(self, email: str) -> str:
        """The password of an account, made when there is none yet."""
        if email not in self._passwords:
            self._passwords[email] = secrets.token_urlsafe(12)
            self._write()
        return self._passwords[email]

    def is_set(self, email: str) -> bool:
        """Whether the server has been told this password."""
        return email in self._known

    def mark_set(self, email: str) -> None:
        """Note that the server knows the password now."""
        self._known.add(email)
        self._write()

    def forget_server(self) -> None:
        """The server's data is new or gone: it knows none of our passwords any more."""
        if self._known:
            self._known.clear()
            self._write()

    def token(self) -> str | None:
        """The admin's legacy token (40 hex digits), or None when none was kept."""
        try:
            token = self._instance.studio_token.read_text("ascii").strip()
        except (OSError, ValueError):
            return None
        return token if _TOKEN.match(token) else None

    def keep_token(self, token: str) -> None:
        """Keep the admin's token, readable by the owner alone."""
        jsonfile.write_text(self._instance.studio_token, token + "\n")

    def _write(self) -> None:
        value = {
            "labelstudio_passwords": self._passwords,
            "set_on_server": sorted(self._known),
        }
        jsonfile.write(self._instance.credentials, value)
