"""What a new instance starts with: an admin, the articles, the connection, the demo batch.

Every step asks what is there already, so that a second run makes nothing twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.commands import CommandFailedError
from local.credentials import ADMIN, ANNOTATORS

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.commands import Flask

BATCH = "demo"
CONNECTION = "local"
ARTICLES = "seeds/articles/index.csv"
_SCHEME = "news"


def ensure_admin(flask: Flask) -> str | None:
    """Create the first admin, or renew the link of one who has not used theirs yet.

    Returns:
        the one-time link by which they choose a password; None when they have one.
    """
    users = {user["email"]: user for user in flask("users", "list")["users"]}
    if ADMIN not in users:
        return str(flask("users", "create", ADMIN, "--role", "admin")["link"])
    if users[ADMIN]["invited"]:
        return str(flask("users", "link", ADMIN)["link"])
    return None


def import_articles(flask: Flask) -> tuple[int, int]:
    """Import the demo articles; return how many were new and how many were there."""
    answer = flask("articles", "import", "--index", ARTICLES)
    return int(answer["imported"]), int(answer["duplicates"])


def connect(flask: Flask, url: str, token: str) -> None:
    """Tell Copydesk where the local Label Studio is now, and its token."""
    flask("studio", "connect", CONNECTION, "--url", url, feed=token)


def find_batch(flask: Flask) -> dict[str, Any] | None:
    """What ``batches show`` tells of the demo batch, or None before it was created."""
    try:
        return flask("batches", "show", BATCH)
    except CommandFailedError as err:
        if err.kind == "not_found":
            return None
        raise


def create_batch(flask: Flask) -> dict[str, Any]:
    """Deal the demo articles to the demo annotators, each passage to two of them."""
    annotators = [part for email in ANNOTATORS for part in ("--annotator", email)]
    deal = ["--overlap", "2", "--deal", "blind", "--connection", CONNECTION, "--as", ADMIN]
    flask("batches", "create", BATCH, "--scheme", _SCHEME, *annotators, *deal)
    return flask("batches", "show", BATCH)


def push_batch(flask: Flask, shown: dict[str, Any], report: Callable[[], None]) -> dict[str, Any]:
    """Push what of the demo batch is not in Label Studio yet.

    Args:
        flask: runs the commands.
        shown: what ``batches show`` told of it.
        report: called now and then while it works.

    Returns:
        what it tells afterwards.
    """
    if shown["pushed"] >= shown["tasks"]:
        return shown
    flask("batches", "push", BATCH, "--wait", report=report)
    return flask("batches", "show", BATCH)
