"""The canonical record: everything that is known of one passage, as one line of JSON.

The same content always gives the same line, whatever order the rows came in, so that two
exports can be compared byte by byte. Offsets of spans count code points of the passage;
``passage.start`` added to them gives offsets into the article.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from labeling.types import Choice, Relation, Span

FORMAT = "copydesk-passage/1"


@dataclass(frozen=True, slots=True)
class RecordArticle:
    """The article a passage is of. ``published_at`` is ISO 8601; what is unknown is None."""

    uid: str
    title: str
    outlet: str | None = None
    section: str | None = None
    byline: str | None = None
    published_at: str | None = None
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class RecordPassage:
    """The passage, and where it stands in its article's text."""

    uid: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class RecordAnnotation:
    """What one annotator says of the passage, in one revision.

    Args:
        annotator: the pseudonym.
        revision: its number, from 1.
        state: ``submitted`` or ``skipped``.
        lead_time: seconds at work, if Label Studio told.
        spans, relations, choices: what was read of the result.
        set_aside: how many items of the result could not be trusted.
        round: the round of the task it answers.
    """

    annotator: str
    revision: int
    state: str
    lead_time: float | None
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    choices: tuple[Choice, ...] = ()
    set_aside: int = 0
    round: int = 1


@dataclass(frozen=True, slots=True)
class RecordScheme:
    """The scheme version the annotations were made with."""

    name: str
    version: int


def passage_record(
    article: RecordArticle,
    passage: RecordPassage,
    annotations: Sequence[RecordAnnotation],
    scheme: RecordScheme,
    *,
    batch: str,
) -> dict[str, Any]:
    """Build the record of one passage.

    Args:
        article: the article it is of.
        passage: the passage itself.
        annotations: everybody's newest revision; in any order.
        scheme: what the batch was annotated with.
        batch: the batch's name.

    Returns:
        The record, its lists in canonical order, for ``to_json_line``.
    """
    return {
        "format": FORMAT,
        "batch": batch,
        "scheme": asdict(scheme),
        "article": asdict(article),
        "passage": asdict(passage),
        "annotations": [
            _annotation(annotation, passage.text)
            for annotation in sorted(annotations, key=lambda a: (a.annotator, a.round, a.revision))
        ],
    }


def to_json_line(record: dict[str, Any]) -> str:
    r"""Write a record as one line of canonical JSON.

    Keys are sorted and nothing is escaped that need not be; U+2028 and its like stay inside
    their strings, so split files of records at ``\n`` only.

    Args:
        record: what ``passage_record`` built.

    Returns:
        The line without its line end.

    Raises:
        ValueError: a number is not finite, which JSON cannot say.
    """
    return json.dumps(
        record, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def _annotation(annotation: RecordAnnotation, text: str) -> dict[str, Any]:
    spans = sorted(annotation.spans, key=lambda s: (s.start, s.end, s.layer, s.label, s.id))
    return {
        "annotator": annotation.annotator,
        "revision": annotation.revision,
        "round": annotation.round,
        "state": annotation.state,
        # SQLite gives 5.0 back as 5 and PostgreSQL as 5.0; here it is always the same.
        "lead_time": None
        if annotation.lead_time is None
        else round(float(annotation.lead_time), 3),
        "spans": [_span(span, text) for span in spans],
        "relations": sorted(
            (
                {"from": relation.from_id, "to": relation.to_id, "label": relation.label}
                for relation in annotation.relations
            ),
            key=lambda relation: (relation["from"], relation["to"], relation["label"]),
        ),
        "choices": [
            {"layer": choice.layer, "values": list(choice.values)}
            for choice in sorted(annotation.choices, key=lambda choice: choice.layer)
        ],
        "set_aside": annotation.set_aside,
    }


def _span(span: Span, text: str) -> dict[str, Any]:
    return {
        "id": span.id,
        "layer": span.layer,
        "label": span.label,
        "start": span.start,
        "end": span.end,
        "text": text[span.start : span.end],
        "attrs": dict(span.attrs),
    }
