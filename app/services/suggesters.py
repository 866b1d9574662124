"""Who suggests in this instance: the built-in suggesters, third parties', and what was set."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.suggestions import ListedName, SuggesterOption
from app.queries.lexicon import current_terms, newest_version
from config import ROOT
from labeling.suggest.gazetteer import GazetteerSuggester, Name, read_names
from labeling.suggest.interface import ENTRY_POINT_GROUP, Suggester
from labeling.suggest.lexicon import Lexicon, LexiconSuggester
from labeling.suggest.lineup import NAME, Lineup
from labeling.suggest.spacy_adapter import SpacySuggester, load_pipeline

GAZETTEER_FILE = ROOT / "seeds" / "gazetteer" / "names.csv"
_IN_SESSION = "copydesk_lineup"
# Building a lexicon takes tens of milliseconds: it is kept for as long as nothing changes.
_BUILT: OrderedDict[str, Lineup] = OrderedDict()
_KEPT = 4


def lineup_of(session: Session) -> Lineup:
    """The suggesters as they are set now; made once for each state of the term bank."""
    known: Lineup | None = session.info.get(_IN_SESSION)
    if known is not None:
        return known
    newest = newest_version(session)
    options = {
        row.name: {"enabled": row.enabled, **row.options}
        for row in session.scalars(select(SuggesterOption).order_by(SuggesterOption.name))
    }
    key = json.dumps([newest.sha if newest else "", options], sort_keys=True)
    if key not in _BUILT:
        _BUILT[key] = _build(session, options)
        while len(_BUILT) > _KEPT:
            _BUILT.popitem(last=False)
    _BUILT.move_to_end(key)
    session.info[_IN_SESSION] = _BUILT[key]
    return _BUILT[key]


def forget_lineup(session: Session) -> None:
    """Look again at what is set: this transaction has changed it."""
    session.info.pop(_IN_SESSION, None)


def known_names() -> frozenset[str]:
    """Everybody who can be turned on or off here."""
    return frozenset(BUILT_IN) | _third_parties().keys()


def _build(session: Session, options: dict[str, dict[str, Any]]) -> Lineup:
    suggesters: list[Suggester] = []
    broken: dict[str, str] = {}
    for name, make in {**BUILT_IN, **_third_parties()}.items():
        given = options.get(name, {})
        if not given.get("enabled", name not in OFF_AT_FIRST):
            continue
        try:
            suggesters.append(_check(name, make(session, given)))
        except Exception as err:  # noqa: BLE001 - a suggester that cannot be made is recorded
            broken[name] = f"{type(err).__name__}: {err}"[:500]
    return Lineup(suggesters, broken)


def _quotes(_session: Session, _options: dict[str, Any]) -> Suggester:
    from labeling.suggest.quotes import QuoteSuggester

    return QuoteSuggester()


def _lexicon(session: Session, _options: dict[str, Any]) -> Suggester:
    return LexiconSuggester(Lexicon(current_terms(session)).build())


def _gazetteer(session: Session, _options: dict[str, Any]) -> Suggester:
    own = [
        Name(row.name, row.label, tuple(row.variants))
        for row in session.scalars(select(ListedName).order_by(ListedName.id))
    ]
    brought = read_names(GAZETTEER_FILE.read_bytes(), source=GAZETTEER_FILE.name).names
    # An instance's own names go first: of two entries with one spelling, the first counts.
    return GazetteerSuggester([*own, *brought])


def _spacy(_session: Session, options: dict[str, Any]) -> Suggester:
    return SpacySuggester(load_pipeline(options.get("pipeline", "")))


BUILT_IN: dict[str, Callable[[Session, dict[str, Any]], Any]] = {
    "quotes": _quotes,
    "lexicon": _lexicon,
    "gazetteer": _gazetteer,
    "spacy": _spacy,
}
# Only who has set a pipeline has one.
OFF_AT_FIRST = frozenset({"spacy"})


def _third_parties() -> dict[str, Callable[[Session, dict[str, Any]], Any]]:
    """Third parties' suggesters by name; a name that is taken or unfit is left out."""
    return {
        point.name: partial(_third_party, point)
        for point in entry_points(group=ENTRY_POINT_GROUP)
        if point.name not in BUILT_IN and NAME.fullmatch(point.name)
    }


def _third_party(point: EntryPoint, _session: Session, _options: dict[str, Any]) -> Any:
    """An entry point gives a suggester, or a class or function that makes one."""
    thing = point.load()
    return thing if isinstance(thing, Suggester) and not isinstance(thing, type) else thing()


def _check(name: str, suggester: Any) -> Suggester:
    if not isinstance(suggester, Suggester):
        raise TypeError("it has not all that a suggester has (name, version, config_sha, suggest)")
    if suggester.name != name:
        raise ValueError(f"it calls itself {suggester.name!r}")
    return suggester
