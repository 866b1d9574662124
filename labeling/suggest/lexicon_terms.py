"""A term of the term bank: a wording that is worth a look, and what is known about it.

Nothing here says that a wording is wrong. A term has a side that tends to use it and, where
there is one, a mirror: the counterpart of the other side.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labeling.errors import LabelingError

TYPES = ("naming", "emotive", "euphemism", "intensity", "presupposing")
LEANS = ("left", "right", "state", "opposition", "none")
CASES = ("any", "exact", "initial")
PARTS = ("noun", "verb", "fixed")
STATUSES = ("active", "muted")

LONGEST = {"key": 80, "surface": 120, "topic": 60, "about": 200, "note": 1000}
MOST_VARIANTS = 40
MOST_ALTERNATIVES = 20
# What shapes the answers of the lexicon; the rest is for people to read.
_SHAPING = ("key", "surface", "variants", "part", "case", "type")
_NOT_PLAIN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class TermError(LabelingError):
    """A term cannot be used as it is given."""

    kind = "bad_term"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the term bank.

    Args:
        key: its id: lower-case letters, digits and hyphens.
        surface: the wording as one would look it up.
        variants: other wordings, irregular forms among them.
        part: ``noun`` and ``verb`` are inflected, ``fixed`` stands as it is.
        case: ``any``; ``exact``: letter for letter; ``initial``: begins with a capital.
        type: what the wording does, in the words of the scheme ``news``.
        topic: what it is about, such as ``migration``.
        leans: who tends to use it.
        about: whom or what it is said of.
        alternatives: plainer wordings.
        note: why it is worth a look.
        mirror_of: the key of its counterpart; empty where there is none.
        status: ``muted`` terms are kept and not suggested.
    """

    key: str
    surface: str
    variants: tuple[str, ...] = ()
    part: str = "noun"
    case: str = "any"
    type: str = "naming"
    topic: str = ""
    leans: str = "none"
    about: str = ""
    alternatives: tuple[str, ...] = ()
    note: str = ""
    mirror_of: str = ""
    status: str = "active"


def key_of(surface: str) -> str:
    """A key for a wording: its letters and digits, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", surface.replace("'", "").replace("’", ""))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower().encode("ascii", "ignore").decode()).strip("-")[
        : LONGEST["key"]
    ]


def make_term(values: Mapping[str, Any]) -> Term:
    """Check the values of a term and give it a key, if it has none.

    Args:
        values: by the names of the fields of ``Term``; what is missing has its default.

    Raises:
        TermError: the message names the field and what may stand there.
    """
    given = {name: value for name, value in values.items() if value not in ("", None)}
    given.setdefault("key", key_of(str(given.get("surface", ""))))
    for name in ("variants", "alternatives"):
        given[name] = tuple(dict.fromkeys(given.get(name, ())))
    term = Term(**{"surface": "", **given})
    problem = _problem_of(term)
    if problem:
        raise TermError(problem, remedy="Mend the term and import it again.")
    return term


def terms_sha(terms: Iterable[Term]) -> str:
    """Name what a term bank answers with: the sha256 of all that shapes it.

    Muted terms take no part, nor do notes, alternatives and leans: to change them changes no
    suggestion.
    """
    shaping = sorted(
        [getattr(term, name) for name in _SHAPING] for term in terms if term.status == "active"
    )
    return hashlib.sha256(json.dumps(shaping, ensure_ascii=True).encode("ascii")).hexdigest()


def _problem_of(term: Term) -> str:
    return (
        _wrong_text(term)
        or _wrong_choice(term)
        or _wrong_wording(term)
        or ("" if term.topic else "topic is empty; it says what the term is about.")
    )


def _wrong_text(term: Term) -> str:
    for name, most in LONGEST.items():
        value = getattr(term, name)
        if len(value) > most:
            return f"{name} has {len(value):,} characters, but there is room for {most}."
        if _NOT_PLAIN.search(value):
            return f"{name} holds a line end, a NUL or half a character; write it on one line."
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", term.key):
        return f"id {term.key!r} must be lower-case letters, digits and hyphens."
    return ""


def _wrong_choice(term: Term) -> str:
    choices = (("type", TYPES), ("leans", LEANS), ("case", CASES), ("part", PARTS))
    for name, known in (*choices, ("status", STATUSES)):
        value = getattr(term, name)
        if value not in known:
            return f"{name} {value!r} is none of {', '.join(known)}."
    return ""


def _wrong_wording(term: Term) -> str:
    if len(term.variants) > MOST_VARIANTS or len(term.alternatives) > MOST_ALTERNATIVES:
        return f"there is room for {MOST_VARIANTS} variants and {MOST_ALTERNATIVES} alternatives."
    for wording in (term.surface, *term.variants, *term.alternatives):
        if len(wording) > LONGEST["surface"] or _NOT_PLAIN.search(wording):
            return f"the wording {wording[:40]!r} is too long, or not on one line."
    for wording in (term.surface, *term.variants):
        if sum(char.isalnum() for char in wording) < 2 or wording != wording.strip():
            return f"the wording {wording!r} needs two letters and no space around it."
    if term.mirror_of == term.key:
        return "a term cannot be its own mirror."
    return ""
