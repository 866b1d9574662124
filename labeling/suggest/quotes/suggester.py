"""From an article to suggested quotations, speakers, cues and who said what."""

from __future__ import annotations

from typing import Any

from labeling.suggest.interface import (
    Document,
    SuggestedRelation,
    Suggestion,
    Suggestions,
)
from labeling.suggest.quotes.cues import cues_of
from labeling.suggest.quotes.kinds import Kind
from labeling.suggest.quotes.reader import Found, Reader
from labeling.types import PASSAGE_ROLES

_SCORE, _SCORE_UNCLOSED = 0.95, 0.5


class QuoteSuggester:
    """Suggests QUOTE, SPEAKER and CUE spans and ``said_by`` relations.

    A QUOTE has ``attrs.kind`` and ``attrs.unclosed``; ``attrs.continues`` is the id of the QUOTE
    in the paragraph before that it goes on with, and ``attrs.why`` says in words what its
    speaker rests on. A SPEAKER has ``attrs.form``: name, role or pronoun.
    """

    name = "quotes"
    version = "1"
    config_sha = ""

    def suggest(self, document: Document) -> Suggestions:
        """Find the quotations of an article and who says them."""
        reader = Reader(document.text, cues_of(document.text))
        for block in document.blocks:
            if block.role in PASSAGE_ROLES:
                reader.read(block)
        answer = _Answer()
        for found in reader.found:
            answer.add(found)
        return answer.suggestions()


class _Answer:
    """Gathers suggestions: a speaker or cue of several quotations is suggested once."""

    def __init__(self) -> None:
        self._quotes: list[Suggestion] = []
        self._names: dict[Found, str] = {}
        self._others: dict[tuple[str, tuple[int, int]], Suggestion] = {}
        self._relations: list[SuggestedRelation] = []

    def add(self, one: Found) -> None:
        """Add a quotation with its speaker and cue."""
        identity = f"q{len(self._quotes) + 1}"
        self._names[one] = identity
        self._quotes.append(self._quote(one, identity))
        told = one.attribution
        if told is None:
            return
        speaker = self._other("SPEAKER", told.speaker, told.score, {"form": told.form})
        if told.cue is not None:
            self._other("CUE", told.cue, told.score, {})
        self._relations.append(SuggestedRelation(identity, speaker, "said_by", told.score))

    def suggestions(self) -> Suggestions:
        """Return everything, in the order of the text."""
        spans = sorted(
            [*self._quotes, *self._others.values()], key=lambda s: (s.start, -s.end, s.id)
        )
        return Suggestions(tuple(spans), tuple(self._relations))

    def _quote(self, one: Found, identity: str) -> Suggestion:
        attrs: dict[str, Any] = {"kind": str(one.kind), "unclosed": one.unclosed}
        if one.continues is not None:
            attrs["continues"] = self._names[one.continues]
        score = _SCORE_UNCLOSED if one.unclosed else _SCORE
        if one.attribution is not None:
            attrs["why"] = one.attribution.why
            if one.kind is Kind.PARAPHRASE:
                score = one.attribution.score
        return Suggestion(identity, "QUOTE", one.start, one.end, score, attrs)

    def _other(
        self, label: str, place: tuple[int, int], score: float, attrs: dict[str, Any]
    ) -> str:
        """Suggest a speaker or cue once; the best of several scores stands."""
        key = (label, place)
        known = self._others.get(key)
        identity = known.id if known else f"{label[0].lower()}{len(self._others) + 1}"
        best = max(score, known.score) if known else score
        self._others[key] = Suggestion(identity, label, *place, best, attrs)
        return identity
