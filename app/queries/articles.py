"""One article: for its page, and as the answer of ``articles show``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.articles import Article, ArticleVersion, Block
from app.models.batches import Batch, Lane
from app.models.passages import Passage, Placement
from app.models.tasks import Task
from app.queries.article_history import Form, History, get_history
from app.queries.duplicates import Cluster, get_cluster
from app.queries.suggestions import ArticleSuggestions, get_suggestions


@dataclass(frozen=True, slots=True)
class ArticleBlock:
    """A stretch of the article with one role, and the rule that gave it."""

    role: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class ArticlePassage:
    """A passage where it stands in the article, and the slugs of the batches it is in.

    ``reason`` says why it is not simply a paragraph ("" when it is).
    """

    uid: str
    role: str
    start: int
    end: int
    reason: str
    batches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """One article as its page shows it; offsets count code points of ``text``."""

    uid: str
    title: str
    kind: str
    outlet: str
    section: str
    byline: str
    published_at: datetime | None
    url: str
    language: str
    story: str | None
    source: str
    imported_at: datetime
    retracted_at: datetime | None
    retracted_reason: str
    version: int
    encoding: str
    fixes: tuple[str, ...]
    text: str
    blocks: tuple[ArticleBlock, ...]
    passages: tuple[ArticlePassage, ...]
    suggested: ArticleSuggestions
    cluster: Cluster | None
    history: History


def show_article(session: Session, uid: str) -> dict[str, Any]:
    """The answer of ``articles show``: text, roles, passages and suggestions by code points.

    Raises:
        NotFoundError: there is no article with this uid.
    """
    page = get_article(session, uid)
    return {
        "uid": page.uid,
        "title": page.title,
        "byline": page.byline,
        "outlet": page.outlet,
        "section": page.section,
        "language": page.language,
        "story": page.story,
        "url": page.url,
        "published_at": page.published_at.isoformat() if page.published_at else None,
        "retracted": page.retracted_at is not None,
        "retracted_reason": page.retracted_reason or None,
        **_cluster_answer(page),
        "version": page.version,
        **_history_answer(page.history),
        "fixes": list(page.fixes),
        "text": page.text,
        "roles": [{"role": b.role, "start": b.start, "end": b.end} for b in page.blocks],
        "passages": [{"uid": p.uid, "start": p.start, "end": p.end} for p in page.passages],
        "suggestions": [
            {
                "id": s.id,
                "label": s.label,
                "start": s.start,
                "end": s.end,
                "attrs": dict(s.attrs),
                "score": s.score,
                "source": s.source,
            }
            for s in page.suggested.spans
        ],
        "relations": [
            {"from": r.from_id, "to": r.to_id, "label": r.label} for r in page.suggested.relations
        ],
    }


def _cluster_answer(page: ArticlePage) -> dict[str, Any]:
    cluster = page.cluster
    if cluster is None:
        return {"duplicate_of": None, "cluster": None}
    return {
        "duplicate_of": cluster.uid if cluster.uid != page.uid else None,
        "cluster": {
            "id": cluster.uid,
            "total": cluster.total,
            "members": [
                {"uid": m.uid, "title": m.title, "outlet": m.outlet, "share": m.share}
                for m in cluster.members
            ],
        },
    }


def _history_answer(history: History) -> dict[str, Any]:
    return {
        "versions": [
            {
                "n": version.n,
                "made_at": version.made_at.isoformat() if version.made_at else None,
                "actor": version.actor,
                "passages": version.passages,
            }
            for version in history.versions
        ],
        "changed": [
            {"version": change.n, "old": _form(change.old), "new": _form(change.new)}
            for change in history.changed
        ],
    }


def _form(form: Form | None) -> dict[str, Any] | None:
    if form is None:
        return None
    return {"uid": form.uid, "text": form.text, "batches": list(form.batches)}


def get_article(session: Session, uid: str) -> ArticlePage:
    """One article with its blocks, its passages and the batches they are in.

    Raises:
        NotFoundError: there is no article with this uid.
    """
    found = session.execute(
        select(Article, ArticleVersion)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .where(Article.uid == uid, ArticleVersion.n == Article.current_version)
    ).one_or_none()
    if found is None:
        raise NotFoundError(
            f"There is no article {uid}.", remedy="See all articles with: flask articles list"
        )
    article, version = found
    return ArticlePage(
        uid=article.uid,
        title=article.title,
        kind=article.kind,
        outlet=article.outlet,
        section=article.section,
        byline=article.byline,
        published_at=article.published_at,
        url=article.url,
        language=article.language,
        story=article.story,
        source=article.source,
        imported_at=article.imported_at,
        retracted_at=article.retracted_at,
        retracted_reason=article.retracted_reason,
        version=version.n,
        encoding=version.encoding,
        fixes=tuple(str(fix) for fix in version.fixes),
        text=version.text,
        blocks=_blocks(session, version.id),
        passages=_passages(session, version.id),
        suggested=get_suggestions(session, version.id),
        cluster=get_cluster(session, article.cluster),
        history=get_history(session, uid),
    )


def _blocks(session: Session, version_id: int) -> tuple[ArticleBlock, ...]:
    rows = session.execute(
        select(Block.role, Block.start, Block.end, Block.reason)
        .where(Block.version_id == version_id)
        .order_by(Block.ord)
    )
    return tuple(ArticleBlock(*row) for row in rows)


def _passages(session: Session, version_id: int) -> tuple[ArticlePassage, ...]:
    placed = session.execute(
        select(
            Passage.id,
            Passage.uid,
            Passage.role,
            Placement.start,
            Placement.end,
            Placement.reason,
        )
        .join(Placement, Placement.passage_id == Passage.id)
        .where(Placement.version_id == version_id)
        .order_by(Placement.start)
    ).all()
    dealt = session.execute(
        select(Task.passage_id, Batch.slug)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Batch, Batch.id == Lane.batch_id)
        .join(Placement, Placement.passage_id == Task.passage_id)
        .where(Placement.version_id == version_id)
        .distinct()
        .order_by(Batch.slug)
    )
    batches: dict[int, list[str]] = {}
    for passage_id, slug in dealt:
        batches.setdefault(passage_id, []).append(slug)
    return tuple(
        ArticlePassage(uid, role, start, end, reason, tuple(batches.get(key, ())))
        for key, uid, role, start, end, reason in placed
    )
