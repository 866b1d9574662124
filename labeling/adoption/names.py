"""The names of adopted things: the same file gives the same names, on every machine."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labeling.adoption.export import Person

_UNSAFE = re.compile(r"[^a-z0-9._-]")
# What an annotation tells that is about the work and not about a person.
_ABOUT_THE_WORK = (
    "id",
    "task",
    "project",
    "result",
    "was_cancelled",
    "ground_truth",
    "created_at",
    "updated_at",
    "draft_created_at",
    "lead_time",
    "result_count",
    "unique_id",
    "import_id",
    "last_action",
    "bulk_created",
    "parent_annotation",
    "parent_prediction",
)


def adopted_article_uid(text_sha: str, occurrence: int) -> str:
    """Name the article that an adopted text becomes; equal texts of one batch are counted."""
    return "a-" + _digest("adopted article", text_sha, occurrence)[:24]


def adopted_passage_uid(text_sha: str, occurrence: int) -> str:
    """Name the one passage of an adopted article: all of its text."""
    return "p-" + _digest("adopted passage", text_sha, occurrence)[:24]


def adopted_task_uid(batch_uid: str, place: str) -> str:
    """Name a task that Label Studio knows by number only.

    Args:
        batch_uid: the batch's own uid.
        place: what tells it apart in its source, such as the server's id.
    """
    return "t-" + _digest("adopted task", batch_uid, place)[:26]


def pseudonym_of(slug: str, person: Person, nth: int) -> str:
    """A pseudonym from what the source numbers: the account's id, else the order of appearance.

    No name and no address goes into it, so none can be tried out on it.
    """
    who = f"id:{person.number}" if person.number is not None else f"nth:{nth}"
    return "annotator-" + _digest("adopted person", slug, who)[:8]


def stand_in_address(slug: str, person: Person, pseudonym: str) -> str:
    """An address for somebody whose own is not known; ``.invalid`` leads nowhere, by RFC 2606.

    Args:
        slug: the batch's name.
        person: who it is, as far as the source tells.
        pseudonym: what to call somebody who is not even numbered.
    """
    local = f"user-{person.number}" if person.number is not None else pseudonym
    return f"{local}@{_UNSAFE.sub('-', slug)}.invalid"


def without_names(raw: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """An annotation's JSON with nothing in it that tells a person's name or address."""
    kept = {key: raw[key] for key in _ABOUT_THE_WORK if key in raw}
    return {**kept, "completed_by": person.number}


def _digest(kind: str, *parts: str | int) -> str:
    key = json.dumps([kind, *parts]).encode("ascii")
    return base64.b32encode(hashlib.sha256(key).digest()).decode("ascii").lower()
