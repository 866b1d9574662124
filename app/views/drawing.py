"""A passage drawn for its page: every annotator's spans as lines under the text.

Each annotator has a lane of one or more tracks; a track is a class (``track-1`` …), so that
the lines wrap with the text, need no measuring script and no style in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.queries.annotations import Answer, PassagePage
from app.queries.segments import cut, lay_tracks
from labeling.types import Span

# As many tracks as the style sheet draws. What does not fit is still in the columns.
MOST_TRACKS = 24
# What became of a suggestion, in a word or two. By hand is how annotations are made.
ORIGINS = {"": "", "manual": "", "unchanged": "as suggested", "changed": "suggested, changed"}
# Between two annotators a track is left free, so that one sees whose lines are whose.
GAP = 1


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line under a segment: its track (from 1), and the label that gives its colour."""

    track: int
    label: str


@dataclass(frozen=True, slots=True)
class DrawnSegment:
    """A stretch of text with its lines; ``title`` says in words what lies over it."""

    text: str
    lines: tuple[Line, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Tag:
    """What is written after a span's end: its label and its attributes' answers.

    ``origin`` says whether it was suggested; empty where the task went out without suggestions.
    """

    label: str
    answers: tuple[str, ...]
    title: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ColumnSegment:
    """A stretch of one annotator's text, its lines, and the tags of spans that end here."""

    text: str
    lines: tuple[Line, ...]
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """A relation in words: the text it begins at, its label, the text it ends at."""

    source: str
    label: str
    target: str


@dataclass(frozen=True, slots=True)
class Column:
    """One annotator: a sign (A, B, …), the answer, its text and relations, and its tracks."""

    sign: str
    answer: Answer
    first_track: int
    tracks: int
    drawn: bool
    segments: tuple[ColumnSegment, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole passage. ``left_out`` counts annotators whose lanes did not fit."""

    tracks: int
    segments: tuple[DrawnSegment, ...]
    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    left_out: int


def draw(passage: PassagePage) -> Drawing:
    """Lay out a passage with all its answers."""
    columns: list[Column] = []
    used = 0
    over: list[tuple[Span, Line, str]] = []
    for index, answer in enumerate(passage.answers):
        tracks = lay_tracks(answer.spans)
        depth = max(tracks, default=-1) + 1
        first = used + GAP if used else used
        drawn = first + depth <= MOST_TRACKS
        sign = sign_of(index)
        if drawn:
            lines = (
                (span, Line(first + track + 1, span.label), sign)
                for span, track in zip(answer.spans, tracks, strict=True)
            )
            over.extend(lines)
        columns.append(_column(passage.text, sign, answer, tracks, first + 1, drawn=drawn))
        used = first + depth if drawn and depth else used
    return Drawing(
        tracks=used,
        segments=_segments(passage.text, over),
        columns=tuple(columns),
        labels=tuple(sorted({span.label for a in passage.answers for span in a.spans})),
        left_out=sum(not column.drawn for column in columns),
    )


def sign_of(index: int) -> str:
    """Which sign the annotators get: A, B and so on to Z, then A2, B2 and so on."""
    letter = chr(ord("A") + index % 26)
    return letter if index < 26 else f"{letter}{index // 26 + 1}"


def _segments(text: str, over: Sequence[tuple[Span, Line, str]]) -> tuple[DrawnSegment, ...]:
    drawn = []
    for segment in cut(text, [(span.start, span.end) for span, _, _ in over]):
        here = [over[index] for index in segment.covering]
        lines = sorted((line for _, line, _ in here), key=lambda line: line.track)
        title = " · ".join(f"{sign} {line.label}" for _, line, sign in here)
        drawn.append(DrawnSegment(segment.text, tuple(lines), title))
    return tuple(drawn)


def _column(
    text: str, sign: str, answer: Answer, tracks: Sequence[int], first: int, *, drawn: bool
) -> Column:
    spans = answer.spans
    segments = []
    for segment in cut(text, [(span.start, span.end) for span in spans]):
        here = sorted(Line(tracks[i] + 1, spans[i].label) for i in segment.covering)
        ending = sorted(segment.ending, key=lambda i: -spans[i].start)
        tags = tuple(_tag(spans[i], answer) for i in ending)
        segments.append(ColumnSegment(segment.text, tuple(here), tags))
    by_id = {span.id: text[span.start : span.end] for span in spans}
    links = tuple(
        Link(by_id[r.from_id], r.label, by_id[r.to_id])
        for r in answer.relations
        if r.from_id in by_id and r.to_id in by_id
    )
    depth = max(tracks, default=-1) + 1
    return Column(sign, answer, first, depth, drawn, tuple(segments), links)


def _tag(span: Span, answer: Answer) -> Tag:
    said = {name: _in_words(value) for name, value in span.attrs.items()}
    title = "; ".join(f"{name}: {words}" for name, words in said.items())
    if span.id in answer.voices and "voice" not in said:
        title = "; ".join([*filter(None, [title]), f"voice, computed: {answer.voices[span.id]}"])
    return Tag(span.label, tuple(said.values()), title, ORIGINS[answer.origins.get(span.id, "")])


def _in_words(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_in_words(part) for part in value)
    return str(value).replace("_", " ")
