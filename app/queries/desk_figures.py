"""The desk in figures: what waits, how long a verdict takes, who decided how much."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.models.articles import Article
from app.models.moderation import DeskArticle, ModerationEvent
from labeling.moderation.history import OPEN, Act, State

# The median is taken over so many articles that were decided last.
LAST = 2_000


@dataclass(frozen=True, slots=True)
class Oldest:
    """The article that waits longest."""

    uid: str
    title: str
    since: datetime


@dataclass(slots=True)
class ModeratorFigures:
    """What one moderator did that still counts."""

    email: str
    fine: int = 0
    needs_edit: int = 0
    escalate: int = 0
    appeals: int = 0
    upheld: int = 0
    overturned: int = 0
    own_overturned: int = 0

    @property
    def verdicts(self) -> int:
        """All verdicts of theirs."""
        return self.fine + self.needs_edit + self.escalate


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """All figures. ``median_s``: from the desk to the verdict, over ``decided_n`` articles."""

    states: Mapping[str, int]
    oldest: Oldest | None
    median_s: float | None
    decided_n: int
    upheld: int
    overturned: int
    changed: int
    moderators: tuple[ModeratorFigures, ...] = field(default_factory=tuple)

    @property
    def answered(self) -> int:
        """How many appeals were answered."""
        return self.upheld + self.overturned

    def as_json(self) -> dict[str, Any]:
        """The figures for programs."""
        oldest = self.oldest
        return {
            "states": dict(self.states),
            "oldest": None
            if oldest is None
            else {"article": oldest.uid, "since": oldest.since.isoformat()},
            "time_to_decision_s": {"median": self.median_s, "n": self.decided_n},
            "appeals": {
                "upheld": self.upheld,
                "overturned": self.overturned,
                "overturn_rate": self.overturned / self.answered if self.answered else None,
                "n": self.answered,
            },
            "changed_since": self.changed,
            "moderators": [
                {
                    "moderator": one.email,
                    "verdicts": one.verdicts,
                    "fine": one.fine,
                    "needs_edit": one.needs_edit,
                    "escalate": one.escalate,
                    "appeals": one.appeals,
                    "upheld": one.upheld,
                    "overturned": one.overturned,
                    "own_overturned": one.own_overturned,
                }
                for one in self.moderators
            ],
        }


def get_figures(session: Session) -> DeskFigures:
    """Count everything."""
    states = _states(session)
    took = _took(session)
    people = _people(session)
    return DeskFigures(
        states=states,
        oldest=_oldest(session),
        median_s=statistics.median(took) if took else None,
        decided_n=len(took),
        upheld=sum(one.upheld for one in people),
        overturned=sum(one.overturned for one in people),
        changed=_changed(session),
        moderators=people,
    )


def _states(session: Session) -> dict[str, int]:
    rows = session.execute(
        select(DeskArticle.state, func.count())
        .where(DeskArticle.state != State.QUIET)
        .group_by(DeskArticle.state)
    )
    counts = {row[0]: row[1] for row in rows}
    return {state.value: counts.get(state, 0) for state in (*OPEN, State.DECIDED)}


def _oldest(session: Session) -> Oldest | None:
    row = session.execute(
        select(Article.uid, Article.title, DeskArticle.since)
        .join(Article, Article.id == DeskArticle.article_id)
        .where(DeskArticle.open.is_(True))
        .order_by(DeskArticle.since, DeskArticle.article_id)
        .limit(1)
    ).one_or_none()
    return None if row is None or row.since is None else Oldest(row.uid, row.title, row.since)


def _took(session: Session) -> list[float]:
    rows = session.execute(
        select(DeskArticle.decided_at, DeskArticle.arrived_at)
        .where(DeskArticle.state == State.DECIDED)
        .order_by(DeskArticle.since.desc(), DeskArticle.article_id.desc())
        .limit(LAST)
    )
    return [(decided - arrived).total_seconds() for decided, arrived in rows if decided and arrived]


def _changed(session: Session) -> int:
    changed = select(func.count()).where(
        DeskArticle.state == State.DECIDED, DeskArticle.changed.is_(True)
    )
    return session.scalar(changed) or 0


def _people(session: Session) -> tuple[ModeratorFigures, ...]:
    people: dict[str, ModeratorFigures] = {}
    for actor, act, verdict, n in session.execute(_acts()):
        one = people.setdefault(actor, ModeratorFigures(actor))
        name = verdict if act == Act.VERDICT else "appeals" if act == Act.APPEAL else act
        setattr(one, name, getattr(one, name) + n)
    for actor, n in _overturned(session).items():
        people.setdefault(actor, ModeratorFigures(actor)).own_overturned = n
    return tuple(sorted(people.values(), key=lambda one: (-one.verdicts, one.email)))


def _acts() -> Any:
    counted = (Act.VERDICT, Act.APPEAL, Act.UPHELD, Act.OVERTURNED)
    verdict = ModerationEvent.verdict
    return (
        select(ModerationEvent.actor, ModerationEvent.act, verdict, func.count())
        .where(ModerationEvent.act.in_(counted), ~_is_undone(ModerationEvent))
        .group_by(ModerationEvent.actor, ModerationEvent.act, verdict)
        .order_by(ModerationEvent.actor, ModerationEvent.act)
    )


def _overturned(session: Session) -> Counter[str]:
    """Whose verdicts were overturned: the newest verdict before each such answer."""
    answer, given = aliased(ModerationEvent), aliased(ModerationEvent)
    rows = session.execute(
        select(answer.seq, given.actor)
        .join(given, given.article_id == answer.article_id)
        .where(
            answer.act == Act.OVERTURNED,
            ~_is_undone(answer),
            given.act.in_((Act.VERDICT, Act.OVERTURNED)),
            ~_is_undone(given),
            given.seq < answer.seq,
        )
        .order_by(answer.seq, given.seq)
    )
    return Counter({seq: actor for seq, actor in rows}.values())  # noqa: C416 -- rows are no tuples


def _is_undone(event: Any) -> Any:
    undo = aliased(ModerationEvent)
    return select(undo.seq).where(undo.undoes == event.seq).correlate(event).exists()
