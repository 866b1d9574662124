"""Who speaks before a verb: the subject, read from right to left by word classes and capitals."""

from __future__ import annotations

from labeling.suggest.quotes.cues import VERBS
from labeling.suggest.quotes.phrases import (
    AGENT,
    LONGEST_PHRASE,
    is_nounish,
    leads_in,
    phrase_of,
    starting,
)
from labeling.suggest.quotes.tokens import WINDOW, Phrase, Token, tokens_of
from labeling.suggest.quotes.words import (
    APPOSITION,
    BETWEEN,
    CONJUNCTIONS,
    DETERMINERS,
    LEAD_INS,
    LINKS,
    PARTICLES,
    PREPOSITIONS,
    PRONOUNS,
    RELATIVES,
    ROLES,
    STOPS,
    TIMES,
    word_set,
)

_NOT_LY = word_set("family ally assembly daily weekly monthly reply supply anomaly bully")


def subject_before(mask: str, start: int, end: int) -> Phrase | None:
    """Find the subject whose verb stands at ``end``."""
    tokens = tokens_of(mask, max(start, end - WINDOW), end)
    return _ending(tokens, _before_adverbs(tokens))


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
    return phrase_of(tokens, start, at)


def _of_clause(tokens: list[Token], at: int) -> Phrase | None:
    """Find the subject of a clause that goes on with "and": the phrase behind its last comma."""
    start = at
    while start and tokens[start - 1].word not in {",", ";", "—", "–"}:
        start -= 1
    if start < at and leads_in(tokens[start]):
        return None
    return starting(tokens[:at], start)


def _start_of(tokens: list[Token], at: int) -> int:
    """Walk left from the end of a noun phrase to its first word."""
    floor = max(0, at - LONGEST_PHRASE)
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
        while k >= floor and is_nounish(tokens[k]):
            k -= 1
    if k < floor or tokens[k].low not in DETERMINERS or tokens[k].low == "that":
        return k
    return k - 1


def _is_linked(tokens: list[Token], k: int) -> bool:
    """Say whether ``tokens[k]`` ties what follows it to a noun on its left."""
    before = tokens[k - 1]
    return tokens[k].low in LINKS and is_nounish(before) and not before.is_name


def _over_names(tokens: list[Token], k: int, floor: int) -> int:
    while k >= floor and (tokens[k].is_name or tokens[k].low in PARTICLES or tokens[k].word == "&"):
        if tokens[k].low in LEAD_INS or tokens[k].low in STOPS:
            break
        k -= 1
    return k


def _over_roles(tokens: list[Token], k: int, floor: int) -> int:
    """Take lower-case titles before a name: up to a determiner, or as long as they are roles."""
    reach = k
    while reach >= floor and k - reach < 6 and is_nounish(tokens[reach]):
        reach -= 1
    if reach >= floor and reach < k and tokens[reach].low in DETERMINERS:
        return reach
    while (
        k >= floor
        and is_nounish(tokens[k])
        and (tokens[k].low in ROLES or AGENT.match(tokens[k].word))
    ):
        k -= 1
    return k
