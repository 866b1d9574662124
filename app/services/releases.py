"""Releases: planned, built page by page out of frozen rows, then immutable."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.models.batches import Batch
from app.models.releases import (
    Dataset,
    Release,
    ReleaseArticle,
    ReleaseRecord,
    ReleaseState,
)
from app.queries.releasing import Candidate, newest_rows
from app.services import audit
from labeling.datasets.plan import ReleasePlan, check_plan, next_version, read_plan
from labeling.datasets.splits import SplitArticle, Splits, split_articles


@dataclass(slots=True)
class Survey:
    """What a look over all passages of a release found."""

    articles: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    seen: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def take(self, page: Sequence[Candidate]) -> list[Candidate]:
        """Count a page, and give those of it that are in the release."""
        self.seen += len(page)
        kept = [one for one in page if one.dropped is None]
        self.dropped.update(one.dropped for one in page if one.dropped is not None)
        self.kept += len(kept)
        self.articles.update({one.article["uid"]: one.article for one in kept})
        return kept


def plan_release(
    session: Session, name: str, plan: ReleasePlan, *, actor: str, notes: str, now: datetime
) -> Release:
    """Begin a release: what is there now is what it will be made of.

    Raises:
        ReleaseError: the plan makes no sense.
        NotFoundError: a batch does not exist.
        ConflictError: another release of the dataset is being built.
    """
    check_release(session, name, plan)
    dataset = session.scalar(select(Dataset).where(Dataset.name == name).with_for_update())
    if dataset is None:
        dataset = Dataset(name=name, created_at=now)
        session.add(dataset)
        session.flush()
    busy = session.scalar(
        select(Release).where(
            Release.dataset_id == dataset.id, Release.state == ReleaseState.BUILDING
        )
    )
    if busy is not None:
        raise ConflictError(
            f"A release of {name!r} is being built since {busy.created_at:%H:%M} UTC.",
            remedy="Wait for it, or give it up: flask datasets give-up " + name,
        )
    number = session.scalar(select(func.count(Release.id)).where(Release.dataset_id == dataset.id))
    release = Release(
        dataset_id=dataset.id,
        number=(number or 0) + 1,
        plan=plan.as_json(),
        as_of=newest_rows(session),
        notes=notes,
        actor=actor,
        created_at=now,
        withdrawn=[],
    )
    session.add(release)
    session.flush()
    audit.record(
        session, actor=actor, action="release_begun", object=f"dataset:{name}",
        detail={"number": release.number},
    )  # fmt: skip
    return release


def check_release(session: Session, name: str, plan: ReleasePlan) -> None:
    """Refuse what cannot be released.

    Raises:
        ReleaseError: the plan makes no sense.
        NotFoundError: a batch does not exist.
    """
    check_plan(name, plan)
    _check_batches(session, plan.batches)


def split_release(session: Session, release: Release, survey: Survey) -> Splits:
    """Give every article of a release its split, and freeze its fields.

    Where an article was in the last release of the dataset, it stays.
    """
    plan = read_plan(release.plan)
    articles = [
        SplitArticle(
            uid, fields["story"], fields["cluster"], fields["outlet"], fields["published_at"],
            str(fields["section"] or ""),
        )
        for uid, fields in sorted(survey.articles.items())
    ]  # fmt: skip
    last = last_release(session, release.dataset_id)
    before = None if last is None else _splits_of(session, last.id)
    splits = split_articles(articles, plan.split, before=before)
    rows = [
        {
            "release_id": release.id,
            "uid": uid,
            "group": splits.groups[uid],
            "split": splits.of[uid],
            "fields": dict(fields),
        }
        for uid, fields in sorted(survey.articles.items())
    ]
    if rows:
        session.execute(insert(ReleaseArticle), rows)
    return splits


def get_building(session: Session, release_id: int) -> Release:
    """A release that is still being built; a ready one never changes again.

    Raises:
        ConflictError: it has ended already.
    """
    release = session.get_one(Release, release_id, with_for_update=True)
    if release.state != ReleaseState.BUILDING:
        raise ConflictError(
            f"This release has ended already ({release.state}).",
            remedy="Begin another one: flask datasets release",
        )
    return release


def clear(session: Session, release_id: int) -> None:
    """Take away the rows of a release that was begun before and did not end."""
    get_building(session, release_id)
    for table in (ReleaseRecord, ReleaseArticle):
        session.execute(delete(table).where(table.release_id == release_id))


def keep_records(
    session: Session, release_id: int, first: int, records: Sequence[tuple[str, str]]
) -> None:
    """Freeze a page of records, the first of them at this place: their uids and lines."""
    rows = [
        {
            "release_id": release_id,
            "ord": first + n,
            "uid": uid,
            "sha": hashlib.sha256(line.encode("utf-8")).hexdigest(),
            "line": line,
        }
        for n, (uid, line) in enumerate(records)
    ]
    if rows:
        session.execute(insert(ReleaseRecord), rows)


def finish_release(
    session: Session,
    release: Release,
    *,
    manifest: Mapping[str, Any],
    change: str,
    now: datetime,
) -> Release:
    """Make a release ready: it gets its version and its manifest, and never changes again.

    Args:
        session: a transaction.
        release: the release, all its records kept.
        manifest: what is known of it, without name, version and time, which are added.
        change: what sets it apart from the last one, as ``next_version`` knows it.
        now: the time.
    """
    get_building(session, release.id)
    dataset = session.get_one(Dataset, release.dataset_id)
    last = last_release(session, release.dataset_id)
    release.version = next_version(None if last is None else last.version, change)
    release.state, release.built_at = ReleaseState.READY, now
    release.records = manifest["counts"]["records"]
    release.spans = manifest["counts"]["spans"]
    release.sha256 = manifest["records_sha256"]
    release.manifest = {
        **manifest,
        "dataset": dataset.name,
        "version": release.version,
        "previous": None if last is None else last.version,
        "notes": release.notes,
        "created_at": now.isoformat(timespec="seconds"),
    }
    audit.record(
        session, actor=release.actor, action="release_built", object=f"dataset:{dataset.name}",
        detail={"version": release.version, "records": release.records},
    )  # fmt: skip
    session.flush()
    return release


def fail_release(session: Session, release_id: int, problem: str) -> None:
    """Give a release up: its half-built rows go, what was tried and why it failed stays.

    Raises:
        ConflictError: it has ended already; then nothing of it goes.
    """
    clear(session, release_id)
    release = session.get_one(Release, release_id)
    release.state, release.problem = ReleaseState.FAILED, problem
    dataset = session.get_one(Dataset, release.dataset_id)
    audit.record(
        session, actor=release.actor, action="release_failed", object=f"dataset:{dataset.name}",
        detail={"number": release.number},
    )  # fmt: skip


def give_up(session: Session, name: str, *, actor: str) -> int:
    """Give up whatever release of a dataset is being built.

    Returns:
        How many there were.
    """
    busy = session.scalars(
        select(Release)
        .join(Dataset)
        .where(Dataset.name == name, Release.state == ReleaseState.BUILDING)
    ).all()
    for release in busy:
        fail_release(session, release.id, f"Given up by {actor}.")
    return len(busy)


def note_retraction(session: Session, article_uid: str) -> list[str]:
    """Mark the releases that hold an article that was retracted.

    Returns:
        ``dataset version`` of each.
    """
    rows = session.scalars(
        select(Release)
        .join(ReleaseArticle, ReleaseArticle.release_id == Release.id)
        .where(ReleaseArticle.uid == article_uid, Release.state == ReleaseState.READY)
    )
    marked = []
    for release in rows:
        if article_uid not in release.withdrawn:
            release.withdrawn = [*release.withdrawn, article_uid]
            marked.append(f"{release.dataset.name} {release.version}")
    return marked


def last_release(session: Session, dataset_id: int) -> Release | None:
    """The newest ready release of a dataset."""
    return session.scalar(
        select(Release)
        .where(Release.dataset_id == dataset_id, Release.state == ReleaseState.READY)
        .order_by(Release.number.desc())
        .limit(1)
    )


def last_plan(session: Session, name: str) -> ReleasePlan | None:
    """What was asked for the last release of a dataset, to be asked for again."""
    plan = session.scalar(
        select(Release.plan)
        .join(Dataset)
        .where(Dataset.name == name, Release.state == ReleaseState.READY)
        .order_by(Release.number.desc())
        .limit(1)
    )
    return None if plan is None else read_plan(plan)


def _splits_of(session: Session, release_id: int) -> dict[str, str]:
    rows = session.execute(
        select(ReleaseArticle.uid, ReleaseArticle.split).where(
            ReleaseArticle.release_id == release_id
        )
    )
    return {uid: split for uid, split in rows if split is not None}


def _check_batches(session: Session, slugs: Sequence[str]) -> None:
    known = set(session.scalars(select(Batch.slug).where(Batch.slug.in_(slugs))))
    missing = [slug for slug in slugs if slug not in known]
    if missing:
        raise NotFoundError(
            "There is no batch " + ", ".join(repr(slug) for slug in missing) + ".",
            remedy="See them with: flask batches list",
        )
