"""A passage of the review room drawn: every annotator's lane under the text, then a column each.

Each stretch of text names the groups over it (``groups``) and the options that cover it
(``options``, as group and option number), so that a script only has to set classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.queries.room import RoomPage, Who
from app.queries.room_groups import Option, RoomGroup
from app.queries.segments import cut, lay_tracks
from app.views.drawing import GAP, MOST_TRACKS, Line
from app.views.presentation import words
from labeling.types import Span


class _Piece(NamedTuple):
    """One annotator's span: in which group, as which of its options."""

    span: Span
    group: RoomGroup
    option: int


@dataclass(frozen=True, slots=True)
class RoomSegment:
    """A stretch of text with its lines, and what lies over it.

    ``ends`` are the numbers of the groups whose last version ends here; ``looks`` the classes
    that tell where these groups stand.
    """

    text: str
    lines: tuple[Line, ...]
    groups: tuple[int, ...]
    options: tuple[str, ...]
    ends: tuple[int, ...]
    gold: bool
    open: bool


@dataclass(frozen=True, slots=True)
class RoomTag:
    """What is written after a span in its column: label, answers, and its group's number."""

    label: str
    answers: tuple[str, ...]
    group: int


@dataclass(frozen=True, slots=True)
class RoomColumn:
    """One annotator's answer: the text with their own spans."""

    who: Who
    spans: int
    first_track: int
    tracks: int
    drawn: bool
    segments: tuple[tuple[str, tuple[Line, ...], tuple[int, ...], tuple[RoomTag, ...]], ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RoomDrawing:
    """The whole passage. ``left_out`` counts annotators whose lanes did not fit."""

    tracks: int
    segments: tuple[RoomSegment, ...]
    columns: tuple[RoomColumn, ...]
    labels: tuple[str, ...]
    left_out: int


def draw_room(page: RoomPage) -> RoomDrawing:
    """Lay out a passage with all its versions, and what is settled of it."""
    columns: list[RoomColumn] = []
    over: list[tuple[_Piece, Line]] = []
    used = 0
    for who in page.who:
        pieces = _pieces(page, who.letter)
        tracks = lay_tracks([piece.span for piece in pieces])
        depth = max(tracks, default=-1) + 1
        first = used + GAP if used else used
        drawn = first + depth <= MOST_TRACKS
        if drawn:
            over.extend(
                (piece, Line(first + track + 1, piece.span.label))
                for piece, track in zip(pieces, tracks, strict=True)
            )
            used = first + depth if depth else used
        columns.append(_column(page, who, pieces, tracks, (first + 1, depth), drawn=drawn))
    return RoomDrawing(
        tracks=used,
        segments=_segments(page, over),
        columns=tuple(columns),
        labels=_labels(page),
        left_out=sum(not column.drawn for column in columns),
    )


def _pieces(page: RoomPage, letter: str) -> list[_Piece]:
    found = []
    for group in page.groups:
        for at, option in enumerate(group.options, 1):
            if letter in option.letters and option.end:
                found.append(_Piece(_span(group, option), group, at))
    return found


def _span(group: RoomGroup, option: Option) -> Span:
    return Span(group.key, group.layer, option.label, option.start, option.end, option.attrs)


def _labels(page: RoomPage) -> tuple[str, ...]:
    spans = [group for group in page.groups if not group.is_question]
    said = {option.label for group in spans for option in group.options}
    return tuple(sorted(said | {group.span.label for group in spans if group.span is not None}))


def _segments(page: RoomPage, over: Sequence[tuple[_Piece, Line]]) -> tuple[RoomSegment, ...]:
    """Cut the text at every border of a version, of a group, and of what a reviewer wrote."""
    groups = [group for group in page.groups if not group.is_question]
    wholes = [_whole(group) for group in groups]
    golds = [(span.start, span.end) for group in groups if (span := group.gold) is not None]
    bounds = [(piece.span.start, piece.span.end) for piece, _ in over]
    first_whole, first_gold = len(bounds), len(bounds) + len(wholes)
    drawn = []
    for segment in cut(page.text, [*bounds, *wholes, *golds]):
        lines, options, numbers, open_, gold = [], [], [], False, False
        for at in segment.covering:
            if at < first_whole:
                piece, line = over[at]
                lines.append(line)
                options.append(f"{piece.group.n}.{piece.option}")
            elif at < first_gold:
                group = groups[at - first_whole]
                numbers.append(group.n)
                open_ = open_ or not group.is_settled
            else:
                gold = True
        ends = tuple(
            groups[i - first_whole].n for i in segment.ending if first_whole <= i < first_gold
        )
        lines.sort()
        drawn.append(
            RoomSegment(
                segment.text,
                tuple(lines),
                tuple(numbers),
                tuple(dict.fromkeys(options)),
                ends,
                gold,
                open_,
            )
        )
    return tuple(drawn)


def _whole(group: RoomGroup) -> tuple[int, int]:
    """From where a group's first version begins to where the last one ends, edits included."""
    if group.span is None:
        return group.start, group.end
    return min(group.start, group.span.start), max(group.end, group.span.end)


def _column(
    page: RoomPage,
    who: Who,
    pieces: Sequence[_Piece],
    tracks: Sequence[int],
    place: tuple[int, int],
    *,
    drawn: bool,
) -> RoomColumn:
    segments = []
    for segment in cut(page.text, [(p.span.start, p.span.end) for p in pieces]):
        here = sorted(Line(tracks[i] + 1, pieces[i].span.label) for i in segment.covering)
        ending = sorted(segment.ending, key=lambda i: -pieces[i].span.start)
        tags = tuple(_tag(pieces[i]) for i in ending)
        numbers = tuple(pieces[i].group.n for i in segment.covering)
        segments.append((segment.text, tuple(here), numbers, tags))
    answers = tuple(
        (group.layer, ", ".join(option.values))
        for group in page.groups
        for option in group.options
        if group.is_question and who.letter in option.letters
    )
    return RoomColumn(who, len(pieces), place[0], place[1], drawn, tuple(segments), answers)


def _tag(piece: _Piece) -> RoomTag:
    said = tuple(words(value) for value in piece.span.attrs.values())
    return RoomTag(piece.span.label, said, piece.group.n)
