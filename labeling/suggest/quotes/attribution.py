"""Which quotation belongs to which cue and speaker, sentence by sentence."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from labeling.suggest.quotes.cues import Cue, CueKind
from labeling.suggest.quotes.frames import Quoted, Sentence, last_inner, masked, sentences_of
from labeling.suggest.quotes.speakers import (
    Phrase,
    first_phrase,
    phrase_after,
    subject_before,
)
from labeling.suggest.quotes.words import word_set

_NOT_A_SUBJECT = word_set(
    "and but or as which who that when while because though after with in on at for to so"
)
_TIGHT = 40


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says a quotation, and how that is known. Offsets are the article's."""

    speaker: tuple[int, int] | None
    form: str
    cue: tuple[int, int] | None
    score: float
    why: str


class Attributor:
    """Attributes the quotations of one frame: a paragraph or the inside of a quotation."""

    def __init__(
        self, text: str, start: int, end: int, quotes: list[Quoted], cues: list[Cue]
    ) -> None:
        self._text, self._base = text, start
        self._quotes = quotes
        self._mask = masked(text, start, end, [(q.start, q.end) for q in quotes])
        self._sentences = [Sentence(start + a, start + b) for a, b in sentences_of(self._mask)]
        self._fill(cues)

    def _fill(self, cues: list[Cue]) -> None:
        """Put quotations and cues (those outside quotations) into their sentences."""
        at = 0
        for index, quote in enumerate(self._quotes):
            while self._sentences[at].end <= quote.start:
                at += 1
            self._sentences[at].quotes.append(index)
        starts = [quote.start for quote in self._quotes]
        at = 0
        for cue in cues:
            before = bisect_left(starts, cue.start + 1) - 1
            if before >= 0 and self._quotes[before].end > cue.start:
                continue
            while self._sentences[at].end <= cue.start:
                at += 1
            self._sentences[at].cues.append(cue)

    def attribute(self) -> list[Attribution | None]:
        """Return an attribution, or none, for every quotation in order."""
        answers: list[Attribution | None] = [None] * len(self._quotes)
        for sentence in self._sentences:
            for index in sentence.quotes:
                answers[index] = self._by_cue(sentence, index) or self._without_cue(sentence, index)
        self._inherit(answers)
        return answers

    def _by_cue(self, sentence: Sentence, index: int) -> Attribution | None:
        quote = self._quotes[index]
        starts = [cue.start for cue in sentence.cues]
        behind = bisect_left(starts, quote.end)
        ahead = bisect_left(starts, quote.start) - 1
        best: Attribution | None = None
        if behind < len(starts):
            best = self._with_right(sentence, index, sentence.cues[behind])
        if ahead >= 0:
            left = self._with_left(sentence, index, ahead)
            if left is not None and (best is None or left.score > best.score):
                best = left
        return best

    def _with_right(self, sentence: Sentence, index: int, cue: Cue) -> Attribution | None:
        quote = self._quotes[index]
        if cue.kind is CueKind.NAME:
            return None
        following = self._quotes[index + 1].start if index + 1 < len(self._quotes) else sentence.end
        gap = self._text[quote.end : cue.start].strip(" ,—–-―\n\u00a0")
        ending = last_inner(self._text, quote.start, quote.end)
        open_ended = ending in ",?!—–-…" or self._text[quote.end : quote.end + 1] in {",", "—"}
        if cue.start > following or (gap and gap.split()[0].lower() in _NOT_A_SUBJECT):
            score = 0.4
        else:
            score = 0.9 if open_ended else 0.65
        phrase = self._subject(sentence, cue, quote.end)
        return self._answer(phrase, cue, score, "a cue behind the quotation")

    def _with_left(self, sentence: Sentence, index: int, ahead: int) -> Attribution | None:
        quote, cue = self._quotes[index], sentence.cues[ahead]
        between = self._text[cue.end : quote.start].strip()
        if not between or between.endswith((",", ":")) or between == "that":
            score = 0.95
        else:
            score = 0.85 if len(between) <= _TIGHT else 0.7
        before = self._quotes[index - 1].end if index else sentence.start
        phrase = self._subject(sentence, cue, before)
        return self._answer(phrase, cue, score, "a cue before the quotation")

    def _answer(
        self, phrase: Phrase | None, cue: Cue, score: float, why: str
    ) -> Attribution | None:
        if phrase is None:
            return None
        return Attribution(self._place(phrase), phrase.form, (cue.start, cue.end), score, why)

    def _place(self, phrase: Phrase) -> tuple[int, int]:
        return self._base + phrase.start, self._base + phrase.end

    def _subject(self, sentence: Sentence, cue: Cue, _edge: int) -> Phrase | None:
        base = self._base
        start, end = sentence.start - base, sentence.end - base
        if cue.kind is CueKind.SOURCE:
            return phrase_after(self._mask, cue.end - base, end)
        before = self._mask[start : cue.start - base].rstrip(" ,—–-―\n\u00a0")
        if not before or before[-1] < "\x06":
            inverted = phrase_after(self._mask, cue.end - base, end)
            if inverted is not None:
                return inverted
        elif cue.kind is not CueKind.PARTICIPLE or not self._mask[
            start : cue.start - base
        ].rstrip().endswith(","):
            found = subject_before(self._mask, start, cue.start - base)
            if found is not None:
                return found
        return first_phrase(self._mask, start, cue.start - base)

    def _without_cue(self, sentence: Sentence, index: int) -> Attribution | None:
        quote = self._quotes[index]
        base = self._base
        left = self._mask[sentence.start - base : quote.start - base].strip()
        if not left:
            return None
        if left.endswith(":"):
            phrase = subject_before(
                self._mask,
                sentence.start - base,
                sentence.start
                - base
                + self._mask[sentence.start - base : quote.start - base].rindex(":"),
            )
            score, why = 0.6, "a colon before the quotation"
        else:
            phrase = first_phrase(self._mask, sentence.start - base, quote.start - base)
            score, why = 0.4, "the subject of the sentence"
        if phrase is None:
            return None
        return Attribution(self._place(phrase), phrase.form, None, score, why)

    def _inherit(self, answers: list[Attribution | None]) -> None:
        """Give a quotation that stands alone the speaker before it in the frame."""
        last: Attribution | None = None
        for index, answer in enumerate(answers):
            if answer is None and last is not None:
                answers[index] = Attribution(
                    last.speaker, last.form, None, min(last.score, 0.8) * 0.9, "the speaker before"
                )
            elif answer is not None:
                last = answer
