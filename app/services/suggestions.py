"""Suggestions for articles: made at import, renewed when a suggester has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.models.articles import Article, ArticleVersion, Block
from app.models.suggestions import (
    SuggestionAnswer,
    SuggestionRun,
)
from app.services import desk
from app.services.suggesters import lineup_of
from labeling.suggest.interface import Document
from labeling.suggest.lexicon_terms import LONGEST
from labeling.suggest.lineup import Answer, Lineup, Run
from labeling.types import Block as BlockValue
from labeling.types import Role

# Written as tables: through the mapping, rows with and without a term would go one by one.
_SPAN: Table = SuggestionAnswer.metadata.tables["suggestion"]
_LINK: Table = SuggestionAnswer.metadata.tables["suggestion_relation"]
# In one transaction, so that nobody waits long for the write lock: articles, and characters.
RENEWED_AT_ONCE, CHARS_AT_ONCE = 25, 300_000


def suggest_for(session: Session, version_id: int) -> None:
    """Ask every suggester about a stored article version, in place of what was said before.

    Call it whenever a version is new or its blocks have changed, when its passages are placed.
    The desk looks at the article anew.
    """
    found = session.execute(
        select(ArticleVersion.text, ArticleVersion.article_id, Article.language)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(ArticleVersion.id == version_id)
    ).one()
    blocks = session.execute(
        select(Block.role, Block.start, Block.end, Block.reason)
        .where(Block.version_id == version_id)
        .order_by(Block.ord)
    )
    values = tuple(BlockValue(Role(role), start, end, why) for role, start, end, why in blocks)
    answers = lineup_of(session).answers(Document(found.text, values, found.language))
    _replace_answers(session, version_id, answers)
    desk.refresh(session, [found.article_id])


def count_outdated(session: Session) -> int:
    """How many articles have suggestions that somebody would give otherwise now."""
    outdated = _outdated(session, lineup_of(session)).subquery()
    return session.scalar(select(func.count()).select_from(outdated)) or 0


def renew_some(session: Session, after: int) -> tuple[int, int] | None:
    """Renew the suggestions of the next few articles that need it.

    Args:
        session: a transaction.
        after: the last version's row id of the call before; 0 at first.

    Returns:
        The last version's row id and how many were renewed; None when there was none left.
    """
    query = _outdated(session, lineup_of(session)).where(ArticleVersion.id > after)
    last, chars, done = after, 0, 0
    rows = session.execute(query.order_by(ArticleVersion.id).limit(RENEWED_AT_ONCE)).all()
    for version_id, length in rows:
        if done and chars + length > CHARS_AT_ONCE:
            break
        suggest_for(session, version_id)
        last, chars, done = version_id, chars + length, done + 1
    return (last, done) if done else None


def _outdated(session: Session, lineup: Lineup) -> Any:
    """Current article versions whose answers are not those of exactly this line-up."""
    runs = tuple(_ensure_runs(session, lineup).values())
    answers = select(func.count()).where(SuggestionAnswer.version_id == ArticleVersion.id)
    current = answers.where(SuggestionAnswer.run_id.in_(runs))
    return (
        select(ArticleVersion.id, func.length(ArticleVersion.text))
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(ArticleVersion.n == Article.current_version)
        .where((current.scalar_subquery() != len(runs)) | (answers.scalar_subquery() != len(runs)))
    )


def _replace_answers(session: Session, version_id: int, answers: Sequence[Answer]) -> None:
    session.execute(delete(SuggestionAnswer).where(SuggestionAnswer.version_id == version_id))
    runs = _ensure_runs(session, lineup_of(session))
    now = datetime.now(UTC)
    rows = [
        SuggestionAnswer(
            version_id=version_id,
            name=answer.run.name,
            run_id=runs[answer.run],
            problem=answer.problem,
            left_out=answer.left_out,
            created_at=now,
        )
        for answer in answers
    ]
    session.add_all(rows)
    session.flush()
    pairs = list(zip(rows, answers, strict=True))
    spans = [row for answer, said in pairs for row in _span_rows(answer.id, said)]
    links = [row for answer, said in pairs for row in _link_rows(answer.id, said)]
    if spans:
        session.connection().execute(_SPAN.insert(), spans)
    if links:
        session.connection().execute(_LINK.insert(), links)


def _span_rows(answer_id: int, answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "answer_id": answer_id,
            "ord": n,
            "label": span.label,
            "start": span.start,
            "end": span.end,
            "score": float(span.score),
            "attrs": dict(span.attrs),
            "term": _term_of(span.attrs.get("entry")),
        }
        for n, span in enumerate(answer.spans, start=1)
    ]


def _term_of(entry: object) -> str | None:
    return entry if isinstance(entry, str) and len(entry) <= LONGEST["key"] else None


def _link_rows(answer_id: int, answer: Answer) -> list[dict[str, Any]]:
    return [
        {
            "answer_id": answer_id,
            "n": n,
            "from_ord": link.source + 1,
            "to_ord": link.target + 1,
            "label": link.label,
            "score": link.score,
        }
        for n, link in enumerate(answer.links)
    ]


def _ensure_runs(session: Session, lineup: Lineup) -> dict[Run, int]:
    """The row ids of the runs. Not remembered: an article set aside takes its new rows along."""
    names = [run.name for run in lineup.runs]
    rows = session.execute(
        select(
            SuggestionRun.id, SuggestionRun.name, SuggestionRun.version, SuggestionRun.config_sha
        ).where(
            SuggestionRun.name.in_(names),
            SuggestionRun.config_sha.in_([run.config_sha for run in lineup.runs]),
        )
    )
    known = {Run(name, version, sha): row_id for row_id, name, version, sha in rows}
    return {run: known.get(run) or _ensure_run(session, run) for run in lineup.runs}


def _ensure_run(session: Session, run: Run) -> int:
    row = SuggestionRun(
        name=run.name,
        version=run.version,
        config_sha=run.config_sha,
        created_at=datetime.now(UTC),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another import met the same suggester for the first time at the same moment.
        return session.scalars(
            select(SuggestionRun.id).where(
                SuggestionRun.name == run.name,
                SuggestionRun.version == run.version,
                SuggestionRun.config_sha == run.config_sha,
            )
        ).one()
    return row.id
