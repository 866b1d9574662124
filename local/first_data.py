"""What a new instance starts with: an admin, the articles, the connection, the demo batch.

Every step asks what is there already, so that a second run makes nothing twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.commands import CommandFailedError, Flask
from local.credentials import ADMIN, ANNOTATORS

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = "demo"
CONNECTION = "local"
ARTICLES = "seeds/articles/index.csv"
_SCHEME = "news"


def ensure_admin(flask: Flask) -> str | None:
    """Create the first admin.

    Returns:
        the one-time link by which they choose a password; None when they exist already.
    """
    try:
        return str(flask("users", "create", ADMIN, "--role", "admin")["link"])
    except CommandFailedError as err:
        if err.kind == "conflict":
            return None
        raise


def import_articles(flask: Flask) -> tuple[int, int]:
    """Import the demo articles; return how many were new and how many were there."""
    answer = flask("articles", "import", "--index", ARTICLES)
    return int(answer["imported"]), int(answer["duplicates"])


def connect(flask: Flask, url: str, token: str) -> None:
    """Tell Copydesk where the local Label Studio is now, and its token."""
    flask("studio", "connect", CONNECTION, "--url", url, feed=token)


def ensure_batch(flask: Flask, report: Callable[[], None]) -> dict[str, Any]:
    """Create the demo batch and push it, or push what an interrupted run left.

    Args:
        flask: runs the commands.
        report: called now and then while it works.

    Returns:
        what ``batches show`` tells of it.
    """
    listed = flask("batches", "list")["batches"]
    if BATCH not in {batch["batch"] for batch in listed}:
        annotators = [part for email in ANNOTATORS for part in ("--annotator", email)]
        deal = ["--overlap", "2", "--deal", "blind", "--connection", CONNECTION, "--as", ADMIN]
        flask("batches", "create", BATCH, "--scheme", _SCHEME, *annotators, *deal)
    shown = flask("batches", "show", BATCH)
    if shown["pushed"] < shown["tasks"]:
        flask("batches", "push", BATCH, "--wait", report=report)
        shown = flask("batches", "show", BATCH)
    return shown
