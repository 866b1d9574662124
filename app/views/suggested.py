"""An article's suggestions drawn into its text, and each one said in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.queries.articles import ArticlePage
from app.queries.segments import cut, lay_tracks
from app.queries.suggestions import ArticleSuggestion
from app.views.drawing import MOST_TRACKS, Line
from labeling.suggest.lexicon_terms import Term
from labeling.types import Span

KINDS = {
    "direct": "A full quotation, word for word.",
    "partial": "A few quoted words inside another sentence.",
    "paraphrase": "Somebody's words without quotation marks.",
    "scare": "Scare quotes, a term or a title.",
    "pull_quote": "A pull quote: the words stand elsewhere too.",
}
VOICES = {
    "outlet": "It stands in the outlet's own voice.",
    "quoted": "It stands inside a quotation.",
    "paraphrased": "It stands in a paraphrase.",
    "headline": "It stands in the headline.",
}
TYPES = {
    "naming": "It names or labels.",
    "emotive": "It stirs a feeling.",
    "euphemism": "It softens.",
    "intensity": "It makes more or less of something.",
    "presupposing": "It takes something as given.",
}
LABELS = {
    "SPEAKER": "Whose words they are.",
    "CUE": "The word that does the saying.",
    "PERSON": "A person.",
    "ORG": "An organization.",
    "GPE": "A place with a government.",
    "LOC": "Another place.",
    "NORP": "People of a nation, faith or political camp.",
    "EVENT": "A named event.",
    "WORK": "A named work.",
}


@dataclass(frozen=True, slots=True)
class SuggestedTag:
    """What is written after a suggestion's end. ``short`` is its main answer in a word."""

    id: str
    label: str
    short: str
    why: str


@dataclass(frozen=True, slots=True)
class SuggestedSegment:
    """A stretch of text, the lines under it, and the tags of suggestions that end here."""

    text: str
    lines: tuple[Line, ...]
    tags: tuple[SuggestedTag, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """A piece of the article with its suggestions; ``tracks`` is how deep they lie."""

    tracks: int
    segments: tuple[SuggestedSegment, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One suggestion in words. ``term`` is the key of its entry in the term bank."""

    id: str
    label: str
    text: str
    why: str
    source: str
    score: float
    term: str


class Suggested:
    """The suggestions of one article.

    Args:
        article: the article.
        terms: what the term bank knows of the terms among them, by key.
    """

    def __init__(self, article: ArticlePage, terms: Mapping[str, Term]) -> None:
        self._article = article
        self._spans = article.suggested.spans
        self._why = _in_words(article, terms)

    def marks(self, text: str, start: int) -> Marks:
        """Draw the suggestions into a piece of the text that begins at ``start``."""
        end = start + len(text)
        here = [s for s in self._spans if s.start < end and start < s.end]
        spans = [
            Span(s.id, "", s.label, max(s.start - start, 0), min(s.end - start, len(text)))
            for s in here
        ]
        tracks = lay_tracks(spans)
        segments = []
        for segment in cut(text, [(span.start, span.end) for span in spans]):
            lines = sorted(
                Line(tracks[i] + 1, spans[i].label)
                for i in segment.covering
                if tracks[i] < MOST_TRACKS
            )
            ending = sorted(segment.ending, key=lambda i: -spans[i].start)
            tags = tuple(self._tag(here[i]) for i in ending if here[i].end <= end)
            segments.append(SuggestedSegment(segment.text, tuple(lines), tags))
        return Marks(min(max(tracks, default=-1) + 1, MOST_TRACKS), tuple(segments))

    def explained(self) -> tuple[Explained, ...]:
        """Every suggestion in words, in the order of the text."""
        return tuple(
            Explained(
                s.id,
                s.label,
                self._article.text[s.start : s.end],
                self._why[s.id],
                s.source,
                s.score,
                str(s.attrs.get("entry", "")),
            )
            for s in self._spans
        )

    def _tag(self, suggestion: ArticleSuggestion) -> SuggestedTag:
        attrs = suggestion.attrs
        short = str(attrs.get("kind") or attrs.get("voice") or "").replace("_", " ")
        return SuggestedTag(suggestion.id, suggestion.label, short, self._why[suggestion.id])


def terms_among(suggestions: Sequence[ArticleSuggestion]) -> list[str]:
    """The keys of the terms that are suggested."""
    return sorted({str(s.attrs["entry"]) for s in suggestions if "entry" in s.attrs})


def _in_words(article: ArticlePage, terms: Mapping[str, Term]) -> dict[str, str]:
    texts = {s.id: article.text[s.start : s.end] for s in article.suggested.spans}
    said_by = {r.from_id: texts.get(r.to_id, "") for r in article.suggested.relations}
    says = Counter(r.to_id for r in article.suggested.relations)
    words = {}
    for s in article.suggested.spans:
        if s.label == "QUOTE":
            parts = _quote(s.attrs, said_by.get(s.id))
        elif s.label == "LOADED_TERM":
            parts = _loaded(s.attrs, terms.get(str(s.attrs.get("entry"))))
        else:
            parts = [LABELS.get(s.label, "")]
            if says[s.id]:
                n = says[s.id]
                parts.append(f"{n} quotations are linked to it." if n > 1 else "")
        words[s.id] = " ".join(part for part in parts if part)
    return words


def _quote(attrs: Mapping[str, Any], speaker: str | None) -> list[str]:
    return [
        KINDS.get(str(attrs.get("kind")), ""),
        f"Said by {speaker}." if speaker else "Nobody was found who says it.",
        "It is never closed: it ends with its paragraph." if attrs.get("unclosed") else "",
        "It goes on from the quotation before." if attrs.get("continues") else "",
        f"Seen by {attrs['why']}." if attrs.get("why") else "",
    ]


def _loaded(attrs: Mapping[str, Any], term: Term | None) -> list[str]:
    parts = [VOICES.get(str(attrs.get("voice")), ""), TYPES.get(str(attrs.get("type")), "")]
    if term is not None:
        parts.append(term.note)
        if term.alternatives:
            parts.append(f"Plainer: {', '.join(term.alternatives)}.")
    return parts
