"""Lines that say who wrote an article: bylines, posts and sign-offs.

The rules count kinds of words (capitalised, date-like, of the trade) instead of matching long
patterns, so they take time linear in the line, and they name no person and no outlet.
"""

from __future__ import annotations

import re

from labeling.text.datelines import is_capitalised, is_date_word, is_day_or_month, words_of

_LONGEST = 160
_BY = re.compile(
    r"(?:(?:written|words|text|story|reported|reporting|analysis|opinion|review|report|interview"
    r"|exclusive|edited|posted|published) )?by(?:: ?| )",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"[(\[—–-]* ?(?:additional reporting|reporting|writing|editing|compiled|additional research)"
    r"(?: and (?:writing|editing))? (?:by|from)\b",
    re.IGNORECASE,
)
_CONTRIBUTED = re.compile(
    r"\bcontributed (?:to this (?:report|story|article)|reporting)\b[^.]{0,60}\.?$"
)
_HANDLE = re.compile(r"(?:\S{1,30} ){0,4}[(\[]?@\w{2,30}[)\]]?\.?")


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PARTICLES = _word_set("de da do dos das del della di du la le van von der den ter bin ibn al y")
_POSTS = _word_set(
    "writer reporter correspondent editor columnist contributor journalist producer analyst"
    " writers reporters correspondents editors contributors chief staff newsroom desk"
)
_TRADE = _POSTS | _word_set(
    "and with for in at of the to on from & senior special our own bureau press agency agencies"
    " political health education environment economics business crime courts home foreign"
    " diplomatic parliamentary national local science social affairs investigations reports"
    " reporting photographer"
)


def sign_off_reason(line: str) -> str:
    """Say why a line, anywhere in an article, credits the people behind it ("" if it does not)."""
    if len(line) > 2 * _LONGEST:
        return ""
    if _SIGN_OFF.match(line) or ("contributed" in line and _CONTRIBUTED.search(line)):
        return "names who reported or edited"
    return "a handle alone" if line[0] == "@" and _HANDLE.fullmatch(line) else ""


def byline_reason(line: str) -> str:
    """Say why a line above the body is a byline ("" if it is not)."""
    if len(line) > _LONGEST:
        return ""
    if by := _BY.match(line):
        return "begins with By and a name" if _is_names(line[by.end() :]) else ""
    if _HANDLE.fullmatch(line):
        return "a name with a handle"
    return "a name and a post" if _is_name_and_post(line) else ""


def is_bare_name(line: str) -> bool:
    """Tell whether a line is two to four capitalised words: a name, if its neighbours agree."""
    words = line.split()
    if not 2 <= len(words) <= 4 or not line[0].isalpha() or line[-1] in ".,:;!?":
        return False
    return all(is_capitalised(word) or word in _PARTICLES for word in words)


def is_post(line: str) -> bool:
    """Tell whether a line is a post alone, such as "Senior Health Correspondent"."""
    words = [word.casefold() for word in words_of(line)]
    return len(words) <= 6 and bool(_POSTS.intersection(words)) and _TRADE.issuperset(words)


def _is_names(rest: str) -> bool:
    words = words_of(rest)
    if not words or len(words) > 20 or not is_capitalised(words[0]):
        return False
    if is_day_or_month(words[0]) and len(words) < 3:
        return False
    return all(_may_stand_in_byline(word) for word in words)


def _may_stand_in_byline(word: str) -> bool:
    bare = word.rstrip(".,:")
    return (
        is_capitalised(bare)
        or bare.casefold() in _PARTICLES
        or bare.casefold() in _TRADE
        or word.startswith("@")
        or is_date_word(word)
    )


def _is_name_and_post(line: str) -> bool:
    parts = re.split(r" ?(?:[,|·•]| [–—-]) ", line)
    if len(parts) < 2 or line[-1] in ".!?":
        return False
    posts = [part for part in parts[1:] if _POSTS.intersection(part.casefold().split())]
    return is_bare_name(parts[0]) and bool(posts) and all(_is_names(part) for part in parts[1:])
