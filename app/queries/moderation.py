"""One article as a moderator sees it: its findings, what rules match, and its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.articles import Article, ArticleVersion, Block
from app.models.moderation import DeskArticle, ModerationEvent
from app.queries.articles import ArticleBlock
from app.queries.findings import ArticleFindings, basis_of, findings_of, matches_of
from app.queries.lexicon import terms_by_key
from app.queries.moderation_events import list_events, value_of
from app.queries.policies import Policies, current_policies
from labeling.moderation.history import Event, State, Where, in_force, last_act, where
from labeling.moderation.matching import Finding, Match, match_in_words, proposal
from labeling.suggest.lexicon_terms import Term


@dataclass(frozen=True, slots=True)
class MatchSaid:
    """A match with its words, its reason and the passage of the house style it rests on."""

    match: Match
    version: int
    words: str
    reason: str
    style: str


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One event; ``undone`` says that it was taken back."""

    event: Event
    at: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class ModerationPage:
    """An article on the desk. ``row`` is None for one that the desk has not looked at yet."""

    article: ArticleFindings
    blocks: tuple[ArticleBlock, ...]
    title: str
    byline: str
    retracted: str
    row: DeskArticle | None
    policies: Policies
    matches: tuple[MatchSaid, ...]
    terms: Mapping[str, Term]
    stands: Where
    history: tuple[HistoryRow, ...]
    last: Event | None
    basis: str
    changed: bool

    @property
    def state(self) -> str:
        """Where the article stands; quiet when no rule matches it and nobody said anything."""
        waiting = self.stands.state is State.WAITING
        if waiting and not self.matches and not self.history:
            return State.QUIET.value
        return self.stands.state.value

    @property
    def proposed(self) -> str | None:
        """What the rules propose, all together."""
        heaviest = proposal(said.match for said in self.matches)
        return heaviest.value if heaviest is not None else None

    def holder(self, now: datetime) -> str:
        """Who has it open."""
        row = self.row
        open_now = row is not None and row.held_until is not None and row.held_until > now
        return row.held_by if row is not None and open_now else ""


def get_moderation(session: Session, uid: str) -> ModerationPage:
    """One article with all that a verdict rests on, read as it is now.

    Raises:
        NotFoundError: there is no article with this uid.
    """
    article = session.scalar(select(Article).where(Article.uid == uid))
    if article is None:
        raise NotFoundError(
            f"There is no article {uid}.", remedy="See the desk: flask moderation list"
        )
    policies = current_policies(session)
    found = findings_of(session, [article.id], policies.labels)[article.id]
    rows = list_events(session, article.id)
    events = [value_of(row) for row in rows]
    stands = where(events)
    basis = basis_of(found, policies)
    seen = next((row.basis for row in rows if row.seq == stands.seq), None)
    seen = _upheld_with(rows, stands) or seen
    return ModerationPage(
        article=found,
        blocks=_blocks(session, article),
        title=article.title,
        byline=article.byline,
        retracted=_retracted(article),
        row=session.get(DeskArticle, article.id),
        policies=policies,
        matches=_said(found, policies),
        terms=terms_by_key(session, sorted({one.term for one in found.findings if one.term})),
        stands=stands,
        history=_history(rows, events),
        last=last_act(events),
        basis=basis,
        changed=seen is not None and seen != basis,
    )


def show_moderation(session: Session, uid: str) -> dict[str, Any]:
    """The answer of ``moderation show``, and of the API.

    Raises:
        NotFoundError: there is no article with this uid.
    """
    page = get_moderation(session, uid)
    stands = page.stands
    return {
        "article": uid,
        "title": page.title,
        "outlet": page.article.outlet,
        "section": page.article.section,
        "state": page.state,
        "verdict": stands.verdict.value if stands.verdict else None,
        "reason": stands.reason or None,
        "by": stands.by or None,
        "appeal": stands.answered.value if stands.answered else None,
        "changed": page.changed,
        "proposed": page.proposed,
        "matches": [_match_json(said) for said in page.matches],
        "findings": [_finding_json(one, page.terms) for one in page.article.findings],
        "history": [_event_json(row) for row in page.history],
        "held_by": page.holder(datetime.now(UTC)) or None,
        "seen": page.basis,
    }


def _blocks(session: Session, article: Article) -> tuple[ArticleBlock, ...]:
    rows = session.execute(
        select(Block.role, Block.start, Block.end, Block.reason)
        .join(ArticleVersion, ArticleVersion.id == Block.version_id)
        .where(ArticleVersion.article_id == article.id, ArticleVersion.n == article.current_version)
        .order_by(Block.ord)
    )
    return tuple(ArticleBlock(*row) for row in rows)


def _retracted(article: Article) -> str:
    return (article.retracted_reason or "No reason was kept.") if article.retracted_at else ""


def _upheld_with(rows: Sequence[ModerationEvent], stands: Where) -> str | None:
    """What was seen when the verdict in force was upheld, if it was."""
    if stands.answered is None:
        return None
    return next(row.basis for row in reversed(rows) if row.act == stands.answered.value)


def _said(article: ArticleFindings, policies: Policies) -> tuple[MatchSaid, ...]:
    by_name = {one.policy.name: one for one in policies.current}
    said = []
    for match in matches_of(article, policies):
        one = by_name[match.policy]
        reasons, style = one.policy.reasons, one.policy.style
        said.append(
            MatchSaid(
                match,
                one.n,
                match_in_words(match),
                reasons[match.rule.reason],
                style[match.rule.style],
            )
        )
    return tuple(said)


def _history(rows: Sequence[ModerationEvent], events: Sequence[Event]) -> tuple[HistoryRow, ...]:
    kept = {one.seq for one in in_force(events)}
    return tuple(
        HistoryRow(event, row.at, undone=event.undoes is None and event.seq not in kept)
        for row, event in zip(rows, events, strict=True)
    )


def _match_json(said: MatchSaid) -> dict[str, Any]:
    rule = said.match.rule
    return {
        "policy": said.match.policy,
        "version": said.version,
        "rule": rule.name,
        "verdict": rule.verdict.value,
        "reason": rule.reason,
        "reason_in_words": said.reason,
        "style": rule.style,
        "style_in_words": said.style,
        "matched": said.words,
        "spans": [one.id for one in said.match.findings],
    }


def _finding_json(one: Finding, terms: Mapping[str, Term]) -> dict[str, Any]:
    known = terms.get(one.term)
    return {
        "id": one.id,
        "label": one.label,
        "start": one.start,
        "end": one.end,
        "text": one.text,
        "state": "decided" if one.decided else "suggested",
        "type": one.type or None,
        "voice": one.voice or None,
        "term": one.term or None,
        "speaker": one.speaker or None,
        "alternatives": list(known.alternatives) if known else [],
    }


def _event_json(row: HistoryRow) -> dict[str, Any]:
    event = row.event
    return {
        "seq": event.seq,
        "act": event.act.value,
        "verdict": event.verdict.value if event.verdict else None,
        "reason": event.reason or None,
        "note": event.note or None,
        "by": event.actor,
        "at": row.at.isoformat(),
        "undoes": event.undoes,
        "undone": row.undone,
    }
