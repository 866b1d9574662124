"""The forms under which a term is looked for: inflected, and with hyphens or spaces.

They are listed for the editor, who can see what an entry will find before it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from labeling.suggest.lexicon_terms import Term

_IRREGULAR = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "people",
    "wife": "wives",
    "life": "lives",
    "thief": "thieves",
    "elf": "elves",
    "half": "halves",
    "foot": "feet",
    "mouse": "mice",
    "crisis": "crises",
    "media": "media",
    "police": "police",
}
_SIBILANT = re.compile(r"(?:s|x|z|ch|sh)$", re.IGNORECASE)
_CONSONANT_Y = re.compile(r"[^aeiou]y$", re.IGNORECASE)
_ONE_SYLLABLE = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]", re.IGNORECASE)


class Form(NamedTuple):
    """A form of a term, and how it came about: a few words for the editor.

    ``given`` says that somebody wrote this form down; the others were made by rule.
    """

    text: str
    why: str
    given: bool = False


def forms_of(term: Term) -> tuple[Form, ...]:
    """Every form a term is looked for in, the given ones first; no form is listed twice."""
    forms: dict[str, Form] = {}
    for base, why in ((term.surface, "as written"), *((v, "variant") for v in term.variants)):
        forms.setdefault(base, Form(base, why, given=True))
    for base in list(forms):
        for text, why in _inflected(base, term.part):
            forms.setdefault(text, Form(text, why))
    for text, form in list(forms.items()):
        for spelled in _spelled(text):
            forms.setdefault(spelled, Form(spelled, f"{form.why}, spelled {_how(spelled)}"))
    return tuple(forms.values())


def plural(word: str) -> str:
    """The plural of the last word of a phrase."""
    head, last = _last(word)
    low = last.lower()
    if low in _IRREGULAR:
        many = _IRREGULAR[low]
        return head + (many.capitalize() if last[0].isupper() else many)
    if _CONSONANT_Y.search(last):
        return f"{head}{last[:-1]}ies"
    return f"{head}{last}es" if _SIBILANT.search(last) else f"{head}{last}s"


def _inflected(base: str, part: str) -> Iterator[tuple[str, str]]:
    if part == "noun":
        many = plural(base)
        yield many, "plural"
        for text in (base, many):
            # After an s the apostrophe alone makes the possessive: the plain form finds it.
            if not text.endswith(("s", "S")):
                yield f"{text}'s", "possessive"
    elif part == "verb":
        verb, space, rest = base.partition(" ")
        for text, why in _verb_forms(verb):
            yield text + space + rest, why


def _verb_forms(verb: str) -> Iterator[tuple[str, str]]:
    if _CONSONANT_Y.search(verb):
        yield f"{verb[:-1]}ies", "third person"
        yield f"{verb[:-1]}ied", "past"
        yield f"{verb}ing", "participle"
        return
    stem = verb + verb[-1] if _ONE_SYLLABLE.fullmatch(verb) else verb
    dropped = verb[:-1] if verb.endswith("e") else stem
    yield f"{verb}es" if _SIBILANT.search(verb) else f"{verb}s", "third person"
    yield f"{dropped}ed", "past"
    yield f"{dropped}ing" if not verb.endswith("ee") else f"{verb}ing", "participle"


def _spelled(text: str) -> Iterator[str]:
    for spelled in (text.replace("-", " "), text.replace(" ", "-")):
        if spelled != text:
            yield spelled


def _how(spelled: str) -> str:
    return "with hyphens" if "-" in spelled else "apart"


def _last(word: str) -> tuple[str, str]:
    cut = max(word.rfind(" "), word.rfind("-")) + 1
    return word[:cut], word[cut:]
