"""Datasets for programs: which there are, what is known of a release, its records as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request, stream_with_context, url_for

from app.errors import InvalidInputError, NotPermittedError
from app.extensions import LARGEST_ID, get_store
from app.logs import get_logger
from app.queries.releases import get_release, iter_lines, list_datasets
from app.security import scope
from app.security.access import token_may

blueprint = Blueprint("api_datasets", __name__, url_prefix="/api/datasets")
log = get_logger()

AT_ONCE, MOST_AT_ONCE = 1_000, 10_000


@blueprint.get("")
@scope("read", role="viewer")
def index() -> dict[str, Any]:
    """Every dataset with its releases: as ``flask datasets list --json``."""
    with get_store().reading() as session:
        return list_datasets(session)


@blueprint.get("/<dataset>/<version>")
@scope("read", role="viewer")
def show(dataset: str, version: str) -> dict[str, Any]:
    """One release: its manifest, with counts, splits, figures and the sha256 of its records."""
    with get_store().reading() as session:
        return get_release(session, dataset, version).manifest


@blueprint.get("/<dataset>/<version>/records")
@scope("read", role="viewer")
def records(dataset: str, version: str) -> Response:
    """Canonical records, one JSON object a line, from ``?cursor=`` on, at most ``?limit=``.

    Where there are more, ``Link`` and ``X-Next-Cursor`` tell how to ask for them. The same
    cursor always gives the same records: a release never changes.
    """
    after, limit = _number("cursor", 0, LARGEST_ID), _number("limit", AT_ONCE, MOST_AT_ONCE)
    store = get_store()
    with store.reading() as session:
        release = get_release(session, dataset, version)
    if release.manifest["plan"]["names"] and not token_may("admin"):
        raise NotPermittedError(
            "This release names its annotators, so only admins read its records.",
            remedy="Ask an admin for a release with pseudonyms.",
        )
    log.info("records_read", dataset=dataset, version=version, cursor=after, limit=limit)
    lines = iter_lines(store, release.id, after=after - 1, limit=limit)
    answer = Response(stream_with_context(_ended(lines)), mimetype="application/x-ndjson")
    answer.headers["X-Records-Sha256"] = release.sha256
    if after + limit < release.manifest["counts"]["records"]:
        there = url_for(
            ".records", dataset=dataset, version=version, cursor=after + limit, limit=limit,
            _external=True,
        )  # fmt: skip
        answer.headers["Link"] = f'<{there}>; rel="next"'
        answer.headers["X-Next-Cursor"] = str(after + limit)
    return answer


def _ended(lines: Iterator[str]) -> Iterator[str]:
    return (line + "\n" for line in lines)


def _number(name: str, otherwise: int, most: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > most:
        raise InvalidInputError(
            f"{text[:40]!r} cannot be the {name}.", remedy=f"Send a number up to {most}."
        )
    return max(int(text), 1) if name == "limit" else int(text)
