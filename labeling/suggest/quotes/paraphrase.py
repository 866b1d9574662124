"""Reported words without marks: "X said that …", "…, X said." and "according to X".

Only plain patterns are taken, one a sentence: a reporting verb with a subject of its own before
it and a clause behind it, or a sentence that ends in its source. Missing some is better than
taking the outlet's own words for somebody else's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from labeling.suggest.quotes.cues import Cue, CueKind
from labeling.suggest.quotes.frames import Frame, Sentence
from labeling.suggest.quotes.subjects import Subjects
from labeling.suggest.quotes.tokens import Phrase
from labeling.suggest.quotes.words import TIMES, word_set

_REPORTING = word_set(
    "said says say told argued argues claimed claims insisted insists warned warns noted notes"
    " stated believes believed thinks thought added adds explained explains acknowledged admitted"
    " conceded denied denies confirmed confirms announced alleged alleges contends contended"
    " asserted asserts maintained maintains predicted predicts suggested suggests declared declares"
    " concluded estimated estimates agreed agrees promised vowed pledged complained cautioned"
)
# Of these, the ones that a clause may follow without "that"; others have objects.
_WITH_BARE_CLAUSE = word_set(
    "said says say argued argues claimed claims insisted insists believes believed thinks noted"
)
_THAT = re.compile(r"(?:\s[^.,;:“”\"]{1,40}?)?\sthat\s+")
_CLAUSE = re.compile(
    r"\s+(?=(?:he|she|it|they|we|there|the|a|an|his|her|its|their|no|this|these|those|most|many"
    r"|some|[A-Z][\w’'.-]+)\b)"
)
_AT_THE_END = re.compile(r"[^,.;:]{0,45}[.!?]*\s*")
_WORDS = re.compile(r"\w+")
_FEWEST_WORDS = 4
# A sentence of an article has no more; one of a hostile file may have many thousands.
_MOST_CUES = 6
_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Reported words, who reports them and the verb that says so; offsets are the article's."""

    start: int
    end: int
    speaker: Phrase
    cue: Cue
    score: float = _SCORE


def reports(text: str, cue: Cue) -> bool:
    """Say whether a cue can have a paraphrase beside it."""
    if cue.kind is CueKind.SOURCE:
        return True
    return cue.kind is CueKind.SAY and text[cue.start : cue.end] in _REPORTING


def paraphrases_of(frame: Frame, subjects: Subjects) -> list[Paraphrase]:
    """Find the paraphrases of a frame, one a sentence at most."""
    found = (_in_sentence(frame, subjects, sentence) for sentence in frame.sentences)
    return [one for one in found if one is not None]


def _in_sentence(frame: Frame, subjects: Subjects, sentence: Sentence) -> Paraphrase | None:
    for cue in sentence.cues[:_MOST_CUES]:
        if not reports(frame.text, cue):
            continue
        place = _of_source if cue.kind is CueKind.SOURCE else _of_verb
        one = place(frame, subjects, sentence, cue)
        if one is not None and _is_plain(frame, one):
            return one
    return None


def _is_plain(frame: Frame, one: Paraphrase) -> bool:
    """Say whether enough words stand there outside quotation marks."""
    words = _WORDS.findall(frame.masked, one.start - frame.start, one.end - frame.start)
    return len(words) >= _FEWEST_WORDS


def _of_verb(frame: Frame, subjects: Subjects, sentence: Sentence, cue: Cue) -> Paraphrase | None:
    speaker = subjects.before(sentence.start, cue.start)
    if speaker is None:
        return None
    mask, base = frame.masked, frame.start
    behind = (cue.end - base, sentence.end - base)
    clause = _THAT.match(mask, *behind)
    if clause is None and frame.text[cue.start : cue.end] in _WITH_BARE_CLAUSE:
        clause = _CLAUSE.match(mask, *behind)
    if clause is not None and not _is_time(mask, clause.end()):
        return Paraphrase(clause.end() + base, _end(frame, sentence), speaker, cue)
    if _AT_THE_END.fullmatch(mask, *behind) is None:
        return None
    return _before(frame, sentence, speaker.start, (speaker, cue))


def _of_source(frame: Frame, subjects: Subjects, sentence: Sentence, cue: Cue) -> Paraphrase | None:
    speaker = subjects.after(cue.end, sentence.end)
    if speaker is None:
        return None
    if not frame.text[sentence.start : cue.start].strip():
        comma = frame.masked.find(",", speaker.end - frame.start, sentence.end - frame.start)
        if comma < 0:
            return None
        start = comma + frame.start + 1
        start += len(frame.text[start : sentence.end]) - len(
            frame.text[start : sentence.end].lstrip()
        )
        return Paraphrase(start, _end(frame, sentence), speaker, cue)
    return _before(frame, sentence, cue.start, (speaker, cue))


def _is_time(mask: str, at: int) -> bool:
    """Say whether a day, or the like, stands there: "said Tuesday"."""
    word = _WORDS.match(mask, at)
    return word is not None and word.group().lower() in TIMES


def _before(
    frame: Frame, sentence: Sentence, end: int, source: tuple[Phrase, Cue]
) -> Paraphrase | None:
    """Take the sentence up to a comma that stands right before its source."""
    words = frame.text[sentence.start : end].rstrip()
    if sentence.quotes or not words.endswith(","):
        return None
    start = sentence.start + len(words) - len(words.lstrip())
    return Paraphrase(start, sentence.start + len(words) - 1, *source)


def _end(frame: Frame, sentence: Sentence) -> int:
    """Return where a sentence ends, its full stop left out unless a quotation holds it."""
    end = sentence.start + len(frame.text[sentence.start : sentence.end].rstrip())
    while end > sentence.start and frame.masked[end - 1 - frame.start] in ".!?…":
        end -= 1
    return end
