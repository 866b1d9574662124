"""Label Studio's JSON, read into the gateway's values.

Each reader raises KeyError, TypeError, ValueError or AttributeError on what is not the thing
it reads; the gateway turns that into an error that a person understands.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from labeling.studio.gateway import (
    Imported,
    ProjectInfo,
    RawAnnotation,
    RawTask,
    StudioUser,
    TaskRef,
    TaskStamp,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT_FIELDS = "id,title,description,task_number"
REF_FIELDS = "id,data"
STAMP_FIELDS = "id,updated_at,annotations_ids"
# The server cuts the list of a task's annotations here, in the middle of a number perhaps.
STAMP_CHARS = 500
_EXACT_CHARS = len("2026-11-23T10:00:00.123456Z")
# ``unique_id`` is never given back.
_ANNOTATION_FIELDS = (
    *("id", "result", "completed_by", "was_cancelled", "lead_time", "ground_truth", "created_at"),
    *("updated_at", "draft_created_at", "last_action", "updated_by", "parent_annotation"),
    "parent_prediction",
)
# Annotations that are asked for as a part (``TASK_PARTS``) are described to the server once a
# page, else once a task, which takes it three times as long. Names of the form ``part.name`` are
# only understood there; a server that knows no parts reads the flat ones.
TASK_PARTS = "annotations"
TASK_FIELDS = ",".join((
    *("id", "updated_at", "data", *(f"{TASK_PARTS}.{name}" for name in _ANNOTATION_FIELDS)),
    *(name for name in _ANNOTATION_FIELDS if name not in ("id", "updated_at")),
))  # fmt: skip


def exact_time(text: str) -> str:
    """The one form of a time that Label Studio takes in a filter: UTC, six digits, ``Z``.

    In this form, sorting the strings sorts the times.
    """
    moment = datetime.fromisoformat(text)
    if len(text) == _EXACT_CHARS and text[10] == "T" and text[19] == "." and text[-1] == "Z":
        return text  # the form it came in
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return format_time(moment)


def format_time(moment: datetime) -> str:
    """An aware time as Label Studio takes it in a filter."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def user(item: Mapping[str, Any]) -> StudioUser:
    """An account."""
    return StudioUser(id=int(item["id"]), email=str(item["email"]))


def project_info(item: Mapping[str, Any]) -> ProjectInfo:
    """A project, as listed or as made."""
    return ProjectInfo(
        id=int(item["id"]),
        title=str(item["title"]),
        description=str(item["description"] or ""),
        # null in the answer to a creation
        task_count=int(item["task_number"] or 0),
        config=str(item.get("label_config") or ""),
    )


def clock(header: str | None) -> str:
    """The server's clock by the Date header of an answer, or "" where it tells none."""
    try:
        return format_time(parsedate_to_datetime(header or ""))
    except ValueError:
        return ""


def imported(answer: Mapping[str, Any]) -> Imported:
    """What an import stored."""
    ids = answer.get("task_ids")
    return Imported.of(int(answer["task_count"]), ids if isinstance(ids, list) else ())


def task_stamp(item: Mapping[str, Any]) -> TaskStamp:
    """A listed task's time and the ids of its annotations: ``"7,8"``, or ``"7, 8"``."""
    told = str(item["annotations_ids"] or "")
    ids = frozenset(int(number) for number in told.split(",") if number.strip())
    whole = len(told) < STAMP_CHARS
    return TaskStamp(ls_id(item), exact_time(item["updated_at"]), ids if whole else None)


def task_ref(item: Mapping[str, Any]) -> TaskRef:
    """Where a listed task is, and its uid if it has one."""
    uid = item["data"].get("uid")
    return TaskRef(ls_task_id=ls_id(item), uid=uid if isinstance(uid, str) else "")


def raw_task(item: Mapping[str, Any]) -> RawTask:
    """A listed task with its annotations.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: the item is not what a task is.
    """
    return RawTask(
        ls_task_id=ls_id(item),
        updated_at=exact_time(item["updated_at"]),
        data=dict(item["data"]),
        annotations=tuple(_raw_annotation(raw) for raw in item["annotations"]),
    )


def _raw_annotation(raw: Mapping[str, Any]) -> RawAnnotation:
    author = raw.get("completed_by")
    result = raw.get("result")
    return RawAnnotation(
        ls_id=ls_id(raw),
        completed_by=author.get("id") if isinstance(author, dict) else author,
        was_cancelled=bool(raw.get("was_cancelled")),
        created_at=exact_time(raw["created_at"]),
        updated_at=exact_time(raw["updated_at"]),
        lead_time=raw.get("lead_time"),
        # A result that is no list cannot be read; ``raw`` still holds what it was.
        result=result if isinstance(result, list) else [],
        raw=raw,
    )


def ls_id(item: Mapping[str, Any]) -> int:
    """The server's own id of anything."""
    return int(item["id"])
