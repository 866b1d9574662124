"""Which quotation belongs to which cue and speaker, sentence by sentence."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from labeling.suggest.quotes.cues import Cue, CueKind
from labeling.suggest.quotes.frames import Frame, Sentence, last_inner
from labeling.suggest.quotes.subjects import Subjects
from labeling.suggest.quotes.tokens import WINDOW, Phrase
from labeling.suggest.quotes.words import word_set

_NOT_A_SUBJECT = word_set(
    "and but or as which who that when while because though after with in on at for to so"
)
_PUNCTUATION = " ,—–-―\n\u00a0"
_OPEN_ENDED = ",?!—–-…"
_TIGHT = 40
_FARTHEST = 600
_MOST_EMBEDDED = 4
# Behind these words a clause is another speaker's, or the same one's next; not part of the first.
_COORDINATING = (" and", " but", " while", ";", " or", " as")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says a quotation, and how that is known. Offsets are the article's."""

    speaker: tuple[int, int]
    form: str
    cue: tuple[int, int] | None
    score: float
    why: str


class Attributor:
    """Attributes the quotations of one frame."""

    def __init__(self, frame: Frame, subjects: Subjects) -> None:
        self._frame, self._subjects = frame, subjects
        self._text = frame.text

    def attribute(self) -> list[Attribution | None]:
        """Return an attribution, or none, for every quotation in order."""
        answers: list[Attribution | None] = [None] * len(self._frame.quotes)
        last: Attribution | None = None
        reported: Sentence | None = None
        for sentence in self._frame.sentences:
            for index in sentence.quotes:
                found = self._by_label(index) or self._of_quotation(sentence, index)
                if found is None:
                    last = (self.of_sentence(reported) if reported else None) or last
                    found = _handed_on(last)
                answers[index], last, reported = found, found, None
            if not sentence.quotes and sentence.cues:
                reported = sentence
        return answers

    def closing(self) -> Attribution | None:
        """Say who speaks in the last sentence, as before a paragraph that is all quotation."""
        sentence = self._frame.sentences[-1]
        if sentence.cues:
            return self.of_sentence(sentence)
        words = self._frame.masked.rstrip()
        if not words.endswith(":"):
            return None
        colon = self._frame.start + len(words) - 1
        phrase = self._subjects.before_colon(sentence.start, colon)
        return self._answer(phrase, None, 0.5, "a colon before the quotation")

    def of_sentence(self, sentence: Sentence) -> Attribution | None:
        """Say who speaks in a sentence without quotations."""
        for cue in reversed(sentence.cues):
            if cue.kind in (CueKind.SAY, CueKind.SOURCE):
                phrase = self._subjects.of(sentence, cue)
                return self._answer(phrase, cue, 0.6, "the speaker before")
        return None

    def _by_label(self, index: int) -> Attribution | None:
        quote = self._frame.quotes[index]
        phrase = self._subjects.label_within(quote.start, quote.end)
        return self._answer(phrase, None, 0.9, "a name and a colon open the quotation")

    def _of_quotation(self, sentence: Sentence, index: int) -> Attribution | None:
        quote = self._frame.quotes[index]
        behind = bisect_left(sentence.cue_starts, quote.end)
        ahead = bisect_right(sentence.cue_starts, quote.start) - 1
        best = None
        if behind < len(sentence.cues):
            best = self._with_right(sentence, index, sentence.cues[behind])
        if best is None or best.score < 0.65:
            best = self._by_unknown_verb(sentence, index) or best
        if ahead >= 0:
            left = self._with_left(sentence, index, ahead)
            if left is not None and (best is None or left.score > best.score):
                best = left
        return best or self._by_name(sentence, index) or self._without_cue(sentence, index)

    def _is_open_ended(self, index: int) -> bool:
        """Say whether a quotation ends as before its speaker: with a comma or a question."""
        quote = self._frame.quotes[index]
        ending = last_inner(self._text, quote.start, quote.end)
        return ending in _OPEN_ENDED or self._text[quote.end : quote.end + 1] in {",", "—"}

    def _with_right(self, sentence: Sentence, index: int, cue: Cue) -> Attribution | None:
        quote = self._frame.quotes[index]
        if cue.start - quote.end > _FARTHEST:
            return None
        following = self._frame.start_of(index + 1, sentence.end)
        gap = self._text[quote.end : cue.start].strip(_PUNCTUATION)
        score = 0.9 if self._is_open_ended(index) else 0.65
        if cue.start > following or (gap and gap.split()[0].lower() in _NOT_A_SUBJECT):
            score = 0.4
        if cue.kind is CueKind.NAME and (not gap or score < 0.9):
            return None
        phrase = self._subjects.of(sentence, cue)
        return self._answer(phrase, cue, score, "a cue behind the quotation")

    def _by_unknown_verb(self, sentence: Sentence, index: int) -> Attribution | None:
        quote = self._frame.quotes[index]
        if not self._is_open_ended(index):
            return None
        end = min(sentence.end, self._frame.start_of(index + 1, sentence.end))
        found = self._subjects.with_any_verb(quote.end, end)
        if found is None:
            return None
        phrase, verb = found
        return self._answer(phrase, verb, 0.75, "a name and a verb behind the quotation")

    def _with_left(self, sentence: Sentence, index: int, ahead: int) -> Attribution | None:
        quote, cue = self._frame.quotes[index], sentence.cues[ahead]
        if quote.start - cue.end > _FARTHEST:
            return None
        between = self._text[cue.end : quote.start].strip()
        tight = not between or between.endswith((",", ":")) or between == "that"
        score = 0.85 if len(between) <= _TIGHT else 0.7
        if tight:
            score = 0.95
        phrase = self._subjects.of(sentence, cue)
        for earlier in range(ahead - 1, max(-1, ahead - 1 - _MOST_EMBEDDED), -1):
            outer = sentence.cues[earlier]
            if not self._is_embedded(outer, cue, phrase, tight):
                break
            outer_phrase = self._subjects.of(sentence, outer)
            if outer_phrase is not None:
                cue, phrase = outer, outer_phrase
        if cue.kind is CueKind.NAME and phrase is not None and phrase.form == "pronoun":
            phrase = self._subjects.meant_by(sentence, phrase)
        return self._answer(phrase, cue, score, "a cue before the quotation")

    def _is_embedded(self, outer: Cue, cue: Cue, phrase: Phrase | None, tight: bool) -> bool:
        """Say whether a cue stands in what an earlier one tells, as in "X says that Y calls …"."""
        if outer.kind is CueKind.NAME:
            return False
        if phrase is None:
            return True
        if phrase.start < outer.end or (
            tight and cue.kind is not CueKind.NAME and phrase.form != "pronoun"
        ):
            return False
        between = self._text[max(outer.end, phrase.start - _TIGHT) : phrase.start].rstrip()
        return not between.endswith(_COORDINATING)

    def _by_name(self, sentence: Sentence, index: int) -> Attribution | None:
        """Attribute by a name alone: behind a dash, or before a colon as in headlines."""
        phrase = self._subjects.behind_dash(self._frame.quotes[index].end, sentence.end)
        if phrase is not None:
            return self._answer(phrase, None, 0.8, "a name behind a dash")
        phrase = self._subjects.label_before(sentence.start, sentence.end)
        return self._answer(phrase, None, 0.6, "a name and a colon open the sentence")

    def _without_cue(self, sentence: Sentence, index: int) -> Attribution | None:
        quote = self._frame.quotes[index]
        left = self._frame.masked_before(quote.start, sentence.start, WINDOW)
        if not left.strip():
            return None
        if left.rstrip().endswith(":"):
            colon = quote.start - len(left) + len(left.rstrip()) - 1
            phrase = self._subjects.before_colon(sentence.start, colon)
            return self._answer(phrase, None, 0.6, "a colon before the quotation")
        phrase = self._subjects.first(sentence.start, quote.start)
        return self._answer(phrase, None, 0.4, "the subject of the sentence")

    @staticmethod
    def _answer(
        phrase: Phrase | None, cue: Cue | Phrase | None, score: float, why: str
    ) -> Attribution | None:
        if phrase is None:
            return None
        place = None if cue is None else (cue.start, cue.end)
        return Attribution((phrase.start, phrase.end), phrase.form, place, score, why)


def _handed_on(last: Attribution | None) -> Attribution | None:
    """Let the speaker of the sentence before go on, at a lower score."""
    if last is None:
        return None
    return replace(last, cue=None, score=min(last.score, 0.8) * 0.9, why="the speaker before")
