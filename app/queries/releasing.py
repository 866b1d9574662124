"""Reads for a release: what is in it and what is left out, and the records themselves.

Everything is read as of the moment the release began, in short reads by keyset, so that a sync
or a decision meanwhile changes nothing in it and waits for nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.models.annotations import Annotation, Revision, RevisionState
from app.models.articles import Article, ArticleVersion
from app.models.batches import Batch, Lane
from app.models.passages import Passage, Placement
from app.models.review import Gold
from app.models.schemes import Scheme as SchemeRow
from app.models.schemes import SchemeVersion
from app.models.tasks import Task
from labeling.agreement.rules import Rules, read_rules
from labeling.datasets.plan import ReleasePlan
from labeling.datasets.records import RecordScheme
from labeling.scheme import read_scheme
from labeling.types import Scheme

PAGE = 500


@dataclass(frozen=True, slots=True)
class ScopeBatch:
    """A batch of a release with its scheme, read."""

    id: int
    uid: str
    slug: str
    scheme: Scheme
    rules: Rules
    named: RecordScheme
    scheme_sha: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What a release looks at: its plan, its batches, and the moment it began."""

    plan: ReleasePlan
    batches: tuple[ScopeBatch, ...]
    as_of: Mapping[str, int]

    @property
    def ids(self) -> list[int]:
        """The batches' row ids, in the order of the plan."""
        return [batch.id for batch in self.batches]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a release may hold.

    ``batch`` is the one it comes from, ``gold`` the row id of its gold. ``state`` is reviewed,
    annotated or unannotated; ``dropped`` says why it is left out.
    """

    id: int
    uid: str
    article: Mapping[str, Any]
    batch: int
    gold: int | None
    state: str
    dropped: str | None = None


@dataclass(slots=True)
class _Page:
    """What was read of one page of passages."""

    golds: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)
    answered: set[tuple[int, int]] = field(default_factory=set)
    batches: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


def read_scope(session: Session, plan: ReleasePlan, as_of: Mapping[str, int]) -> Scope:
    """The batches of a plan, which have to exist."""
    rows = session.execute(
        select(Batch, SchemeVersion, SchemeRow.name)
        .join(SchemeVersion, SchemeVersion.id == Batch.scheme_version_id)
        .join(SchemeRow, SchemeRow.id == SchemeVersion.scheme_id)
        .where(Batch.slug.in_(plan.batches))
    )
    found = {}
    for batch, version, name in rows:
        scheme = read_scheme(version.config, version.guideline)
        found[batch.slug] = ScopeBatch(
            batch.id,
            batch.uid,
            batch.slug,
            scheme,
            read_rules(version.rules, scheme),
            RecordScheme(name, version.n),
            version.sha,
        )
    return Scope(plan, tuple(found[slug] for slug in plan.batches), as_of)


def newest_rows(session: Session) -> dict[str, int]:
    """The moment: the newest gold, revision, article version and task there are."""
    return {
        name: session.scalar(select(func.max(column))) or 0
        for name, column in (
            ("gold", Gold.id),
            ("revision", Revision.id),
            ("version", ArticleVersion.id),
            ("task", Task.id),
        )
    }


def iter_candidates(store: Store, scope: Scope) -> Iterator[list[Candidate]]:
    """All passages of a release's batches by uid, page by page, those left out among them."""
    after = ""
    while True:
        with store.reading() as session:
            page = _candidates(session, scope, after)
        if not page:
            return
        yield page
        after = page[-1].uid


def placements(
    session: Session, scope: Scope, ids: Sequence[int]
) -> dict[int, tuple[Passage, int, int]]:
    """Each passage and where it stands in its article's newest version of that moment."""
    rows = session.execute(
        select(Passage, Placement.start, Placement.end)
        .join(Placement, Placement.passage_id == Passage.id)
        .where(Passage.id.in_(ids), Placement.version_id <= scope.as_of["version"])
        .order_by(Placement.version_id)
    )
    return {row[0].id: (row[0], row[1], row[2]) for row in rows}


def _candidates(session: Session, scope: Scope, after: str) -> list[Candidate]:
    rows = session.execute(
        select(Passage.id, Passage.uid, Article)
        .join(Article, Article.id == Passage.article_id)
        .where(Passage.uid > after, _is_dealt(scope))
        .order_by(Passage.uid)
        .limit(PAGE)
    ).all()
    page = _read_page(session, scope, [row[0] for row in rows])
    return [_candidate(scope, page, row[0], row[1], row[2]) for row in rows]


def _is_dealt(scope: Scope) -> Any:
    # Asked passage by passage: a set of everything that was dealt would be made anew each page.
    lanes = select(Lane.id).where(Lane.batch_id.in_(scope.ids))
    return exists().where(
        Task.passage_id == Passage.id, Task.lane_id.in_(lanes), Task.id <= scope.as_of["task"]
    )


def _read_page(session: Session, scope: Scope, ids: Sequence[int]) -> _Page:
    page = _Page()
    golds = session.execute(
        select(Gold.batch_id, Gold.passage_id, Gold.id, Gold.state)
        .where(
            Gold.passage_id.in_(ids),
            Gold.batch_id.in_(scope.ids),
            Gold.id <= scope.as_of["gold"],
        )
        .order_by(Gold.id)
    )
    page.golds = {(row[0], row[1]): (row[2], row[3]) for row in golds}
    dealt = session.execute(
        select(Lane.batch_id, Task.passage_id)
        .join(Lane, Lane.id == Task.lane_id)
        .where(
            Task.passage_id.in_(ids),
            Lane.batch_id.in_(scope.ids),
            Task.id <= scope.as_of["task"],
        )
        .distinct()
    )
    for batch, passage in dealt:
        page.batches[passage].append(batch)
    answered = session.execute(
        select(Lane.batch_id, Task.passage_id)
        .join(Lane, Lane.id == Task.lane_id)
        .join(Annotation, Annotation.task_id == Task.id)
        .join(Revision, Revision.annotation_id == Annotation.id)
        .where(
            Task.passage_id.in_(ids),
            Lane.batch_id.in_(scope.ids),
            Revision.id <= scope.as_of["revision"],
            Revision.state == RevisionState.SUBMITTED,
        )
        .distinct()
    )
    page.answered = {(row[0], row[1]) for row in answered}
    return page


def _candidate(scope: Scope, page: _Page, id_: int, uid: str, article: Article) -> Candidate:
    """Take a passage from the first batch that has it in the state asked for."""
    fields = article_fields(article)
    best: tuple[int, int | None, str] | None = None
    reason = "not_annotated"
    for batch in (one for one in scope.ids if one in page.batches[id_]):
        gold, state = page.golds.get((batch, id_), (None, ""))
        if state == "reviewed":
            best = (batch, gold, "reviewed")
            break
        if scope.plan.state == "reviewed":
            reason = "second_look_due" if state else "not_reviewed"
        elif best is None and (batch, id_) in page.answered:
            best = (batch, None, "annotated")
        elif best is None and scope.plan.state == "any":
            best = (batch, None, "unannotated")
    dropped = "retracted" if article.retracted_at else scope.plan.lacks(fields)
    if best is None:
        return Candidate(id_, uid, fields, 0, None, "", dropped or reason)
    return Candidate(id_, uid, fields, *best, dropped)


def article_fields(article: Article) -> dict[str, Any]:
    """An article's fields as a record has them; what is not known is None."""
    return {
        "uid": article.uid,
        "title": article.title,
        "outlet": article.outlet or None,
        "section": article.section or None,
        "byline": article.byline or None,
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "url": article.url or None,
        "language": article.language or None,
        "story": article.story or None,
        "cluster": article.cluster or None,
    }
