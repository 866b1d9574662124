"""Who suggests in this instance: the built-in suggesters, third parties', and what was set."""

from __future__ import annotations

import json
from collections import OrderedDict
from importlib.metadata import entry_points
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.suggestions import SuggesterOption
from app.queries.lexicon import current_terms, newest_version
from labeling.suggest.interface import ENTRY_POINT_GROUP, Suggester
from labeling.suggest.lexicon import Lexicon, LexiconSuggester
from labeling.suggest.lineup import NAME, Lineup

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
    """Look again at what is set: this session has changed it."""
    session.info.pop(_IN_SESSION, None)


def _build(session: Session, options: dict[str, dict[str, Any]]) -> Lineup:
    suggesters: list[Suggester] = []
    broken: dict[str, str] = {}
    built_in: dict[str, Any] = {
        "quotes": _quotes,
        "lexicon": lambda _: LexiconSuggester(Lexicon(current_terms(session)).build()),
    }
    for name, make in {**built_in, **_third_parties(frozenset(built_in))}.items():
        given = options.get(name, {})
        if not given.get("enabled", True):
            continue
        try:
            suggesters.append(_check(name, make(given)))
        except Exception as err:  # noqa: BLE001 - a suggester that cannot be made is recorded
            broken[name] = f"{type(err).__name__}: {err}"[:500]
    return Lineup(suggesters, broken)


def _quotes(_options: dict[str, Any]) -> Suggester:
    from labeling.suggest.quotes import QuoteSuggester

    return QuoteSuggester()


def _third_parties(taken: frozenset[str]) -> dict[str, Any]:
    """Third parties' suggesters by name; a name that is taken or unfit is left out."""
    found: dict[str, Any] = {}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name not in taken and NAME.fullmatch(point.name):
            found[point.name] = lambda _, point=point: _loaded(point.load())
    return found


def _loaded(thing: Any) -> Any:
    """An entry point gives a suggester, or a class or function that makes one."""
    return thing if isinstance(thing, Suggester) and not isinstance(thing, type) else thing()


def _check(name: str, suggester: Any) -> Suggester:
    if not isinstance(suggester, Suggester):
        raise TypeError("it has not all that a suggester has (name, version, config_sha, suggest)")
    if suggester.name != name:
        raise ValueError(f"it calls itself {suggester.name!r}")
    return suggester
