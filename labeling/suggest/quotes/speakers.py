"""Who speaks: the noun phrase before or after a cue, found by word classes and capitals alone."""

from __future__ import annotations

import re
from typing import NamedTuple

from labeling.suggest.quotes.cues import VERBS
from labeling.suggest.quotes.frames import MASKS
from labeling.suggest.quotes.words import (
    ABBREVIATIONS,
    APPOSITION,
    BETWEEN,
    CONJUNCTIONS,
    DETERMINERS,
    LEAD_INS,
    LINKS,
    NOT_SPEAKERS,
    PARTICLES,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVES,
    ROLES,
    STOPS,
    TIMES,
    word_set,
)

_TOKEN = re.compile(
    rf"[{MASKS}]+|(?:[^\W\d_]\.){{2,}}|[@#$]?\w+(?:[.’'&/-]\w+)*(?:[’']|\.(?!\Z))?|[^\w\s]"
)
_DATELINE = re.compile(r"[A-ZÀ-Þ]{3}[^a-z\n]{0,40}(?:\([^()\n]{1,30}\) ?)?[—–―-]{1,2}\s")
# How far from a verb its subject is looked for.
WINDOW = 240
_LONGEST_PHRASE = 14
_MOST_LEAD_INS = 4
_AGENT = re.compile(
    r"[a-z-]+(?:man|men|woman|women|person|ist|ists|er|ers|or|ors|ian|ians|ant|ants|ee|ees)\Z"
)
_NOT_LY = word_set("family ally assembly daily weekly monthly reply supply anomaly bully")


class Token(NamedTuple):
    """A word, a mark or a masked quotation of a frame; ``low`` is it in lower case."""

    word: str
    low: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """Whether it has a capital, or is a handle."""
        first = self.word[0]
        return first.isupper() or (first == "@" and len(self.word) > 1)

    @property
    def is_mark(self) -> bool:
        """Whether it is punctuation or a masked quotation."""
        first = self.word[0]
        return not (first.isalnum() or first in "@#$")


class Phrase(NamedTuple):
    """A noun phrase: where it stands, and whether it is a name, a pronoun or a role."""

    start: int
    end: int
    form: str


def tokens_of(mask: str, start: int, end: int) -> list[Token]:
    """Cut a stretch into tokens."""
    return [
        Token(word := found.group(), word.lower(), found.start(), found.end())
        for found in _TOKEN.finditer(mask, start, end)
    ]


def subject_before(mask: str, start: int, end: int) -> Phrase | None:
    """Find the subject whose verb stands at ``end``."""
    tokens = tokens_of(mask, max(start, end - WINDOW), end)
    return _ending(tokens, _before_adverbs(tokens))


def tokens_from(mask: str, start: int, end: int) -> list[Token]:
    """Cut the first part of a stretch into tokens."""
    return tokens_of(mask, start, min(end, start + WINDOW))


def phrase_after(mask: str, start: int, end: int) -> Phrase | None:
    """Find the noun phrase that begins at ``start``, as behind "said" or "according to"."""
    return _starting(tokens_from(mask, start, end), 0)


def first_phrase(mask: str, start: int, end: int) -> Phrase | None:
    """Find the subject of a sentence: its first noun phrase, behind what leads in."""
    dateline = _DATELINE.match(mask, start, end)
    tokens = tokens_from(mask, dateline.end() if dateline else start, end)
    at = 0
    for _ in range(_MOST_LEAD_INS):
        while at < len(tokens) and (tokens[at].is_mark or tokens[at].low in CONJUNCTIONS):
            at += 1
        if at >= len(tokens) or not _leads_in(tokens[at]):
            break
        comma = next((i for i in range(at, len(tokens)) if tokens[i].word == ","), None)
        if comma is None:
            return None
        at = comma + 1
    return _starting(tokens, at)


def _leads_in(token: Token) -> bool:
    return token.low in LEAD_INS or (token.low.endswith("ing") and len(token.low) > 5)


def _before_adverbs(tokens: list[Token]) -> int:
    """Return how many tokens are left when what may stand before a verb is taken off."""
    at = len(tokens)
    while at:
        token = tokens[at - 1]
        low = token.low
        if token.word == ")":
            opening = next((i for i in range(at - 1, -1, -1) if tokens[i].word == "("), None)
            if opening is None:
                return at
            at = opening
        elif (
            low in BETWEEN
            or (low.endswith("ly") and not token.is_name and low not in _NOT_LY)
            or (low in TIMES and at > 1)
        ):
            at -= 1
            if low in TIMES and at > 1 and tokens[at - 1].low in ("on", "in", "last", "late"):
                at -= 1
        else:
            break
    return at


def _ending(tokens: list[Token], at: int) -> Phrase | None:
    """Find the noun phrase that ends before ``tokens[at]``, or the one it belongs to."""
    if at <= 0:
        return None
    last = tokens[at - 1]
    if last.word in {",", "—", "–", "-"}:
        return _before_apposition(tokens, at - 1)
    if last.low in RELATIVES and at > 1:
        before = at - 1
        if tokens[before - 1].word == ",":
            before -= 1
        return _ending_plain(tokens, before)
    return _ending_plain(tokens, at)


def _before_apposition(tokens: list[Token], comma: int) -> Phrase | None:
    """From "Name, a title, …" go back to the name."""
    end = comma
    for _ in range(4):
        start = end
        while start and tokens[start - 1].word not in {",", "—", "–", "-", ";", ":"}:
            if tokens[start - 1].word[0] < "\x06":
                break
            start -= 1
        if start >= end:
            return None
        apposed = _is_apposed(tokens, start, end)
        if not (apposed and start and tokens[start - 1].word in {",", "—", "–", "-"}):
            if apposed and tokens[start].low in LEAD_INS:
                return None
            return _ending_plain(tokens, end)
        end = start - 1
    return None


def _is_apposed(tokens: list[Token], start: int, end: int) -> bool:
    """Say whether words between commas belong to a name before them: a title, a place, an age."""
    first = tokens[start]
    if first.low in APPOSITION or first.word[0].isdigit() or first.low.endswith(("ing", "ed")):
        return True
    if end - start > 2 or start < 2 or tokens[start - 1].word != ",":
        return False
    return tokens[start - 2].is_name and all(t.is_name for t in tokens[start:end])


def _ending_plain(tokens: list[Token], at: int) -> Phrase | None:
    while at and tokens[at - 1].word == ")":
        opening = next((i for i in range(at - 1, -1, -1) if tokens[i].word == "("), None)
        if opening is None:
            return None
        at = opening
    if at <= 0:
        return None
    last = tokens[at - 1]
    if last.low in PRONOUNS:
        return Phrase(last.start, last.end, "pronoun")
    if last.low in CONJUNCTIONS:
        return _of_clause(tokens, at - 1)
    if last.is_mark or last.low in STOPS or last.low in PREPOSITIONS or last.low in VERBS:
        return None
    start = _start_of(tokens, at)
    return _phrase(tokens, start, at)


def _of_clause(tokens: list[Token], at: int) -> Phrase | None:
    """Find the subject of a clause that goes on with "and": the phrase behind its last comma."""
    start = at
    while start and tokens[start - 1].word not in {",", ";", "—", "–"}:
        start -= 1
    if start < at and _leads_in(tokens[start]):
        return None
    return _starting(tokens[:at], start)


def _start_of(tokens: list[Token], at: int) -> int:
    """Walk left from the end of a noun phrase to its first word."""
    floor = max(0, at - _LONGEST_PHRASE)
    k = at - 1
    while True:
        k = _over_one_phrase(tokens, k, floor)
        if k <= floor or not _is_linked(tokens, k):
            return k + 1
        k -= 1


def _over_one_phrase(tokens: list[Token], k: int, floor: int) -> int:
    """Walk over a noun phrase without "of …" and the like; return the token before it."""
    if tokens[k].is_name or tokens[k].low in PARTICLES:
        k = _over_roles(tokens, _over_names(tokens, k, floor), floor)
    else:
        while k >= floor and _is_nounish(tokens[k]):
            k -= 1
    if k < floor or tokens[k].low not in DETERMINERS or tokens[k].low == "that":
        return k
    return k - 1


def _is_linked(tokens: list[Token], k: int) -> bool:
    """Say whether ``tokens[k]`` ties what follows it to a noun on its left."""
    before = tokens[k - 1]
    return tokens[k].low in LINKS and _is_nounish(before) and not before.is_name


def _is_nounish(token: Token) -> bool:
    low = token.low
    return not (
        token.is_mark
        or low in STOPS
        or low in PREPOSITIONS
        or low in DETERMINERS
        or low in PRONOUNS
        or low in VERBS
    )


def _over_names(tokens: list[Token], k: int, floor: int) -> int:
    while k >= floor and (tokens[k].is_name or tokens[k].low in PARTICLES or tokens[k].word == "&"):
        if tokens[k].low in LEAD_INS or tokens[k].low in STOPS:
            break
        k -= 1
    return k


def _over_roles(tokens: list[Token], k: int, floor: int) -> int:
    """Take lower-case titles before a name: up to a determiner, or as long as they are roles."""
    reach = k
    while reach >= floor and k - reach < 6 and _is_nounish(tokens[reach]):
        reach -= 1
    if reach >= floor and reach < k and tokens[reach].low in DETERMINERS:
        return reach
    while (
        k >= floor
        and _is_nounish(tokens[k])
        and (tokens[k].low in ROLES or _AGENT.match(tokens[k].word))
    ):
        k -= 1
    return k


def _starting(tokens: list[Token], at: int) -> Phrase | None:
    """Find the noun phrase that begins at ``tokens[at]``."""
    if at >= len(tokens):
        return None
    first = tokens[at]
    if first.low in PRONOUNS and (first.low not in DETERMINERS or at + 1 == len(tokens)):
        return Phrase(first.start, first.end, "pronoun")
    if first.is_mark or first.low in LEAD_INS or first.low in STOPS:
        return None
    if not (first.is_name or _may_start(first)):
        return None
    return _phrase(tokens, at, _end_of(tokens, at))


def _may_start(token: Token) -> bool:
    low = token.low
    if low in DETERMINERS or low in ROLES:
        return True
    return _is_nounish(token) and (_AGENT.match(low) is not None or low.endswith("s"))


def _end_of(tokens: list[Token], at: int) -> int:
    """Walk right from the start of a noun phrase to its end."""
    end, limit, named = at, min(len(tokens), at + _LONGEST_PHRASE), False
    while end < limit:
        token = tokens[end]
        if token.is_mark or token.low in TIMES or (token.low in STOPS and end > at):
            break
        if token.is_name:
            named = True
        elif token.low in PREPOSITIONS:
            if not _leads_on(tokens, end, limit):
                break
            named = False
        elif named and token.low not in PARTICLES:
            break
        end += 1
    while end > at and tokens[end - 1].low in DETERMINERS | PARTICLES | LINKS:
        end -= 1
    return end


def _leads_on(tokens: list[Token], at: int, limit: int) -> bool:
    """Say whether a preposition goes on with a noun phrase, as in "head of the union"."""
    if tokens[at].low not in {"of", "for", "at", "from", "with"} or at + 1 >= limit:
        return False
    return tokens[at + 1].is_name or tokens[at + 1].low in DETERMINERS


def _phrase(tokens: list[Token], start: int, end: int) -> Phrase | None:
    while start < end and (
        tokens[start].is_mark or tokens[start].low in CONJUNCTIONS or tokens[start].low in LINKS
    ):
        start += 1
    if start >= end:
        return None
    words = tokens[start:end]
    if all(word.low in NOT_SPEAKERS or word.low in DETERMINERS for word in words):
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
