"""Cues: the words that say that somebody speaks, and where they stand in a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from labeling.suggest.quotes.words import word_set

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


class CueKind(Enum):
    """What a cue asks of its surroundings."""

    SAY = "a verb of saying"
    PARTICIPLE = "a verb of saying that leans on a subject further left"
    NAME = "a verb of naming or judging, with quoted words only"
    SOURCE = "a phrase with the source behind it"


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue in the text."""

    start: int
    end: int
    kind: CueKind


_SAY = """
said says say told tells tell asked asks added adds wrote writes tweeted tweets argued argues
explained explains replied replies responded responds answered answers noted notes stated states
insisted insists declared declares warned warns claimed claims continued continues concluded
concludes recalled recalls remarked remarks quipped quips joked jokes shouted shouts yelled cried
cries announced announces suggested suggests admitted admits acknowledged acknowledges conceded
concedes denied denies confirmed confirms contended contends asserted asserts maintained maintains
observed observes predicted predicts promised promises vowed vows pledged pledges urged urges
reiterated reiterates repeated repeats testified testifies reported reports revealed reveals
complained complains alleged alleges commented comments countered counters demanded demands
emphasized emphasizes emphasised stressed stresses mused muses boasted boasts bragged lamented
laments proclaimed proclaims posted posts retorted shot chimed whispered muttered exclaimed
believes thinks thought believed feels hopes wondered wonders cautioned cautions advised advises
put puts read reads stresses opined chanted chants estimated estimates speculated elaborated
interjected lectured intoned protested protests professed
"""
_PARTICIPLE = """
saying telling asking adding writing tweeting arguing explaining replying responding noting stating
insisting declaring warning claiming continuing concluding calling describing labeling labelling
suggesting shouting yelling chanting acknowledging predicting promising urging complaining alleging
vowing pledging accusing stressing pointing quoting citing referring reading joking quipping
announcing asserting denouncing criticizing criticising blasting praising dismissing branding
"""
_NAME = """
called calls call described describes dubbed dubs labeled labelled labels termed accused accuses
blasted blasts slammed slams criticized criticised criticizes criticises denounced denounces
dismissed dismisses praised praises mocked mocks condemned condemns ridiculed attacked attacks
branded brands decried touted touts referred refers cited cites quoted deemed hailed hails
characterized characterised considers considered expressed expresses spoke speaks talked
used uses voiced apologized apologised questioned rejected rejects ripped derided
compared thanked bemoaned
"""
# Nouns as often as verbs, or parts of names: no cue with a capital, nor behind an article.
_NOUNS = word_set(
    "states post posts posted reports claims calls promises tweets hopes protests demands answers"
    " comments remarks notes puts reads uses cites says talks attacks call estimates repeats shot"
    " read put ask say tell report"
)
VERBS = word_set(_SAY) | word_set(_NAME) | word_set(_PARTICIPLE)
VERBS -= word_set(
    "states posts reports claims calls promises tweets hopes protests demands answers comments"
    " remarks notes attacks call estimates repeats shot reading writing criticism"
)
_SOURCE = "according to|in the words of"
SPOKEN = word_set(
    "said says told asked added wrote tweeted argued explained replied responded answered noted"
    " recalled continued insisted joked shouted exclaimed"
)


@cache
def _automaton() -> tuple[AhoCorasick, tuple[tuple[int, CueKind], ...]]:
    from ahocorasick_rs import AhoCorasick, MatchKind

    kinds = [(word, CueKind.SAY) for word in _SAY.split()]
    kinds += [(word, CueKind.PARTICIPLE) for word in _PARTICIPLE.split()]
    kinds += [(word, CueKind.NAME) for word in _NAME.split()]
    kinds += [(phrase, CueKind.SOURCE) for phrase in _SOURCE.split("|")]
    known = dict(kinds)
    capital = [word for word in known if word not in _NOUNS]
    words = [f" {word}" for word in known] + [word[0].upper() + word[1:] for word in capital]
    offsets = [(1, kind) for kind in known.values()] + [(0, known[word]) for word in capital]
    return AhoCorasick(words, matchkind=MatchKind.LeftmostLongest), tuple(offsets)


def cues_of(text: str) -> list[Cue]:
    """Find every cue of a text, quotations included, in order."""
    automaton, about = _automaton()
    length = len(text)
    text = text.replace("\n", " ").replace("\u00a0", " ")
    found = []
    for pattern, start, end in automaton.find_matches_as_indexes(text):
        lead, kind = about[pattern]
        if end < length and (text[end].isalnum() or text[end] == "-"):
            continue
        if not lead and start and text[start - 1].isalnum():
            continue
        found.append(Cue(start + lead, end, kind))
    return found
