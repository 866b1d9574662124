"""The canonical record: everything that is known of one passage, as one line of JSON.

The same content always gives the same line, whatever order the rows came in, so that two
exports can be compared byte by byte. Offsets of spans count code points of the passage;
``passage.start`` added to them gives offsets into the article. ``record.schema.json`` beside
this module describes the shape.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from labeling.text.passages import text_sha
from labeling.types import Choice, Relation, Span

FORMAT = "copydesk-passage/1"
SETTLED = ("unanimous", "majority", "chosen", "edited", "added", "single")


@dataclass(frozen=True, slots=True)
class RecordArticle:
    """The article a passage is of. ``published_at`` is ISO 8601; what is unknown is None.

    ``story`` is the event it reports, as an editor named it; ``cluster`` names the articles
    that share most of its text. Splits keep both together.
    """

    uid: str
    title: str
    outlet: str | None = None
    section: str | None = None
    byline: str | None = None
    published_at: str | None = None
    url: str | None = None
    language: str | None = None
    story: str | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class RecordPassage:
    """The passage, and where it stands in its article's text."""

    uid: str
    start: int
    end: int
    text: str
    role: str = "body"


@dataclass(frozen=True, slots=True)
class RecordSpan:
    """A span with what is known about it beside its label.

    Args:
        span: the span, offsets within the passage.
        voice: whose words it stands in: outlet, quoted, paraphrased or headline; None where
            the layer has no voice.
        origin: manual, unchanged (as it was suggested) or changed; None when not known.
        settled: for gold, one of ``SETTLED``; None in an annotator's own layer.
    """

    span: Span
    voice: str | None = None
    origin: str | None = None
    settled: str | None = None


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
        marks: voice and origin of spans, by the span's id; a span without has neither.
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
    marks: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordGold:
    """What decisions add up to. ``choices`` are the settled answers, ``settled`` how each was."""

    spans: tuple[RecordSpan, ...] = ()
    relations: tuple[Relation, ...] = ()
    choices: tuple[Choice, ...] = ()
    settled: dict[str, str] = field(default_factory=dict)


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
    state: str | None = None,
    gold: RecordGold | None = None,
) -> dict[str, Any]:
    """Build the record of one passage.

    Args:
        article: the article it is of.
        passage: the passage itself.
        annotations: everybody's newest revision; in any order.
        scheme: what the batch was annotated with.
        batch: the batch's name.
        state: reviewed, annotated or unannotated; None where it was not asked.
        gold: what was settled; None when nothing was.

    Returns:
        The record, its lists in canonical order, for ``to_json_line``. Its ``split`` is None
        until ``labeling.datasets.splits`` gives it one.
    """
    return {
        "format": FORMAT,
        "batch": batch,
        "scheme": asdict(scheme),
        "article": asdict(article),
        "passage": {**asdict(passage), "text_sha": text_sha(passage.text)},
        "state": state,
        "split": None,
        "gold": None if gold is None else _gold(gold, passage.text),
        "annotations": [
            _annotation(annotation, passage.text)
            for annotation in sorted(annotations, key=lambda a: (a.annotator, a.round, a.revision))
        ],
    }


def without_text(record: dict[str, Any]) -> dict[str, Any]:
    """The same record for texts that must not travel: offsets and hashes, no words.

    Titles, bylines and the words of spans go too; the URL and ``text_sha`` tell a reader who
    has the article whether it is the same text.
    """
    bare = {
        **record,
        "article": {**record["article"], "title": "", "byline": None},
        "passage": {**record["passage"], "text": None},
        "annotations": [_bare(annotation) for annotation in record["annotations"]],
    }
    if record["gold"] is not None:
        bare["gold"] = _bare(record["gold"])
    return bare


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
    marks = annotation.marks
    spans = [RecordSpan(span, *marks.get(span.id, (None, None))) for span in annotation.spans]
    return {
        "annotator": annotation.annotator,
        "revision": annotation.revision,
        "round": annotation.round,
        "state": annotation.state,
        # SQLite gives 5.0 back as 5 and PostgreSQL as 5.0; here it is always the same.
        "lead_time": None
        if annotation.lead_time is None
        else round(float(annotation.lead_time), 3),
        "spans": _spans(spans, text),
        "relations": _relations(annotation.relations),
        "choices": _choices(annotation.choices),
        "set_aside": annotation.set_aside,
    }


def _gold(gold: RecordGold, text: str) -> dict[str, Any]:
    return {
        "spans": [
            {**told, "settled": span.settled}
            for told, span in zip(_spans(gold.spans, text), _ordered(gold.spans), strict=True)
        ],
        "relations": _relations(gold.relations),
        "choices": [
            {**told, "settled": gold.settled.get(told["layer"])} for told in _choices(gold.choices)
        ],
    }


def _ordered(spans: Sequence[RecordSpan]) -> list[RecordSpan]:
    return sorted(
        spans, key=lambda s: (s.span.start, s.span.end, s.span.layer, s.span.label, s.span.id)
    )


def _spans(spans: Sequence[RecordSpan], text: str) -> list[dict[str, Any]]:
    return [
        {
            "id": one.span.id,
            "layer": one.span.layer,
            "label": one.span.label,
            "start": one.span.start,
            "end": one.span.end,
            "text": text[one.span.start : one.span.end],
            "attrs": dict(one.span.attrs),
            "voice": one.voice,
            "origin": one.origin,
        }
        for one in _ordered(spans)
    ]


def _relations(relations: Sequence[Relation]) -> list[dict[str, str]]:
    told = [{"from": r.from_id, "to": r.to_id, "label": r.label} for r in relations]
    return sorted(told, key=lambda r: (r["from"], r["to"], r["label"]))


def _choices(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    told = [{"layer": choice.layer, "values": list(choice.values)} for choice in choices]
    return sorted(told, key=lambda choice: str(choice["layer"]))


def _bare(layer: dict[str, Any]) -> dict[str, Any]:
    return {**layer, "spans": [{**span, "text": None} for span in layer["spans"]]}
