"""The instance's keys: made once, kept outside the database, readable by their owner alone."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
    return _read_key(settings.instance / SECRET_KEY_FILE)


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


def data_key_mark(settings: Settings) -> str:
    """A mark of the newest data key that tells it from others and tells nothing of it."""
    newest = _data_keys(settings)[0]
    return hashlib.sha256(b"copydesk data key\0" + newest.encode()).hexdigest()[:16]


def _data_keys(settings: Settings) -> list[str]:
    if settings.data_key is not None:
        return [key.strip() for key in settings.data_key.get_secret_value().split(",")]
    path = settings.instance / DATA_KEY_FILE
    keys = _read_key(path)
    if keys is None:
        raise SetupError(f"The instance has no data key ({path}).", remedy="Run: flask db upgrade")
    return keys.split()


def _read_key(path: Path) -> str | None:
    """What a key file holds; None where there is none, or an empty one."""
    try:
        return path.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


def _make_once(path: Path, content: str) -> None:
    """Make a file that its owner alone may read, unless it is there; never half of one.

    A process that is killed in between leaves at most a temporary file, so that no empty key
    stands in the way of a real one for ever. An empty file where a key belongs is such a
    leftover, and is made good.
    """
    if path.exists() and (path.stat().st_size or not content):
        return
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _put_in_place(temporary: Path, path: Path) -> None:
    """Give the file its name; where somebody was faster, theirs stays."""
    # A link fails where the name is taken. Only an empty file is replaced, and the lock keeps
    # two that do so at once from replacing each other's key.
    with _only_one(path.parent):
        if path.exists() and not path.stat().st_size:
            temporary.replace(path)
            return
        with suppress(FileExistsError):
            os.link(temporary, path)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
        os.fsync(handle)  # the new name outlives a loss of power
    finally:
        os.close(handle)
