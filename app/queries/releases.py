"""Reads of datasets: their releases, and the frozen records of one, in short reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.extensions import Store
from app.models.batches import Batch
from app.models.releases import Dataset, Release, ReleaseArticle, ReleaseRecord, ReleaseState
from app.models.schemes import SchemeVersion
from app.queries.release_records import ReleasedArticle
from labeling.datasets.formats.base import Spec
from labeling.scheme import read_scheme

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A ready release, as far as exports need it."""

    id: int
    dataset: str
    version: str
    sha256: str
    manifest: dict[str, Any]
    spec: Spec


def get_release(session: Session, name: str, version: str) -> ReleaseFacts:
    """A ready release of a dataset.

    Raises:
        NotFoundError: no such dataset, or no such version of it.
    """
    row = session.execute(
        select(Release, Release.manifest)
        .join(Dataset)
        .where(
            Dataset.name == name, Release.version == version, Release.state == ReleaseState.READY
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is no release {version} of a dataset {name!r}.",
            remedy="See them with: flask datasets list",
        )
    release, manifest = row
    return ReleaseFacts(
        release.id, name, version, release.sha256, manifest, _spec(session, name, release.plan)
    )


def list_datasets(session: Session) -> dict[str, Any]:
    """The answer of ``datasets list``: every dataset with its releases, the newest first."""
    rows = session.execute(
        select(Dataset.name, Release)
        .join(Release, Release.dataset_id == Dataset.id)
        .order_by(Dataset.name, Release.number.desc())
    )
    datasets: dict[str, list[dict[str, Any]]] = {}
    for name, release in rows:
        datasets.setdefault(name, []).append(
            {
                "version": release.version or None,
                "state": release.state,
                "records": release.records,
                "spans": release.spans,
                "sha256": release.sha256,
                "created_at": release.created_at.isoformat(),
                "withdrawn": list(release.withdrawn),
                "problem": release.problem,
                "notes": release.notes,
            }
        )
    return {"datasets": [{"dataset": name, "releases": found} for name, found in datasets.items()]}


def iter_lines(
    store: Store, release_id: int, *, after: int = -1, limit: int | None = None
) -> Iterator[str]:
    """The canonical lines of a release, in order, in short reads.

    Args:
        store: where they are.
        release_id: the release.
        after: the place before the first.
        limit: at most so many; None: all.
    """
    left = limit
    while left is None or left > 0:
        take = PAGE if left is None else min(PAGE, left)
        with store.reading() as session:
            rows = session.execute(
                select(ReleaseRecord.ord, ReleaseRecord.line)
                .where(ReleaseRecord.release_id == release_id, ReleaseRecord.ord > after)
                .order_by(ReleaseRecord.ord)
                .limit(take)
            ).all()
        for _, line in rows:
            yield line
        if len(rows) < take:
            return
        after, left = rows[-1][0], None if left is None else left - take


def iter_release(store: Store, release_id: int) -> Iterator[dict[str, Any]]:
    """The records of a release, in order."""
    return (json.loads(line) for line in iter_lines(store, release_id))


def released_articles(session: Session, release_id: int) -> dict[str, ReleasedArticle]:
    """The articles of a release as they were frozen."""
    rows = session.execute(
        select(ReleaseArticle.uid, ReleaseArticle.fields, ReleaseArticle.split).where(
            ReleaseArticle.release_id == release_id
        )
    )
    return {uid: ReleasedArticle(fields, split) for uid, fields, split in rows}


def _spec(session: Session, name: str, plan: dict[str, Any]) -> Spec:
    """The layers of all schemes in a release; of a layer in several, all its labels."""
    layers: dict[str, Any] = {}
    relations: dict[str, None] = {}
    configs = session.scalars(
        select(SchemeVersion.config)
        .join(Batch, Batch.scheme_version_id == SchemeVersion.id)
        .where(Batch.slug.in_(plan["batches"]))
        .order_by(Batch.id)
    )
    for config in dict.fromkeys(configs):
        scheme = read_scheme(config)
        relations.update(dict.fromkeys(scheme.relations))
        for layer in scheme.layers:
            layers.setdefault(layer.name, layer)
    return Spec(name, tuple(layers.values()), tuple(relations))
