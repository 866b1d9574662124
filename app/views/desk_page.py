"""An article of the desk drawn for its page: its text by blocks, its findings as lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.queries.moderation import ModerationPage
from app.queries.segments import cut, lay_tracks
from app.views.drawing import MOST_TRACKS
from labeling.concordance import LONGEST_TERM
from labeling.moderation.matching import Finding
from labeling.suggest.lexicon import LABEL as LOADED
from labeling.suggest.lexicon_terms import Term
from labeling.suggest.voice import QUOTE
from labeling.types import Span

VOICES = {
    "outlet": "in the outlet's own voice",
    "headline": "in the headline",
    "paraphrased": "in a paraphrase",
    "quoted": "quoted",
    "": "in no voice that is known",
}
SHORT = {"outlet": "own voice", "": "?"}
VERDICTS = {"fine": "fine", "needs_edit": "needs edit", "escalate": "escalate"}
# Tone, sign and word of where an article stands, and of a verdict.
LOOKS = {
    "waiting": ("accent", "○", "to do"),
    "escalated": ("warn", "▲", "escalated"),
    "appealed": ("warn", "↺", "appealed"),
    "decided": ("good", "✓", "decided"),
    "quiet": ("quiet", "·", "nothing matched"),
    "fine": ("good", "✓", "fine"),
    "needs_edit": ("warn", "✎", "needs edit"),
    "escalate": ("bad", "▲", "escalate"),
}
ACTS = {
    "verdict": "decided",
    "appeal": "appealed",
    "upheld": "upheld the verdict",
    "overturned": "overturned the verdict",
    "note": "left a note",
    "undo": "took back",
}
FIELDS = ("state", "outlet", "section", "day", "policy", "term", "voice", "age")


@dataclass(frozen=True, slots=True)
class Mark:
    """A line under a stretch of text; one that was only suggested is dashed."""

    track: int
    label: str
    decided: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text, the lines under it, and the findings that end here."""

    text: str
    marks: tuple[Mark, ...]
    ending: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class DrawnBlock:
    """A block with its parts; ``tracks`` is how deep its lines lie."""

    role: str
    tracks: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class VoiceGroup:
    """The loaded terms of an article in one voice."""

    voice: str
    words: str
    findings: tuple[Finding, ...]


def draw(page: ModerationPage) -> tuple[DrawnBlock, ...]:
    """Lay out an article with its findings; blocks that hold nothing are left out."""
    text = page.article.text
    drawn = []
    for block in page.blocks:
        # Blank lines between two blocks are drawn as the space between them.
        words = text[block.start : block.end].rstrip()
        if words:
            here = [f for f in page.article.findings if f.start < block.end and block.start < f.end]
            drawn.append(_block(block.role, words, block.start, here))
    return tuple(drawn)


def by_voice(page: ModerationPage) -> tuple[VoiceGroup, ...]:
    """The loaded terms by voice, the outlet's own first."""
    loaded = [one for one in page.article.findings if one.label == LOADED]
    groups = []
    for voice, words in VOICES.items():
        found = tuple(one for one in loaded if (one.voice if one.voice in VOICES else "") == voice)
        if found:
            groups.append(VoiceGroup(voice, words, found))
    return tuple(groups)


def words_to_find(one: Finding, terms: Mapping[str, Term]) -> str:
    """What the page of a loaded term is asked for by; nothing where no page can be."""
    known = terms.get(one.term)
    words = known.surface if known is not None else one.text
    return words if words.strip() and len(words) <= LONGEST_TERM else ""


def quotes(page: ModerationPage) -> tuple[Finding, ...]:
    """The quotes, in the order of the text."""
    return tuple(one for one in page.article.findings if one.label == QUOTE)


def _block(role: str, words: str, start: int, here: list[Finding]) -> DrawnBlock:
    end = start + len(words)
    spans = [
        Span(one.id, "", one.label, max(one.start, start) - start, min(one.end, end) - start)
        for one in here
    ]
    tracks = lay_tracks(spans)
    parts = []
    for segment in cut(words, [(span.start, span.end) for span in spans]):
        marks = sorted(
            (Mark(tracks[i] + 1, here[i].label, here[i].decided) for i in segment.covering),
            key=lambda mark: mark.track,
        )
        ending = sorted(segment.ending, key=lambda i: -spans[i].start)
        parts.append(
            Part(
                segment.text,
                tuple(mark for mark in marks if mark.track <= MOST_TRACKS),
                tuple(here[i] for i in ending if here[i].end <= end),
            )
        )
    return DrawnBlock(role, min(max(tracks, default=0) + 1, MOST_TRACKS), tuple(parts))
