"""Whose verb a cue is: the ways in which a speaker is named around a cue or a quotation."""

from __future__ import annotations

import re

from labeling.suggest.quotes.cues import Cue, CueKind
from labeling.suggest.quotes.frames import Frame, Sentence
from labeling.suggest.quotes.phrases import first_phrase, phrase_after
from labeling.suggest.quotes.speakers import subject_before
from labeling.suggest.quotes.tokens import WINDOW, Phrase, tokens_from
from labeling.suggest.quotes.words import DETERMINERS, LEAD_INS, PREPOSITIONS, STOPS

_PUNCTUATION = " ,—–-―\n\u00a0"
_FIRST_PRINTED = "\x06"
_NAME = r"((?:[A-ZÀ-Þ][\w.’'-]{0,30}\s){0,3}[A-ZÀ-Þ][\w.’'-]{1,30})"
_LABEL_WITHIN = re.compile(rf"(?:''|[“\"'‘«])\s?{_NAME}:\s+\S")
_LABEL_BEFORE = re.compile(rf"\s*{_NAME}:\s+\S")
_DASH = re.compile(r"[.,]?\s*[―—–-]{1,2}\s*(?=[A-ZÀ-Þ])")
_VERB = re.compile(r"[a-z]{2,}(?:ed|s)\Z")


class Subjects:
    """Finds speakers in one frame; all offsets are the article's."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._mask, self._base = frame.masked, frame.start
        self._known: dict[tuple[int, int], Phrase | None] = {}

    def of(self, sentence: Sentence, cue: Cue) -> Phrase | None:
        """Find the subject of a cue, on its left, or on its right where it is inverted."""
        if cue.kind is CueKind.SOURCE:
            return self.after(cue.end, sentence.end)
        before = self._frame.masked_before(cue.start, sentence.start, WINDOW).rstrip()
        bare = before.rstrip(_PUNCTUATION)
        if not bare or bare[-1] < _FIRST_PRINTED:
            inverted = self.after(cue.end, sentence.end)
            if inverted is not None:
                return inverted
        elif cue.kind is not CueKind.PARTICIPLE or not before.endswith(","):
            found = self.before(sentence.start, cue.start)
            if found is not None:
                return found
        return self.first(sentence.start, cue.start)

    def before(self, start: int, end: int) -> Phrase | None:
        """Find the subject that ends before ``end``."""
        if (start, end) not in self._known:
            found = subject_before(self._mask, start - self._base, end - self._base)
            self._known[start, end] = self._there(found)
        return self._known[start, end]

    def after(self, start: int, end: int) -> Phrase | None:
        """Find the noun phrase that begins at ``start``."""
        return self._there(phrase_after(self._mask, start - self._base, end - self._base))

    def first(self, start: int, end: int) -> Phrase | None:
        """Find the first noun phrase of a sentence."""
        return self._there(first_phrase(self._mask, start - self._base, end - self._base))

    def label_within(self, start: int, end: int) -> Phrase | None:
        """Find the name of a transcript, which stands within the marks: "NAME: words"."""
        return _named(_LABEL_WITHIN.match(self._frame.text, start, end))

    def label_before(self, start: int, end: int) -> Phrase | None:
        """Find the name that opens a sentence with a colon behind it."""
        return _named(_LABEL_BEFORE.match(self._frame.text, start, end))

    def meant_by(self, sentence: Sentence, pronoun: Phrase) -> Phrase:
        """Replace a pronoun as in "what they call …" by the subject of its sentence."""
        before = self._frame.masked_before(pronoun.start, sentence.start, 12).rstrip()
        if not before.endswith(("what", "which", "that")):
            return pronoun
        subject = self.first(sentence.start, pronoun.start)
        return pronoun if subject is None else subject

    def behind_dash(self, start: int, end: int) -> Phrase | None:
        """Find a name that a dash parts from the quotation before it."""
        found = _DASH.match(self._mask, start - self._base, end - self._base)
        return self.after(found.end() + self._base, end) if found else None

    def with_any_verb(self, start: int, end: int) -> tuple[Phrase, Phrase] | None:
        """Find a name followed by what looks like a verb, right behind a quotation."""
        phrase = phrase_after(self._mask, start - self._base, end - self._base)
        if phrase is None or phrase.form == "role":
            return None
        tokens = tokens_from(self._mask, phrase.end, end - self._base)
        verb = tokens[0].word.rstrip(".") if tokens else ""
        if not _VERB.match(verb) or verb in STOPS or verb in PREPOSITIONS:
            return None
        start = tokens[0].start + self._base
        named = Phrase(phrase.start + self._base, phrase.end + self._base, phrase.form)
        return named, Phrase(start, start + len(verb), "verb")

    def before_colon(self, start: int, colon: int) -> Phrase | None:
        """Find who is announced: a name right before the colon, else the sentence's subject."""
        near = self.before(start, colon)
        if near is not None and near.form == "name":
            return near
        return self.first(start, colon) or near

    def _there(self, phrase: Phrase | None) -> Phrase | None:
        """Turn offsets of the mask into the article's."""
        if phrase is None:
            return None
        return Phrase(phrase.start + self._base, phrase.end + self._base, phrase.form)


def _named(found: re.Match[str] | None) -> Phrase | None:
    """Return the name that a label gives, unless it is a word such as "Then"."""
    if found is None or found[1].split()[0].lower() in LEAD_INS | STOPS | DETERMINERS:
        return None
    return Phrase(found.start(1), found.end(1), "name")
