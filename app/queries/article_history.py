"""How an article came to be what it is: its versions, and what each correction changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.articles import Article, ArticleVersion
from app.models.batches import Batch, Lane
from app.models.passages import Passage, Placement
from app.models.tasks import Task
from labeling.text.changes import changes_of


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an article, and who imported it."""

    n: int
    made_at: datetime | None
    actor: str
    passages: int


@dataclass(frozen=True, slots=True)
class Form:
    """A passage in one version, with the slugs of the batches that it is in."""

    uid: str
    text: str
    batches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What version ``n`` made of a passage; ``old`` or ``new`` is None where there is no such."""

    n: int
    old: Form | None
    new: Form | None


@dataclass(frozen=True, slots=True)
class History:
    """All versions, the newest first, and what they changed, the newest change first."""

    versions: tuple[Version, ...]
    changed: tuple[Changed, ...]


def get_history(session: Session, uid: str) -> History:
    """The versions of an article and what changed from each to the next."""
    versions = _versions(session, uid)
    changed: list[Changed] = []
    if len(versions) > 1:
        forms = _forms(session, uid)
        for newer, older in pairwise(versions):
            changed += _changes(newer.n, forms.get(older.n, []), forms.get(newer.n, []))
    return History(versions, tuple(changed))


def _versions(session: Session, uid: str) -> tuple[Version, ...]:
    passages = (
        select(func.count())
        .where(Placement.version_id == ArticleVersion.id)
        .correlate(ArticleVersion)
        .scalar_subquery()
    )
    rows = session.execute(
        select(ArticleVersion.n, ArticleVersion.made_at, ArticleVersion.actor, passages)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(Article.uid == uid)
        .order_by(ArticleVersion.n.desc())
    )
    return tuple(Version(*row) for row in rows)


def _forms(session: Session, uid: str) -> dict[int, list[Form]]:
    """The passages of every version, in order."""
    batches = _batches(session, uid)
    rows = session.execute(
        select(ArticleVersion.n, Passage.id, Passage.uid, Passage.text)
        .join(Placement, Placement.version_id == ArticleVersion.id)
        .join(Passage, Passage.id == Placement.passage_id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(Article.uid == uid)
        .order_by(ArticleVersion.n, Placement.start)
    )
    forms: dict[int, list[Form]] = {}
    for n, key, passage_uid, text in rows:
        forms.setdefault(n, []).append(Form(passage_uid, text, batches.get(key, ())))
    return forms


def _batches(session: Session, uid: str) -> dict[int, tuple[str, ...]]:
    rows = session.execute(
        select(Task.passage_id, Batch.slug)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Batch, Batch.id == Lane.batch_id)
        .join(Passage, Passage.id == Task.passage_id)
        .join(Article, Article.id == Passage.article_id)
        .where(Article.uid == uid)
        .distinct()
        .order_by(Task.passage_id, Batch.slug)
    )
    batches: dict[int, tuple[str, ...]] = {}
    for key, slug in rows:
        batches[key] = (*batches.get(key, ()), slug)
    return batches


def _changes(n: int, old: list[Form], new: list[Form]) -> list[Changed]:
    """What one version changed; passages that stand in both, wherever, are left out."""
    kept = {form.uid for form in old} & {form.uid for form in new}
    gone = [form for form in old if form.uid not in kept]
    come = [form for form in new if form.uid not in kept]
    return [
        Changed(
            n,
            None if change.old is None else gone[change.old],
            None if change.new is None else come[change.new],
        )
        for change in changes_of([f.text for f in gone], [f.text for f in come])
    ]
