"""What a term's page is asked for by its address, and addresses of such pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask, request, url_for

from app.queries.term_contexts import LOOKS, SORTS, Choice
from labeling.concordance import find_term
from labeling.suggest.lexicon_forms import Form, forms_of
from labeling.suggest.lexicon_terms import Term

NO_LABEL = "none"
# Addresses below /terms that are pages of their own.
_TAKEN = {"look", "counts", "review", "evenness", "outlets"}
_KEPT = (
    *("outlet", "since", "until", "voice", "state", "annotator", "label", "look"),
    *("exact", "sort"),
)
_PLAIN = re.compile(r"[\w'’-]+( [\w'’-]+)*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A term with the forms that count as it, and which of its places are wanted."""

    term: str
    bank: Term | None
    forms: tuple[str, ...]
    whys: Mapping[str, str]
    choice: Choice
    sort: str | None
    exact: bool


def asked_of(term: str, bank: Term | None) -> Asked:
    """What is asked for; ``bank`` is the term of the term bank with these words, if there is one.

    Raises:
        TermError: the term cannot be looked for.
    """
    find_term("", term)
    exact = request.args.get("exact") == "1"
    forms: tuple[Form, ...] = forms_of(bank) if bank and not exact else (Form(term, "as written"),)
    sort = request.args.get("sort")
    return Asked(
        term=bank.surface if bank and not exact else term,
        bank=bank,
        forms=tuple(form.text for form in forms),
        whys={form.text: form.why for form in forms},
        choice=read_choice(),
        sort=sort if sort in SORTS else None,
        exact=exact,
    )


def read_choice() -> Choice:
    """Which places are wanted, by the address; what cannot be understood is left out."""
    given = request.args
    look = given.get("look")
    label = given.get("label") or None
    return Choice(
        outlet=given.get("outlet"),
        since=_day(given.get("since")),
        until=_day(given.get("until")),
        voice=given.get("voice") or None,
        state=given.get("state") or None,
        annotator=given.get("annotator") or None,
        label="" if label == NO_LABEL else label,
        look=look if look in LOOKS else None,
    )


def term_url(term: str, **query: Any) -> str:
    """The address of a term's page: with the term in it where an address can hold it."""
    if _PLAIN.fullmatch(term) and term not in _TAKEN:
        return url_for("terms.show_term", term=term, **query)
    return url_for("terms.look_up", term=term, **query)


def place_url(asked: Asked, **changes: Any) -> str:
    """This term's page with what is chosen now but for some changes; None takes a part away."""
    return term_url(asked.term, **_query(changes))


def counts_url(asked: Asked) -> str:
    """The counts beside this page."""
    return url_for("terms.show_counts", term=asked.term, **_query({}))


def voice_words(voice: str) -> str:
    """A voice as a page says it."""
    return "outlet's own" if voice == "outlet" else voice


def init_app(app: Flask) -> None:
    """Give the templates the addresses of places, and the words for a voice."""
    for function in (term_url, place_url, counts_url, voice_words):
        app.add_template_global(function, function.__name__)


def _query(changes: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: request.args[name] for name in _KEPT if name in request.args}
    return {name: value for name, value in {**kept, **changes}.items() if value is not None}


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
