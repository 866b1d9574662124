"""The desk's acts: taking an article, deciding, escalating, appealing, taking back.

One person has an article open at a time. An act is an event that is only ever added; it is
refused where what it rests on has changed since the person looked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError, NotPermittedError
from app.models.accounts import ROLES, User
from app.models.articles import Article
from app.models.moderation import DeskArticle, ModerationEvent
from app.queries.desk import DeskChoice, desk_order, fits
from app.queries.moderation_events import events_of
from app.services import audit
from app.services.desk import refresh, settle_state
from labeling.moderation.history import Act, Event, State, check, last_act, where
from labeling.moderation.policy import Verdict

LEASE = timedelta(minutes=20)
_MAY = ROLES[: ROLES.index("reviewer") + 1]


def take_next(
    session: Session, choice: DeskChoice, *, actor: str, now: datetime, order: str = "severity"
) -> str | None:
    """Give a moderator an article to work on: the one they have open, else the next free one.

    Articles that need a second person are left out for whoever gave the verdict.

    Args:
        session: a transaction.
        choice: which articles of the desk.
        actor: the moderator's e-mail address.
        now: the time.
        order: ``severity`` or ``age``.

    Returns:
        The article's uid; None when nothing that fits is free.
    """
    _check_moderator(session, actor)
    chosen = (*fits(choice, now, order), DeskArticle.open)
    mine = _held_by(actor, now)
    query = select(DeskArticle).order_by(*desk_order(order)).limit(1)
    row = session.scalar(query.where(*chosen, mine))
    if row is None:
        free = (*chosen, _is_free(now), _is_for(actor))
        row = session.scalar(query.where(*free).with_for_update(skip_locked=True, of=DeskArticle))
    return None if row is None else _hold(session, row, actor, now)


def take(session: Session, uid: str, *, actor: str, now: datetime) -> str:
    """Open this article for a moderator, or keep it open for longer.

    Raises:
        NotFoundError: there is no such article.
        ConflictError: somebody else has it open.
    """
    _check_moderator(session, actor)
    row = _row(session, uid)
    _check_free(row, actor, now)
    return _hold(session, row, actor, now)


def leave(session: Session, uid: str, *, actor: str) -> bool:
    """Let an article go without a verdict.

    Returns:
        Whether the moderator had it open.
    """
    row = _row(session, uid)
    if row.held_by != actor:
        return False
    row.held_by, row.held_until = "", None
    audit.record(session, actor=actor, action="moderation_left", object=f"article:{uid}")
    return True


def act(
    session: Session,
    uid: str,
    wanted: Event,
    *,
    now: datetime,
    seen: str | None = None,
) -> ModerationEvent:
    """Add an act to an article's history.

    Args:
        session: a transaction.
        uid: the article.
        wanted: what its ``actor`` does; its ``seq`` is given here.
        now: the time.
        seen: the basis of what the actor saw; None: the newest.

    Raises:
        NotFoundError: there is no such article.
        NotPermittedError: the actor is no moderator.
        ConflictError: somebody else has it open, or it is not as the actor saw it.
        VerdictError, SecondPersonError: it does not follow from where the article stands.
    """
    _check_moderator(session, wanted.actor)
    row = _row(session, uid)
    if wanted.act is not Act.NOTE:
        _check_free(row, wanted.actor, now)
        _check_seen(row, seen)
    events = events_of(session, row.article_id)
    check(wanted, events)
    event = ModerationEvent(
        article_id=row.article_id,
        act=wanted.act.value,
        verdict=wanted.verdict.value if wanted.verdict is not None else None,
        reason=wanted.reason,
        note=wanted.note,
        basis=row.basis,
        proposed=row.proposed,
        actor=wanted.actor,
        at=now,
        undoes=wanted.undoes,
    )
    session.add(event)
    session.flush()
    _stand(session, row, wanted, now)
    detail = {"act": event.act, "verdict": event.verdict, "event": event.seq}
    audit.record(
        session, actor=wanted.actor, action="moderation_act", object=f"article:{uid}", detail=detail
    )
    return event


def undo(session: Session, uid: str, *, actor: str, now: datetime) -> ModerationEvent:
    """Take back the newest act on an article, by a compensating event.

    Raises:
        VerdictError: there is nothing to take back.
        SecondPersonError: it was somebody else's.
        NotFoundError, NotPermittedError, ConflictError: see ``act``.
    """
    row = _row(session, uid)
    last = last_act(events_of(session, row.article_id))
    wanted = Event(Act.UNDO, actor, undoes=last.seq if last is not None else None)
    return act(session, uid, wanted, now=now)


def verdict(actor: str, said: str, *, reason: str = "", note: str = "") -> Event:
    """A verdict as it is typed: ``needs edit`` and ``needs-edit`` are ``needs_edit``."""
    wanted = said.strip().lower().replace("-", "_").replace(" ", "_")
    known = Verdict(wanted) if wanted in set(Verdict) else None
    return Event(Act.VERDICT, actor, known, reason.strip(), note.strip())


def answer(actor: str, said: Verdict | None, *, reason: str, note: str = "") -> Event:
    """The answer to an appeal: another verdict overturns, none upholds."""
    kind = Act.UPHELD if said is None else Act.OVERTURNED
    return replace(Event(kind, actor, said), reason=reason.strip(), note=note.strip())


def _stand(session: Session, row: DeskArticle, wanted: Event, now: datetime) -> None:
    events = events_of(session, row.article_id)
    settle_state(row, events, now)
    stands = where(events)
    told = session.get(ModerationEvent, stands.seq) if stands.seq else None
    row.seen = told.basis if told is not None else ""
    if wanted.act is Act.UPHELD:
        row.seen = row.basis
    row.changed = told is not None and row.seen != row.basis
    if wanted.act is not Act.NOTE and row.held_by == wanted.actor:
        row.held_by, row.held_until = "", None
    session.flush()


def _hold(session: Session, row: DeskArticle, actor: str, now: datetime) -> str:
    """Hold an article; a moderator has one open at a time."""
    fresh = row.held_by != actor
    session.execute(
        update(DeskArticle)
        .where(DeskArticle.held_by == actor, DeskArticle.article_id != row.article_id)
        .values(held_by="", held_until=None)
    )
    row.held_by, row.held_until = actor, now + LEASE
    session.flush()
    uid = session.scalars(select(Article.uid).where(Article.id == row.article_id)).one()
    if fresh:
        audit.record(session, actor=actor, action="moderation_taken", object=f"article:{uid}")
    return uid


def _row(session: Session, uid: str) -> DeskArticle:
    """The article's row as it is now, held until the transaction ends."""
    article_id = session.scalar(select(Article.id).where(Article.uid == uid))
    if article_id is None:
        raise NotFoundError(
            f"There is no article {uid}.", remedy="See the desk: flask moderation list"
        )
    refresh(session, [article_id])
    return session.get_one(DeskArticle, article_id)


def _check_moderator(session: Session, actor: str) -> None:
    """Refuse who may not moderate; two acts of one person wait for each other.

    Raises:
        NotPermittedError: the system, or a user who only looks.
    """
    user = session.scalar(select(User).where(User.email == actor).with_for_update(of=User))
    if user is None:
        raise NotPermittedError(
            "A verdict is somebody's: the system cannot decide.",
            remedy="Say who you are: --as EMAIL",
        )
    if not user.active or not any(user.has_role(role) for role in _MAY):
        raise NotPermittedError(
            f"{actor} may look, but not moderate.",
            remedy="It takes the role 'reviewer' or 'admin'.",
        )


def _check_free(row: DeskArticle, actor: str, now: datetime) -> None:
    if row.held_by not in ("", actor) and row.held_until is not None and row.held_until > now:
        raise ConflictError(
            f"{row.held_by} has this article open.",
            remedy=f"Take another one, or wait until {row.held_until:%H:%M} UTC.",
        )


def _check_seen(row: DeskArticle, seen: str | None) -> None:
    if seen is not None and seen != row.basis:
        raise ConflictError(
            "What is known of this article changed while you had it open; nothing was kept.",
            remedy="Look at it again: what was decided of its spans, or a policy, is new.",
        )


def _held_by(actor: str, now: datetime) -> ColumnElement[bool]:
    return (DeskArticle.held_by == actor) & (DeskArticle.held_until > now)


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(DeskArticle.held_by == "", DeskArticle.held_until <= now)


def _is_for(actor: str) -> ColumnElement[bool]:
    second = DeskArticle.state.in_([State.ESCALATED, State.APPEALED])
    return ~(second & (DeskArticle.by == actor))
