"""Articles in, for programs: JSON or a file, taken by a job."""

from __future__ import annotations

import io
import json
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, g, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from app.errors import InvalidInputError
from app.extensions import get_store
from app.queries.intakes import show_intake
from app.queries.jobs import show_job
from app.queue import Queue
from app.security import scope, takes_files
from app.services import staging, uploads
from labeling.text.charset import codec_of
from labeling.text.readers.files import ONE_ARTICLE
from labeling.text.readers.jsonl import parse_json

blueprint = Blueprint("api_intake", __name__, url_prefix="/api/articles")

FIELDS = ("outlet", "section", "byline", "date", "language", "story")
OF_ONE = ("title", "url", "external_id")
KNOWN = {*FIELDS, *OF_ONE, "map", "encoding", "dry_run", "name"}
# JSON is read as a whole to answer at once whether it is any; larger ones come as JSON Lines.
MOST_JSON = 10_000_000
_JSON = "application/json"
_SUFFIXES = {
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/x-jsonlines": ".jsonl",
    "application/zip": ".zip",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}


@blueprint.post("")
@scope("write", role="admin")
@takes_files
def bring() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Plan the import of a body; with ``?dry_run=1`` only its check."""
    if unknown := sorted(set(request.args) - KNOWN):
        raise InvalidInputError(
            f"{unknown[0][:60]!r} is not known here.", remedy="Known: " + ", ".join(sorted(KNOWN))
        )
    charset = request.mimetype_params.get("charset", "")
    said = uploads.said_of(
        {name: request.args.get(name, "") for name in (*FIELDS, *_of_one())},
        request.args.getlist("map"),
        request.args.get("encoding", "") or (charset if codec_of(charset) else ""),
    )
    queue: Queue = current_app.extensions["queue"]
    staged = staging.stage(queue.settings, [_body()])
    with get_store().transaction() as session:
        intake, job = uploads.plan_intake(
            session,
            queue,
            staged,
            said,
            actor=g.actor,
            check_only=request.args.get("dry_run", "") not in {"", "0", "false"},
        )
        answer = {**show_job(session, job.id), "intake": intake.id}
    return answer, 202, {"Location": url_for("api_jobs.show", job_id=answer["job"])}


@blueprint.get("/imports/<int:intake_id>")
@scope("read", role="admin")
def show(intake_id: int) -> dict[str, Any]:
    """What became of an import, or would: its counts, and what was rejected with the reasons."""
    with get_store().reading() as session:
        return show_intake(session, intake_id)


def _of_one() -> tuple[str, ...]:
    """The fields that only make sense for a body that is one article."""
    if _SUFFIXES.get(request.mimetype) in ONE_ARTICLE:
        return OF_ONE
    if wrong := [name for name in OF_ONE if name in request.args]:
        raise InvalidInputError(
            f"{wrong[0]} is said of one article, but this body may hold several.",
            remedy="Say it in each of them.",
        )
    return ()


def _body() -> tuple[str, BinaryIO]:
    """The name and the bytes of what was sent.

    Raises:
        InvalidInputError: the JSON is no article and no list of them.
        UnsupportedMediaType: the body is of a kind that is not known.
    """
    if request.mimetype == _JSON:
        return "articles.jsonl", io.BytesIO(_as_lines(_json()))
    suffix = _SUFFIXES.get(request.mimetype)
    if suffix is None:
        raise UnsupportedMediaType
    return _name(suffix), cast(BinaryIO, request.stream)


def _name(suffix: str) -> str:
    """What the body is called in messages: as the sender calls it, with the ending of its kind."""
    name = request.args.get("name", "").strip() or "body"
    return name if name.lower().endswith(suffix) else name + suffix


def _json() -> Any:
    data = request.stream.read(MOST_JSON + 1)
    if len(data) > MOST_JSON:
        raise RequestEntityTooLarge
    try:
        return parse_json(data.decode("utf-8-sig"))
    except ValueError as err:
        raise InvalidInputError(f"The body cannot be used: {err}") from None


def _as_lines(value: Any) -> bytes:
    rows = value if isinstance(value, list) else [value]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise InvalidInputError(
            "The body must be an article or a list of articles.",
            remedy='Send {"text": "…"} or [{"text": "…"}, …].',
        )
    return "".join(json.dumps(row) + "\n" for row in rows).encode()
