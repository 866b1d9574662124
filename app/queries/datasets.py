"""Datasets as their pages show them: the versions of each, one version, its records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.errors import NotFoundError
from app.models.articles import Article
from app.models.batches import Batch, Lane
from app.models.releases import Dataset, Release, ReleaseFile, ReleaseRecord, ReleaseState
from app.queries.jobs import JobRow, get_release_job
from app.queries.paging import Page, make_page
from app.queries.release_diff import Side

# Of a dataset the list shows so many versions, the newest; all are on a version's page.
SHOWN = 8


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release in a list. ``job`` builds it, where a job does and it is not ready."""

    dataset: str
    number: int
    version: str
    state: str
    records: int
    spans: int
    problem: str
    notes: str
    actor: str
    created_at: datetime
    built_at: datetime | None
    withdrawn: int
    job: JobRow | None = None


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A dataset with its newest releases, and how many there are before these."""

    name: str
    releases: tuple[ReleaseRow, ...]
    more: int

    @property
    def newest(self) -> ReleaseRow | None:
        """The newest release that is ready."""
        return next((one for one in self.releases if one.version), None)


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a release as it was written down."""

    form: str
    sha256: str
    bytes: int
    report: tuple[dict[str, Any], ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """A ready release. ``versions`` are all of its dataset, the newest first."""

    id: int
    row: ReleaseRow
    manifest: dict[str, Any]
    versions: tuple[str, ...]
    withdrawn: tuple[tuple[str, str], ...]
    files: dict[str, FileRow]

    @property
    def dataset(self) -> str:
        """The dataset's name."""
        return self.row.dataset

    @property
    def version(self) -> str:
        """The release's version."""
        return self.row.version

    @property
    def before(self) -> str | None:
        """The version before this one; for the first, the one after; None where it is alone."""
        at = self.versions.index(self.version)
        others = [*self.versions[at + 1 :], *reversed(self.versions[:at])]
        return others[0] if others else None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record and its place in its release."""

    ord: int
    record: dict[str, Any]


def list_dataset_rows(session: Session) -> tuple[DatasetRow, ...]:
    """Every dataset with its newest releases, by name."""
    releases: dict[str, list[ReleaseRow]] = {}
    rows = session.execute(
        select(Dataset.name, Release)
        .join(Release, Release.dataset_id == Dataset.id)
        .order_by(Dataset.name, Release.number.desc())
    )
    for name, release in rows:
        releases.setdefault(name, []).append(_row(name, release))
    return tuple(
        DatasetRow(
            name,
            tuple(_with_job(session, one) for one in found[:SHOWN]),
            max(0, len(found) - SHOWN),
        )
        for name, found in releases.items()
    )


def list_dataset_names(session: Session) -> tuple[str, ...]:
    """The names of all datasets."""
    return tuple(session.scalars(select(Dataset.name).order_by(Dataset.name)))


def list_choices(session: Session) -> tuple[tuple[str, str, int], ...]:
    """What a release may be made of: each batch with its state and its passages' tasks."""
    rows = session.execute(
        select(Batch.slug, Batch.state, Lane.tasks)
        .join(Lane, Lane.batch_id == Batch.id)
        .order_by(Batch.id.desc(), Lane.n)
    )
    found: dict[str, tuple[str, str, int]] = {}
    for slug, state, tasks in rows:
        found[slug] = (slug, state, found.get(slug, ("", "", 0))[2] + tasks)
    return tuple(found.values())


def get_release_page(session: Session, name: str, version: str) -> ReleasePage:
    """A ready release with all that its page shows.

    Raises:
        NotFoundError: there is no such release.
    """
    release = _ready(session, name, version)
    versions = session.scalars(
        select(Release.version)
        .where(Release.dataset_id == release.dataset_id, Release.state == ReleaseState.READY)
        .order_by(Release.number.desc())
    )
    return ReleasePage(
        release.id,
        _row(name, release),
        dict(release.manifest or {}),
        tuple(versions),
        _titles(session, release.withdrawn),
        list_files(session, release.id),
    )


def get_side(session: Session, name: str, version: str) -> Side:
    """A ready release, as far as comparing it needs it.

    Raises:
        NotFoundError: there is no such release.
    """
    release = _ready(session, name, version)
    return Side(release.id, release.version, dict(release.manifest or {}))


def _ready(session: Session, name: str, version: str) -> Release:
    release = session.scalar(
        select(Release)
        .join(Dataset)
        .where(
            Dataset.name == name, Release.version == version, Release.state == ReleaseState.READY
        )
        .options(undefer(Release.manifest))
    )
    if release is None:
        raise NotFoundError(
            f"There is no release {version[:40]} of a dataset {name[:80]!r}.",
            remedy="See them all on the page Datasets.",
        )
    return release


def list_files(session: Session, release_id: int) -> dict[str, FileRow]:
    """The files that were made of a release, by format."""
    rows = session.scalars(
        select(ReleaseFile).where(ReleaseFile.release_id == release_id).order_by(ReleaseFile.form)
    )
    return {
        row.form: FileRow(row.form, row.sha256, row.bytes, tuple(row.report), row.made_at)
        for row in rows
    }


def list_records(
    session: Session, release_id: int, *, after: int | None = None, limit: int = 10
) -> Page[RecordRow]:
    """Records of a release in their order, for people to look at."""
    rows = session.execute(
        select(ReleaseRecord.ord, ReleaseRecord.line)
        .where(
            ReleaseRecord.release_id == release_id,
            ReleaseRecord.ord > (-1 if after is None else after),
        )
        .order_by(ReleaseRecord.ord)
        .limit(limit + 1)
    )
    found = [RecordRow(ord_, json.loads(line)) for ord_, line in rows]
    return make_page(found, limit, lambda row: row.ord)


def _row(name: str, release: Release) -> ReleaseRow:
    return ReleaseRow(
        dataset=name,
        number=release.number,
        version=release.version,
        state=release.state,
        records=release.records,
        spans=release.spans,
        problem=release.problem,
        notes=release.notes,
        actor=release.actor,
        created_at=release.created_at,
        built_at=release.built_at,
        withdrawn=len(release.withdrawn),
    )


def _with_job(session: Session, row: ReleaseRow) -> ReleaseRow:
    if row.state != ReleaseState.BUILDING:
        return row
    return replace(row, job=get_release_job(session, row.dataset, row.number))


def _titles(session: Session, uids: Sequence[str]) -> tuple[tuple[str, str], ...]:
    if not uids:
        return ()
    rows = session.execute(
        select(Article.uid, Article.title).where(Article.uid.in_(uids)).order_by(Article.uid)
    )
    return tuple((uid, title) for uid, title in rows)
