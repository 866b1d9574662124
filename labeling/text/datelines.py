"""Lines that say where and when an article was written: datelines, dates and times alone.

The rules look at one word after another and take time linear in the line.
"""

from __future__ import annotations

import re

_LONGEST = 160
_PARTS = re.compile(r"[\s,;|·•()\[\]]+|(?<=\s)[–—-]+(?=\s)|[–—]+$")
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAY = (
    r"mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?"
)
_WHEN = re.compile(rf"(?:{_MONTH}|{_DAY})\.?", re.IGNORECASE)
_CLOCK = re.compile(
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:am|pm|h)?|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}"
    r"|\d{4}-\d\d-\d\dT\S{1,20}|\d{1,2}(?:am|pm)",
    re.IGNORECASE,
)
_DATE_WORD = re.compile(
    r"\d{1,4}(?:st|nd|rd|th)?[.:]?|a\.?m\.?|p\.?m\.?|gmt|utc|bst|est|edt|cet|cest|pst|pdt|cst|cdt"
    r"|mst|mdt|et|pt|ist|z|on|at|of|the|and|o[’']clock|ago|hours?|minutes?|mins?|days?|today"
    r"|yesterday|local|time|first|last|[–—:-]+",
    re.IGNORECASE,
)
_STAMP = re.compile(
    r"(?:(?:first |last )?(?:published|updated|posted|modified|edited|created|issued)|date)"
    r"(?: (?:on|at))?:?",
    re.IGNORECASE,
)
_AGO = re.compile(r"\d{1,3} (?:minutes?|mins?|hours?|hrs?|days?|weeks?) ago", re.IGNORECASE)
_HOUR = re.compile(r"\d{1,2} (?:a\.?m\.?|p\.?m\.?|o[’']clock)", re.IGNORECASE)
_BRACKETS = re.compile(r" ?\([^()]{1,40}\)")


def date_reason(line: str) -> str:
    """Say why a line is nothing but a date or a time ("" if it is not)."""
    if len(line) > _LONGEST:
        return ""
    stamp = _STAMP.match(line)
    rest = line[stamp.end() :] if stamp else line
    if not stamp and not _may_start_date(line):
        return ""
    dated = False
    for word in words_of(rest):
        dated = dated or is_day_or_month(word) or bool(_CLOCK.fullmatch(word))
        if not (is_day_or_month(word) or is_date_word(word) or _STAMP.fullmatch(word)):
            return ""
    if stamp and words_of(rest):
        return "says when the article was published"
    has_digit = any(char.isdigit() for char in rest)
    if has_digit and (dated or _AGO.match(line) or _HOUR.match(line)):
        return "a date or a time alone"
    return ""


def place_reason(line: str) -> str:
    """Say why a line above the body is a place with a date or a dash ("" if it is not)."""
    dashed = line[-1] in "–—-"
    bare = _BRACKETS.sub("", line.rstrip("–—- "), count=1)
    parts = [part.strip() for part in bare.split(",")]
    if len(line) > 80 or not all(parts):
        return ""
    place = parts[0].split()
    if len(place) > 4 or not all(is_capitalised(word) for word in place):
        return ""
    dated = any(date_reason(part) for part in parts[1:])
    if not all(date_reason(part) or _is_short_place(part) for part in parts[1:]):
        return ""
    if dashed or (parts[0].isupper() and (dated or len(parts) > 1 or bare != line)):
        return "a place on a line of its own, as datelines are"
    return ""


def _may_start_date(line: str) -> bool:
    # Nearly every line is prose: one look at its first word spares cutting it into words.
    first = line.lstrip("([–—-").split(None, 1)
    return bool(first) and (is_date_word(first[0].rstrip(",")) or is_day_or_month(first[0]))


def _is_short_place(part: str) -> bool:
    words = part.split()
    return len(words) <= 3 and all(is_capitalised(word) or word.isdigit() for word in words)


def words_of(line: str) -> list[str]:
    """Cut a line into words at whitespace, commas, bars, brackets and lone dashes."""
    return [word for word in _PARTS.split(line) if word]


def is_capitalised(word: str) -> bool:
    """Tell whether the first letter of a word is a capital."""
    letter = next((char for char in word if char.isalpha()), "")
    return letter.isupper()


def is_day_or_month(word: str) -> bool:
    """Tell whether a word is the name of a weekday or a month, short or long."""
    return _WHEN.fullmatch(word.rstrip(".,:")) is not None


def is_date_word(word: str) -> bool:
    """Tell whether a word may stand in a date: a number, a time, "on", "ago" and the like."""
    return bool(_CLOCK.fullmatch(word.rstrip(".,:")) or _DATE_WORD.fullmatch(word))
