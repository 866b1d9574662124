"""How many articles of the desk hold each value: in each state, of each outlet, of each term."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models.moderation import DeskArticle
from app.queries.desk import AGES, STATES, DeskChoice, count_desk, states_of
from app.queries.desk_counts import count_facet

_SHOWN = 12

# Values, and how many articles hold each.
_Pairs = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Facets:
    """How many articles hold each value; those of the state that is looked at."""

    state: _Pairs
    outlet: _Pairs
    section: _Pairs
    day: _Pairs
    age: _Pairs
    policy: _Pairs
    term: _Pairs
    voice: _Pairs


def get_facets(session: Session, choice: DeskChoice, *, now: datetime) -> Facets:
    """The facets with their counts."""
    states = states_of(choice)
    by_state, days = _states_and_days(session, states)
    return Facets(
        state=by_state,
        outlet=_counted(session, DeskArticle.outlet, states),
        section=_counted(session, DeskArticle.section, states),
        day=days,
        age=tuple((name, count_desk(session, DeskChoice(age=name), now=now)) for name in AGES),
        policy=count_facet(session, "policy"),
        term=count_facet(session, "term"),
        voice=count_facet(session, "voice"),
    )


def count_found(session: Session, choice: DeskChoice, facets: Facets, *, now: datetime) -> int:
    """How many articles a choice holds; where only a state is chosen, the facets know."""
    if choice == DeskChoice(state=choice.state):
        counts = dict(facets.state)
        return sum(counts.get(state, 0) for state in states_of(choice))
    return count_desk(session, choice, now=now)


def _states_and_days(session: Session, states: Sequence[str]) -> tuple[_Pairs, _Pairs]:
    """The states, and the newest days among those that are looked at: one walk for both."""
    rows = session.execute(_grouped(DeskArticle.published_on, STATES))
    by_state, by_day = Counter[str](), Counter[str]()
    for state, day, n in rows:
        by_state[state] += n
        if state in states:
            by_day[day] += n
    newest = sorted(by_day.items(), reverse=True)[:_SHOWN]
    return tuple((state, by_state[state]) for state in STATES), tuple(newest)


def _counted(session: Session, column: InstrumentedAttribute[str], states: Sequence[str]) -> _Pairs:
    each = _grouped(column, states).subquery()
    n = func.sum(each.c.n)
    rows = session.execute(
        select(each.c.value, n)
        .group_by(each.c.value)
        .order_by(n.desc(), each.c.value)
        .limit(_SHOWN)
    )
    return tuple((value, int(count)) for value, count in rows)


def _grouped(column: InstrumentedAttribute[str], states: Sequence[str]) -> Select[str, str, int]:
    """How many articles hold each value in each state: as an index has them, nothing is sorted."""
    return (
        select(DeskArticle.state, column.label("value"), func.count().label("n"))
        .where(DeskArticle.state.in_(states))
        .group_by(DeskArticle.state, column)
    )
