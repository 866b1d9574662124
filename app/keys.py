"""The instance's keys: made once, kept outside the database, readable by their owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.errors import SetupError
from config import DATABASE_FILE, Settings

SECRET_KEY_FILE = "secret.key"  # noqa: S105 - the name of the file, not the key
DATA_KEY_FILE = "data.key"


def make_instance(settings: Settings) -> None:
    """Make the instance folder and whatever keys are missing in it (0700, 0600)."""
    settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if settings.secret_key is None:
        _make_once(settings.instance / SECRET_KEY_FILE, secrets.token_urlsafe(48) + "\n")
    if settings.data_key is None:
        _make_once(settings.instance / DATA_KEY_FILE, Fernet.generate_key().decode() + "\n")
    if settings.database_url is None:
        # SQLite makes its file by the process's umask; the journal takes over the file's mode.
        _make_once(settings.instance / DATABASE_FILE, "")


def secret_key(settings: Settings) -> str | None:
    """The key that signs sessions; None before `flask db upgrade` has made one."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.instance / SECRET_KEY_FILE
    return path.read_text(encoding="ascii").strip() if path.exists() else None


class TokenVault:
    """Encrypts connection tokens, each bound to its connection's name.

    The name stands inside the ciphertext and is checked on the way out, so that a ciphertext
    moved to another connection is refused (Fernet has no associated data).
    """

    def __init__(self, settings: Settings) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in _data_keys(settings)])

    def encrypt(self, connection: str, token: str) -> str:
        """Encrypt a connection's token with the newest key."""
        return self._fernet.encrypt(f"{connection}\n{token}".encode()).decode()

    def decrypt(self, connection: str, ciphertext: str) -> str:
        """Give a connection's token back; refuse one that was made for another."""
        try:
            name, token = self._fernet.decrypt(ciphertext.encode()).decode().split("\n", 1)
        except (InvalidToken, ValueError):
            name, token = "", ""
        if name != connection or not token:
            raise SetupError(
                f"The stored token of connection {connection!r} cannot be read with this "
                "instance's data key.",
                remedy=f"Put the right {DATA_KEY_FILE} back, or give the token again: "
                f"flask studio connect {connection} --url URL",
            )
        return token


def _data_keys(settings: Settings) -> list[str]:
    if settings.data_key is not None:
        return [key.strip() for key in settings.data_key.get_secret_value().split(",")]
    path = settings.instance / DATA_KEY_FILE
    if not path.exists():
        raise SetupError(f"The instance has no data key ({path}).", remedy="Run: flask db upgrade")
    return path.read_text(encoding="ascii").split()


def _make_once(path: Path, content: str) -> None:
    """Make a file that its owner alone may read, unless it is there."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
