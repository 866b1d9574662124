"""The lexicon: every term of the term bank found in a text, in one sweep."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from labeling.suggest.folding import fold, lower
from labeling.suggest.interface import Document, Suggestion, Suggestions
from labeling.suggest.lexicon_forms import Form, forms_of
from labeling.suggest.lexicon_terms import Term, terms_sha
from labeling.suggest.words import Grounds, is_whole, longest_first

LABEL = "LOADED_TERM"
NAME = "lexicon"
# A form that somebody wrote down, and one that was made by rule.
GIVEN_SCORE, MADE_SCORE = 0.6, 0.5
# No term holds one.
_APART = "\0"
# Of two terms with the same form, the one that asks for more is meant.
_STRICTEST = {"exact": 0, "initial": 1, "any": 2}


class TermMatch(NamedTuple):
    """A term found: code points in the text, the term, and the form of it that stands there."""

    start: int
    end: int
    term: Term
    form: Form


class Lexicon:
    """A term bank made ready for looking up; built once, used for every text.

    Args:
        terms: muted ones are left out.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(term for term in terms if term.status == "active")
        means = [(term, form) for term in self.terms for form in forms_of(term)]
        meanings: dict[str, list[tuple[Term, Form]]] = {}
        # All in one go: folding thousands of short strings one by one takes three times as long.
        joined = lower(fold(_APART.join(form.text for _, form in means)))
        for pattern, meaning in zip(joined.split(_APART), means, strict=bool(means)):
            meanings.setdefault(pattern, []).append(meaning)
        self._meanings = [
            sorted(several, key=_strictness) if len(several) > 1 else several
            for several in meanings.values()
        ]
        self._patterns = list(meanings)

    @cached_property
    def _automaton(self) -> Any:
        # Imported here: pages show terms and their forms, but never look any up.
        from ahocorasick_rs import AhoCorasick

        return AhoCorasick(self._patterns) if self._patterns else None

    def build(self) -> Lexicon:
        """Build what is needed for looking up now, and not with the first text."""
        _ = self._automaton
        return self

    def find(self, text: str) -> list[TermMatch]:
        """Every term in a text: whole words, the longest first, none over another."""
        if self._automaton is None:
            return []
        folded = fold(text)
        low = lower(folded)
        found = []
        hits = self._automaton.find_matches_as_indexes(low, overlapping=True)
        for pattern, start, end in hits:
            if not is_whole(low, start, end):
                continue
            for term, form in self._meanings[pattern]:
                if _case_fits(term, form, folded, start, end):
                    found.append(TermMatch(start, end, term, form))
                    break
        return longest_first(found)


class LexiconSuggester:
    """Suggests every term of the term bank as a loaded term; whose voice it is comes later."""

    name = NAME
    version = "1"

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.config_sha = terms_sha(lexicon.terms)

    def suggest(self, document: Document) -> Suggestions:
        """Propose the terms that stand within a headline, a dek or the body."""
        grounds = Grounds(document.text, document.blocks)
        matches = [m for m in self.lexicon.find(document.text) if grounds.hold(m.start, m.end)]
        return Suggestions(
            [
                Suggestion(
                    id=f"t{n}",
                    label=LABEL,
                    start=match.start,
                    end=match.end,
                    score=GIVEN_SCORE if match.form.given else MADE_SCORE,
                    attrs={
                        "term": match.term.surface,
                        "entry": match.term.key,
                        "type": match.term.type,
                    },
                )
                for n, match in enumerate(matches, start=1)
            ]
        )


def _strictness(meaning: tuple[Term, Form]) -> tuple[int, str]:
    return _STRICTEST[meaning[0].case], meaning[0].key


def _case_fits(term: Term, form: Form, folded: str, start: int, end: int) -> bool:
    if term.case == "exact":
        return folded[start:end] == fold(form.text)
    return term.case == "any" or folded[start].isupper()
