"""Cues: the words that say that somebody speaks, and where they stand in a text."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from labeling.suggest.quotes.words import BETWEEN, DETERMINERS, PRONOUNS, ROLES, word_set

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


class CueKind(Enum):
    """What a cue asks of its surroundings."""

    SAY = "a verb of saying"
    PARTICIPLE = "a verb of saying that leans on a subject further left"
    NAME = "a verb of naming or judging, with quoted words only"
    SOURCE = "a phrase with the source behind it"


class Cue(NamedTuple):
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
interjected lectured intoned protested protests professed ask argue insist warn admit acknowledge
contend deny predict suggest agreed agrees concurred joking
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
compared thanked bemoaned referenced references rated rates accuse describe denounce mock slam
rip blast criticize criticise condemn dismiss praise refer deem dub lambasted chided scolded
ridicules invoked urged lauded
"""
# Nouns as often as verbs: cues only behind a name, a pronoun or a role.
_NOUNS = word_set(
    "states posts post reports claims calls promises tweets hopes protests demands answers comments"
    " remarks notes attacks call estimates repeats warns shot puts put read reads uses used cites"
    " touts talks praise blast blasts rip report claim note ask slam answer argue"
)
# Never a cue with a capital: parts of names rather.
_NO_CAPITAL = word_set("states post posts posted put used uses read reads reading notes report")
VERBS = (word_set(_SAY) | word_set(_NAME) | word_set(_PARTICIPLE)) - _NOUNS
_BEFORE_NOUNS = re.compile(r"(?:[A-ZÀ-Þ][\w.’'-]*|[a-z’'-]+)[\s)]*\Z")
_SOURCE = "according to|in the words of"
SPOKEN = word_set(
    "said says told asked added wrote tweeted argued explained replied responded answered noted"
    " recalled continued insisted joked shouted exclaimed"
)


@cache
def _automaton() -> tuple[AhoCorasick, tuple[tuple[int, CueKind], ...]]:
    from ahocorasick_rs import AhoCorasick, MatchKind

    kinds = [(word, CueKind.SAY) for word in [*_SAY.split(), "found that", "finds that"]]
    kinds += [(word, CueKind.PARTICIPLE) for word in _PARTICIPLE.split()]
    kinds += [(word, CueKind.NAME) for word in _NAME.split()]
    kinds += [(phrase, CueKind.SOURCE) for phrase in _SOURCE.split("|")]
    known = dict(kinds)
    capital = [word for word in known if word not in _NO_CAPITAL]
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
        if text[start + lead : end].lower() in _NOUNS and not _is_verb(text, start):
            continue
        found.append(Cue(start + lead, end, kind))
    return found


def _is_verb(text: str, at: int) -> bool:
    """Say whether a word that may be a noun follows a name, a pronoun or a role."""
    before = _BEFORE_NOUNS.search(text, max(0, at - 30), at)
    if before is None:
        return False
    word = before.group().strip(" )")
    if word[0].isupper():
        return word.lower() not in DETERMINERS and not word.endswith(("’s", "'s", "s’", "s'"))
    return word in PRONOUNS or word in ROLES or word in BETWEEN or word == "to"
