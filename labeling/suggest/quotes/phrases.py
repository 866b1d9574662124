"""Noun phrases read from left to right: behind "said", behind "according to", at the start."""

from __future__ import annotations

import re

from labeling.suggest.quotes.cues import VERBS
from labeling.suggest.quotes.tokens import Phrase, Token, tokens_from
from labeling.suggest.quotes.words import (
    ABBREVIATIONS,
    CONJUNCTIONS,
    DETERMINERS,
    LEAD_INS,
    LINKS,
    NOT_SPEAKERS,
    PARTICLES,
    PREPOSITIONS,
    PRONOUNS,
    ROLES,
    STOPS,
    TIMES,
)

_DATELINE = re.compile(r"[A-ZÀ-Þ]{3}[^a-z\n]{0,40}(?:\([^()\n]{1,30}\) ?)?[—–―-]{1,2}\s")
_NEVER_NOUNS = STOPS | PREPOSITIONS | DETERMINERS | PRONOUNS | VERBS
_NOBODY = NOT_SPEAKERS | DETERMINERS
_PHRASE_ENDS = STOPS | TIMES | VERBS
AGENT = re.compile(
    r"[a-z-]+(?:man|men|woman|women|person|ist|ists|er|ers|or|ors|ian|ians|ant|ants|ee|ees)\Z"
)
LONGEST_PHRASE = 14
_MOST_LEAD_INS = 4


def phrase_after(mask: str, start: int, end: int) -> Phrase | None:
    """Find the noun phrase that begins at ``start``, as behind "said" or "according to"."""
    return starting(tokens_from(mask, start, end), 0)


def first_phrase(mask: str, start: int, end: int) -> Phrase | None:
    """Find the subject of a sentence: its first noun phrase, behind what leads in."""
    dateline = _DATELINE.match(mask, start, end)
    tokens = tokens_from(mask, dateline.end() if dateline else start, end)
    at = 0
    for _ in range(_MOST_LEAD_INS):
        while at < len(tokens) and (tokens[at].is_mark or tokens[at].low in CONJUNCTIONS):
            at += 1
        if at >= len(tokens) or not leads_in(tokens[at]):
            break
        comma = next((i for i in range(at, len(tokens)) if tokens[i].word == ","), None)
        if comma is None:
            return None
        at = comma + 1
    return starting(tokens, at)


def leads_in(token: Token) -> bool:
    """Say whether a sentence that begins so names its subject behind a comma."""
    return token.low in LEAD_INS or (token.low.endswith("ing") and len(token.low) > 5)


def starting(tokens: list[Token], at: int) -> Phrase | None:
    """Find the noun phrase that begins at ``tokens[at]``."""
    if at >= len(tokens):
        return None
    first = tokens[at]
    if first.low in PRONOUNS and (first.low not in DETERMINERS or at + 1 == len(tokens)):
        return Phrase(first.start, first.end, "pronoun")
    if first.is_mark or first.low in LEAD_INS or first.low in STOPS:
        return None
    if not (first.is_name or _may_start(tokens, at)):
        return None
    return phrase_of(tokens, at, _end_of(tokens, at))


def _may_start(tokens: list[Token], at: int) -> bool:
    """Say whether a noun phrase may begin with a word in lower case."""
    low = tokens[at].low
    if low in DETERMINERS or low in ROLES:
        return True
    if not is_nounish(tokens[at]):
        return False
    if AGENT.match(low) is not None or low.endswith("s"):
        return True
    # A title before a name, such as "harbour master Ana".
    title = next((t for t in tokens[at + 1 : at + 4] if t.is_name or not is_nounish(t)), None)
    return title is not None and title.is_name


def _end_of(tokens: list[Token], at: int) -> int:
    """Walk right from the start of a noun phrase to its end."""
    end, limit, named = at, min(len(tokens), at + LONGEST_PHRASE), False
    while end < limit:
        token = tokens[end]
        if token.is_mark or token.low in _PHRASE_ENDS:
            break
        if token.is_name and (end > at or token.low not in DETERMINERS):
            named = True
        elif token.low in PREPOSITIONS:
            if not _leads_on(tokens, end, limit):
                break
            named = False
        elif named and token.low not in PARTICLES and not _is_title(tokens, end):
            break
        end += 1
    while end > at and tokens[end - 1].low in DETERMINERS | PARTICLES | LINKS:
        end -= 1
    return end


def _is_title(tokens: list[Token], at: int) -> bool:
    """Say whether a word in lower case stands before a name as its title."""
    if at + 1 >= len(tokens) or not tokens[at + 1].is_name:
        return False
    return tokens[at].low in ROLES or AGENT.match(tokens[at].low) is not None


def _leads_on(tokens: list[Token], at: int, limit: int) -> bool:
    """Say whether a preposition goes on with a noun phrase, as in "head of the union"."""
    if tokens[at].low not in {"of", "for", "at", "from", "with"} or at + 1 >= limit:
        return False
    return tokens[at + 1].is_name or tokens[at + 1].low in DETERMINERS


def is_nounish(token: Token) -> bool:
    """Say whether a word may stand inside a noun phrase: no function word, verb or mark."""
    return token.low not in _NEVER_NOUNS and not token.is_mark


def phrase_of(tokens: list[Token], start: int, end: int) -> Phrase | None:
    """Make a phrase of tokens, or none when no speaker can be named so."""
    while start < end and (
        tokens[start].is_mark or tokens[start].low in CONJUNCTIONS or tokens[start].low in LINKS
    ):
        start += 1
    if start >= end:
        return None
    words = tokens[start:end]
    if all(word.low in _NOBODY or word.low.isdigit() for word in words):
        return None
    named = any(word.is_name for word in words[1:]) or (
        words[0].is_name and words[0].low not in DETERMINERS and words[0].low not in ROLES
    )
    return Phrase(words[0].start, _bare_end(words[-1]), "name" if named else "role")


def _bare_end(token: Token) -> int:
    """Return where a word ends without a possessive mark or a full stop of the sentence."""
    word = token.word
    if len(word) > 1 and word[-1] in "’'":
        return token.end - 1
    if word.endswith(".") and word.count(".") == 1 and token.low[:-1] not in ABBREVIATIONS:
        return token.end - 1
    return token.end
