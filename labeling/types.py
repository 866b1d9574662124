"""The values that travel through the core: frozen, typed, without behaviour.

All offsets are half-open ``[start, end)`` and count Unicode code points (Python string
indices) into frozen text, which is also what Label Studio counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a block of an article is. Only headline, dek and body become passages."""

    HEADLINE = "headline"
    DEK = "dek"
    BYLINE = "byline"
    DATELINE = "dateline"
    BODY = "body"
    BOILERPLATE = "boilerplate"


PASSAGE_ROLES = frozenset({Role.HEADLINE, Role.DEK, Role.BODY})


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an article with one role; the blocks of an article tile its text.

    ``reason`` says which rule gave the role, in words.
    """

    role: Role
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class PassageSlice:
    """Where a passage stands in its article's text. ``occurrence`` counts equal texts from 0.

    ``reason`` says in words why it is not simply a paragraph ("" when it is).
    """

    uid: str
    start: int
    end: int
    text_sha: str
    occurrence: int
    role: Role
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DecodedText:
    """An article's frozen text, and what was changed on the way from its bytes."""

    text: str
    encoding: str
    fixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """A labeled stretch of a passage. ``id`` is unique within its annotation only."""

    id: str
    layer: str
    label: str
    start: int
    end: int
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed, labeled link between two spans of one annotation."""

    from_id: str
    to_id: str
    label: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer about the passage as a whole, given in one control (layer)."""

    layer: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A result item that cannot be trusted: its index in the result, why, and the item itself.

    ``kind`` is a stable word: bad_item, unknown_control, unknown_label, bad_offsets,
    text_mismatch, dangling_relation, dangling_attribute.
    """

    index: int
    kind: str
    reason: str
    raw: Any


@dataclass(frozen=True, slots=True)
class ParsedAnnotation:
    """What one Label Studio result says; every item is in exactly one of the five places.

    ``attributes`` counts the per-region items that were folded into the spans' ``attrs``.
    """

    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    choices: tuple[Choice, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    attributes: int = 0


@dataclass(frozen=True, slots=True)
class Attribute:
    """A per-region question of a scheme. ``values`` is empty where any answer will do.

    ``kind`` is Label Studio's own word for the form of the answer: choices, taxonomy,
    textarea, rating, number or datetime.
    """

    name: str
    values: tuple[str, ...]
    multiple: bool = False
    kind: str = "choices"


@dataclass(frozen=True, slots=True)
class Layer:
    """One control of a scheme: its name (the key), its kind and its labels.

    ``kind`` is "spans" (labels on stretches of text) or "choice" (about the whole passage).
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """A label config read into types. ``sha`` is the sha256 of config and guideline."""

    layers: tuple[Layer, ...]
    relations: tuple[str, ...]
    variables: tuple[str, ...]
    sha: str


@dataclass(frozen=True, slots=True)
class RawAnnotation:
    """An annotation as the server tells it; ``raw`` is its whole JSON object."""

    ls_id: int
    completed_by: int | None
    was_cancelled: bool
    created_at: str
    updated_at: str
    lead_time: float | None
    result: list[Any]
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RawTask:
    """A task with its annotations, drafts left out.

    Times, here and in ``RawAnnotation``, are the server's in one form, such as
    ``2026-11-23T10:00:00.123456Z``: sorting the strings sorts the times.
    """

    ls_task_id: int
    updated_at: str
    data: Mapping[str, Any]
    annotations: tuple[RawAnnotation, ...]
