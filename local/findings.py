"""What a reader would mark in a passage, found by a few plain rules.

This is the raw material of simulated annotators and nothing else: it need not be right, only
plausible. The suggestions people see come from ``labeling.suggest``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTE = re.compile(r"“[^”]+”|“[^”]+$|(?<!\w)\"[^\"]+\"")
_CUES = (
    "said|says|told|added|argued|warned|insisted|claimed|replied|asked|called|explained|"
    "announced|wrote|admitted|promised|stressed|noted|tweeted|according to"
)
_CUE = re.compile(rf"\b(?:{_CUES})\b")
_NAME_WORD = r"[^\W\d_a-zà-ÿ][\w’'-]*"
_NAME = re.compile(rf"\b{_NAME_WORD}(?:(?: (?:of|for|de|van|von|the))? {_NAME_WORD})*")
_PRONOUN = re.compile(r"\b(?:he|she|they)\b")
_ORG = re.compile(
    r"\b(?:Agency|Alliance|Assembly|Association|Authority|Bank|Board|Bureau|Chamber|Coalition|"
    r"College|Commission|Committee|Congress|Council|Court|Department|Federation|Foundation|"
    r"Group|Institute|Ministry|Movement|Office|Parliament|Party|Police|Senate|Service|Society|"
    r"Trust|Union|University|[A-Z]{2,})\b"
)
_STARTER = re.compile(
    r"(?:A|After|All|An|And|As|At|Before|But|By|Critics|Even|For|From|He|Her|His|However|I|If|"
    r"In|It|Its|Last|Many|More|Most|My|New|No|Not|Nobody|On|One|Our|She|Since|So|Some|That|The|"
    r"Their|Then|There|These|They|This|Those|Three|Two|Under|Until|We|What|When|Where|While|"
    r"Who|Why|With|You|Your)"
)
_PLACE_BEFORE = re.compile(r"\b(?:in|from|near|across|outside|to)\s+$")
_LOADED = re.compile(
    r"\b(?:illegal aliens?|open-borders lobby|undocumented migrants?|death tax|job-killing|"
    r"super-rich|corporate greed|greedy landlords?|pro-abortion|anti-choice|alarmists?|deniers?|"
    r"terror groups?|terrorists?|freedom fighters?|gun-grabbers?|gun lobby|soft on crime|"
    r"police brutality|zealots?|radical left|far[- ]right|indoctrinat\w+|woke activists?|"
    r"book[- ]bann\w+|activist judges?|court[- ]packing|right-wing press|so-called|crackdown|"
    r"regime|extremists?|elites?|invasion|slammed|bloated|witch[- ]hunt|bullied)\b",
    re.IGNORECASE,
)
_REACH = 90


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch a careful reader would mark.

    Args:
        layer: ``entity``, ``quote`` or ``loaded``.
        label: a label of that layer.
        start: first code point.
        end: behind the last code point.
        belongs_to: the start of the quote a speaker or cue belongs to; None elsewhere.
    """

    layer: str
    label: str
    start: int
    end: int
    belongs_to: int | None = None


def find(text: str) -> list[Finding]:
    """Everything the rules find in a passage, ordered by where it stands."""
    found = [*_quotes(text), *_entities(text), *_loaded(text)]
    return sorted(set(found), key=lambda one: (one.start, one.end, one.layer, one.label))


def _quotes(text: str) -> list[Finding]:
    found: list[Finding] = []
    for quote in _QUOTE.finditer(text):
        start, end = quote.span()
        found.append(Finding("quote", "QUOTE", start, end))
        cue = _nearest(_CUE, text, start, end)
        if cue is None:
            continue
        found.append(Finding("quote", "CUE", *cue, belongs_to=start))
        speaker = _speaker(text, cue, (start, end))
        if speaker is not None:
            found.append(Finding("quote", "SPEAKER", *speaker, belongs_to=start))
    return found


def _nearest(pattern: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int] | None:
    """The match just behind a stretch, or else the last one just before it."""
    behind = pattern.search(text, end, min(len(text), end + _REACH))
    if behind is not None:
        return behind.span()
    before = list(pattern.finditer(text, max(0, start - _REACH), start))
    return before[-1].span() if before else None


def _speaker(text: str, cue: tuple[int, int], quote: tuple[int, int]) -> tuple[int, int] | None:
    around = max(0, cue[0] - _REACH), min(len(text), cue[1] + _REACH)
    candidates = [
        match.span()
        for pattern in (_NAME, _PRONOUN)
        for match in pattern.finditer(text, *around)
        if (match.end() <= quote[0] or match.start() >= quote[1])
        and not _STARTER.fullmatch(match[0])
    ]
    if not candidates:
        return None
    return min(candidates, key=lambda span: min(abs(span[0] - cue[1]), abs(cue[0] - span[1])))


def _entities(text: str) -> list[Finding]:
    found = []
    for match in _NAME.finditer(text):
        start, end = _without_starter(match.start(), match.end(), text)
        if start >= end or not _is_name(text, start, end):
            continue
        found.append(Finding("entity", _kind(text, start, end), start, end))
    return found


def _without_starter(start: int, end: int, text: str) -> tuple[int, int]:
    first, space, _ = text[start:end].partition(" ")
    if not _STARTER.fullmatch(first):
        return start, end
    return (start + len(first) + 1, end) if space else (end, end)


def _is_name(text: str, start: int, end: int) -> bool:
    """One capitalised word that opens a sentence is more likely a plain word."""
    opens = start == 0 or text[:start].rstrip(" \n“\"'").endswith((".", "!", "?", ":"))
    return " " in text[start:end] or not (opens or text[:start].strip(" \n“\"'") == "")


def _kind(text: str, start: int, end: int) -> str:
    words = text[start:end].split()
    if _ORG.search(text, start, end):
        return "ORG"
    if _PLACE_BEFORE.search(text[:start]):
        return "GPE"
    return "PERSON" if len(words) in {2, 3} else "ORG"


def _loaded(text: str) -> list[Finding]:
    return [Finding("loaded", "LOADED_TERM", *match.span()) for match in _LOADED.finditer(text)]
