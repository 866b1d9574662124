"""A released record drawn for its page: its gold spans as lines under the text, with tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.queries.segments import cut, lay_tracks
from app.views.drawing import MOST_TRACKS, ColumnSegment, Line, Link, Tag
from labeling.types import Span


@dataclass(frozen=True, slots=True)
class DrawnRecord:
    """A record: where it is from, its text with its spans, and what else was settled.

    ``segments`` is empty where the words are not in the release; ``places`` then has the spans
    as layer, label, start and end.
    """

    uid: str
    article: Mapping[str, Any]
    split: str | None
    state: str | None
    role: str
    annotators: int
    spans: int
    tracks: int
    segments: tuple[ColumnSegment, ...]
    links: tuple[Link, ...]
    choices: tuple[tuple[str, str, str], ...]
    places: tuple[tuple[str, str, int, int], ...]


def draw_record(record: Mapping[str, Any]) -> DrawnRecord:
    """Lay out a record."""
    gold = record["gold"] or {"spans": [], "relations": [], "choices": []}
    text = record["passage"]["text"]
    told = gold["spans"]
    spans = [Span(s["id"], s["layer"], s["label"], s["start"], s["end"], s["attrs"]) for s in told]
    tracks = [min(track, MOST_TRACKS - 1) for track in lay_tracks(spans)]
    words = {s["id"]: s["text"] or f"{s['start']}–{s['end']}" for s in told}
    return DrawnRecord(
        uid=record["passage"]["uid"],
        article=record["article"],
        split=record["split"],
        state=record["state"],
        role=record["passage"]["role"],
        annotators=len({one["annotator"] for one in record["annotations"]}),
        spans=len(spans),
        tracks=max(tracks, default=-1) + 1,
        segments=() if text is None else _segments(text, spans, tracks, told),
        links=tuple(
            Link(words[r["from"]], r["label"], words[r["to"]])
            for r in gold["relations"]
            if r["from"] in words and r["to"] in words
        ),
        choices=tuple(
            (one["layer"], ", ".join(one["values"]), one["settled"] or "")
            for one in gold["choices"]
        ),
        places=() if text is not None else tuple((s.layer, s.label, s.start, s.end) for s in spans),
    )


def _segments(
    text: str, spans: list[Span], tracks: list[int], told: list[Mapping[str, Any]]
) -> tuple[ColumnSegment, ...]:
    drawn = []
    for segment in cut(text, [(span.start, span.end) for span in spans]):
        lines = sorted({Line(tracks[i] + 1, spans[i].label) for i in segment.covering})
        ending = sorted(segment.ending, key=lambda i: -spans[i].start)
        tags = tuple(_tag(told[i]) for i in ending)
        drawn.append(ColumnSegment(segment.text, tuple(lines), tags))
    return tuple(drawn)


def _tag(span: Mapping[str, Any]) -> Tag:
    said = [f"{name}: {_words(value)}" for name, value in sorted(span["attrs"].items())]
    said += [f"voice: {span['voice']}"] if span["voice"] else []
    said += [f"settled: {span['settled']}"] if span["settled"] else []
    return Tag(span["label"], (span["voice"],) if span["voice"] else (), "; ".join(said))


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
