"""The real Label Studio on this machine: Community Edition, its own environment and data."""

from __future__ import annotations

import re
import secrets
import sqlite3
import time
from typing import TYPE_CHECKING

from local import environment, http_probe
from local.credentials import ADMIN, Credentials
from local.errors import LocalError
from local.parts import Part
from local.places import STUDIO_VENV, Instance
from local.ports import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from local.progress import Say
    from local.runner import Runner

PROGRAM = STUDIO_VENV / "bin" / "label-studio"
# How many it has in the pinned version; only for people to see how far it is.
MIGRATIONS = 396
_TOKEN_IN_OUTPUT = re.compile(r"\b[0-9a-f]{40}\b")
_PASSWORD_IS_SET = ("successfully changed", "same as current")
_DATABASE = "label_studio.sqlite3"


def settings(data: Path, credentials: Credentials) -> dict[str, str]:
    """The environment that makes the server start by itself, closed and quiet.

    Args:
        data: its data folder.
        credentials: password and token of its admin; both act at the first start only.
    """
    return {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_USERNAME": ADMIN,
        "LABEL_STUDIO_PASSWORD": credentials.password(ADMIN),
        "LABEL_STUDIO_USER_TOKEN": credentials.token() or "",
        # Acts when the organization is first made; without it our token would be refused.
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        # A passage that somebody merely opened is not held back from others for a day.
        "TASK_LOCK_TTL": "3600",
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "LATEST_VERSION_CHECK": "false",
        # Unset, the server looks for a folder of local files and serves it.
        "LOCAL_FILES_SERVING_ENABLED": "false",
    }


def part(instance: Instance, port: int, credentials: Credentials) -> Part:
    """The server as a part to launch.

    Args:
        instance: whose data it serves.
        port: where it listens, on loopback only (its own default is every interface).
        credentials: of its admin.

    Raises:
        LocalError: it is not installed.
    """
    if not PROGRAM.exists():
        raise LocalError("Label Studio is not installed here.", remedy="Run: make setup")
    where = ["--internal-host", HOST, "--port", str(port)]
    return Part(
        "labelstudio",
        [str(PROGRAM), "start", "--no-browser", *where],
        env=environment.for_studio(settings(instance.studio_data, credentials)),
        log=instance.log("labelstudio"),
    )


def ensure_token(instance: Instance, credentials: Credentials, runner: Runner) -> None:
    """Make the admin's token before the first start; fetch it when its file was lost.

    Raises:
        LocalError: the server's data is there, but its token cannot be found.
    """
    if credentials.token() is not None:
        return
    if not has_data(instance):
        credentials.keep_token(secrets.token_hex(20))
        return
    printed = _run(instance, credentials, runner, ["user", "--username", ADMIN])
    found = _TOKEN_IN_OUTPUT.search(printed)
    if found is None:
        raise LocalError(
            f"{instance.studio_token} is gone and the server did not tell its token.",
            remedy=f"Put the token of {ADMIN} (Label Studio: Account & Settings) into that file.",
        )
    credentials.keep_token(found[0])


def set_password(email: str, instance: Instance, credentials: Credentials, runner: Runner) -> None:
    """Give an account its password, by the server's own command (its API ignores one)."""
    if credentials.is_set(email):
        return
    asked = ["reset_password", "--username", email, "--password", credentials.password(email)]
    printed = _run(instance, credentials, runner, asked)
    # The command ends with status 0 even when there is no such account.
    if not any(words in printed for words in _PASSWORD_IS_SET):
        raise LocalError(
            f"Label Studio did not take a password for {email}: {printed.splitlines()[-1:]}.",
            log=instance.log("setup"),
        )
    credentials.mark_set(email)


def has_data(instance: Instance) -> bool:
    """Whether the server has been started here before."""
    return (instance.studio_data / _DATABASE).exists()


def migrations_done(instance: Instance) -> int:
    """How many migrations the server has carried out so far, for progress only."""
    file = instance.studio_data / _DATABASE
    if not file.exists():
        return 0
    try:
        database = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=0.05)
        try:
            return int(database.execute("SELECT count(*) FROM django_migrations").fetchone()[0])
        finally:
            database.close()
    except sqlite3.Error:
        return 0


def starting(instance: Instance, say: Say) -> Callable[[], None]:
    """Progress of a start, to be called again and again; the first start migrates for long.

    Args:
        instance: whose server starts.
        say: where progress goes.
    """
    begun = time.monotonic()
    seen = {"at": 0.0, "done": migrations_done(instance)}
    is_first = seen["done"] < MIGRATIONS

    def report() -> None:
        seconds = time.monotonic() - begun
        # Looking costs the server a moment, so not ten times a second.
        if is_first and seconds - seen["at"] >= 1:
            # Nothing can be read while it writes: then what was seen last stands.
            seen.update(at=seconds, done=max(seen["done"], migrations_done(instance)))
        of = f", migration {seen['done']:.0f} of about {MIGRATIONS}" if is_first else ""
        note = "; the first time takes a minute or two" if is_first else ""
        say.waiting(f"Label Studio is starting{note} ({seconds:.0f} s{of})")

    return report


def readiness(port: int, report: Callable[[], None]) -> Callable[[], bool]:
    """A question to ask again and again while the server starts.

    Args:
        port: where it shall listen.
        report: called each time it is not ready.
    """

    def is_ready() -> bool:
        if http_probe.status(port, "/health") == 200:
            return True
        report()
        return False

    return is_ready


def _run(
    instance: Instance, credentials: Credentials, runner: Runner, arguments: Sequence[str]
) -> str:
    env = environment.for_studio(settings(instance.studio_data, credentials))
    finished = runner.run([str(PROGRAM), *arguments], env=env, limit_s=120)
    if finished.status != 0:
        raise LocalError(
            f"Label Studio's own command failed: label-studio {arguments[0]}.",
            log=instance.log("setup"),
        )
    return finished.stdout
