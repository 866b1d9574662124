"""What became of suggestions: which spans of an annotation were suggested, and which were not.

Label Studio keeps a region's id when an annotator accepts or moves it, but nothing else of
where it came from that could be relied on. So what was pushed is compared with what came back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from labeling.suggest.lexicon import LABEL as LOADED
from labeling.suggest.voice import Voices
from labeling.types import Block, Role, Span


class Origin(StrEnum):
    """Where an annotator's span comes from, and what became of a suggested one.

    ``UNCHANGED``: accepted as it was suggested. ``CHANGED``: accepted with other bounds, another
    label, or another answer than was suggested. ``MANUAL``: added by hand. ``REMOVED``: suggested
    and not there any more.
    """

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    MANUAL = "manual"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Origins:
    """The origin of every span of an annotation, and the fate of every suggestion, by their ids."""

    spans: dict[str, Origin] = field(default_factory=dict)
    suggestions: dict[str, Origin] = field(default_factory=dict)


def origins_of(spans: Sequence[Span], pushed: Sequence[Span]) -> Origins:
    """Compare an annotation with the suggestions that its task was pushed with.

    Every suggestion explains at most one span: first the one that equals it in layer, label and
    bounds, then the one that kept its region's id, then the one in its layer that overlaps it
    most. A span that no suggestion explains was added by hand.

    Args:
        spans: the spans of the annotation, by code points of the passage.
        pushed: the suggestions; empty when there were none.
    """
    found = Origins(
        {span.id: Origin.MANUAL for span in spans}, {one.id: Origin.REMOVED for one in pushed}
    )
    open_spans, open_pushed = list(spans), list(pushed)
    for alike in (_is_same, _is_region, _overlap):
        for one in list(open_pushed):
            best = max(open_spans, key=lambda span: alike(span, one), default=None)
            if best is None or not alike(best, one):
                continue
            same = _is_same(best, one) and _answers_kept(best, one)
            origin = Origin.UNCHANGED if same else Origin.CHANGED
            found.spans[best.id] = found.suggestions[one.id] = origin
            open_spans.remove(best)
            open_pushed.remove(one)
    return found


def voices_of(spans: Iterable[Span], role: Role, length: int) -> dict[str, str]:
    """The voice of every loaded term of an annotation, by the spans' ids.

    What the annotator answered counts; where nothing was answered, the voice is computed from the
    annotator's own quotations, as it is for suggestions.

    Args:
        spans: all spans of the annotation, the quotations among them.
        role: the role of the passage.
        length: the length of the passage in code points.
    """
    known = list(spans)
    voices = Voices(known, [Block(role, 0, length, "")])
    return {
        span.id: str(span.attrs.get("voice") or voices.of(span.start, span.end).value)
        for span in known
        if span.label == LOADED
    }


def marks_of(
    spans: Sequence[Span], pushed: Sequence[Span] | None, role: Role, length: int
) -> dict[str, tuple[str | None, str | None]]:
    """Voice and origin of every span, by the spans' ids, as records and datasets tell them.

    Args:
        spans: all spans of the annotation.
        pushed: what its task was pushed with; None where nobody can know that.
        role: the role of the passage.
        length: the length of the passage in code points.

    Returns:
        The voice (None but for loaded terms), and ``suggested`` for a span that was accepted
        unchanged, else ``changed`` or ``manual`` (None where it is not known).
    """
    voices = voices_of(spans, role, length)
    origins = {} if pushed is None else origins_of(spans, pushed).spans
    words = {**{origin: origin.value for origin in Origin}, Origin.UNCHANGED: "suggested"}
    return {
        span.id: (voices.get(span.id), words[origins[span.id]] if span.id in origins else None)
        for span in spans
    }


def _is_same(span: Span, pushed: Span) -> float:
    same = (span.layer, span.label, span.start, span.end) == (
        pushed.layer,
        pushed.label,
        pushed.start,
        pushed.end,
    )
    # Of several equal ones, the one that kept the region's id.
    return same + 0.5 * (same and span.id == pushed.id)


def _is_region(span: Span, pushed: Span) -> float:
    # A region with a second label comes back as a second span, its id followed by ~2.
    return float(span.id.partition("~")[0] == pushed.id)


def _overlap(span: Span, pushed: Span) -> float:
    shared = min(span.end, pushed.end) - max(span.start, pushed.start)
    if span.layer != pushed.layer or shared <= 0:
        return 0.0
    return shared / (max(span.end, pushed.end) - min(span.start, pushed.start))


def _answers_kept(span: Span, pushed: Span) -> bool:
    """Whether everything that was suggested about a span still stands; more may stand beside."""
    return all(span.attrs.get(name) == answer for name, answer in pushed.attrs.items())
