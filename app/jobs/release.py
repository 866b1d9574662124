"""Building a release, rebuilding it, and writing it out: in a job, or in the command itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import AppError
from app.extensions import Store
from app.models.releases import Release, ReleaseState
from app.queries.release_diff import compare_releases
from app.queries.release_facts import agreement_of, blindness_of, suggestion_effects
from app.queries.release_records import ReleasedArticle, make_records
from app.queries.releases import released_articles
from app.queries.releasing import Scope, iter_candidates, read_scope
from app.services import releases
from app.services.releases import Survey
from labeling.datasets.figures import Figures
from labeling.datasets.logical import LogicalHash
from labeling.datasets.plan import ReleaseError, read_plan
from labeling.datasets.records import to_json_line
from labeling.datasets.splits import SplitError, Splits, find_leaks, record_keys
from labeling.errors import LabelingError

Transaction = Callable[[], AbstractContextManager[Session]]
Progress = Callable[[int, int], None]
Key = tuple[str, str | None, str | None, str | None]

_VERSIONED = ("numpy", "scipy", "pyarrow", "scikit-learn")


@dataclass(frozen=True, slots=True)
class Built:
    """A ready release: its name, version and manifest."""

    dataset: str
    version: str
    manifest: dict[str, Any]


def build(
    store: Store,
    release_id: int,
    transaction: Transaction | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Built:
    """Build a planned release. What was begun before is begun anew; what is ready stays.

    Args:
        store: where to read; reads are short.
        release_id: the row of the release.
        transaction: how to write, such as a job's own fenced transaction.
        progress: told how many records are done, and of how many (which grows while the
            passages are looked at).

    Raises:
        SplitError: the split leaks; nothing of the release is left.
        ReleaseError: nothing would be in it.
    """
    writing = transaction or store.transaction
    with store.reading() as session:
        release = session.get_one(Release, release_id)
        if release.state == ReleaseState.READY:
            return Built(release.dataset.name, release.version, dict(release.manifest or {}))
    try:
        return _build(store, release_id, writing, progress)
    except (LabelingError, AppError) as err:
        # A conflict says that it has ended meanwhile: then nothing of it may go.
        if err.kind not in ("fenced", "conflict"):
            with writing() as session:
                releases.fail_release(session, release_id, err.message)
        raise


def _build(store: Store, release_id: int, writing: Transaction, progress: Progress) -> Built:
    with store.reading() as session:
        release = session.get_one(Release, release_id)
        scope = read_scope(session, read_plan(release.plan), release.as_of)
    survey = Survey()
    for page in iter_candidates(store, scope):
        survey.take(page)
        progress(0, survey.kept)
    if not survey.kept:
        told = ", ".join(f"{n} {reason}" for reason, n in sorted(survey.dropped.items()))
        raise ReleaseError(
            f"Nothing would be in this release ({told or 'the batches hold no passage'}).",
            remedy="Settle passages first, or take --state annotated.",
        )
    with writing() as session:
        releases.clear(session, release_id)
        splits = releases.split_release(session, session.get_one(Release, release_id), survey)
    logical, figures, keys = _freeze(store, release_id, scope, survey, writing, progress)
    leaks = find_leaks(keys)
    if leaks:
        shared, one, other = leaks[0]
        raise SplitError(
            f"The split leaks: {shared} is in {one} and in {other}.",
            remedy="Give both the same story, or split anew with another --seed.",
        )
    manifest = _manifest(scope, survey, splits, logical)
    with store.reading() as session:
        manifest["figures"] = figures.as_json()
        manifest["agreement"] = agreement_of(session, scope)
        manifest["effect_of_suggestions"] = suggestion_effects(session, scope)
        manifest["blindness"] = blindness_of(session, scope)
        change = _change(store, session.get_one(Release, release_id), manifest)
    with writing() as session:
        done = releases.finish_release(
            session, session.get_one(Release, release_id),
            manifest=manifest, change=change, now=datetime.now(UTC),
        )  # fmt: skip
        return Built(done.dataset.name, done.version, dict(done.manifest or {}))


def _freeze(
    store: Store,
    release_id: int,
    scope: Scope,
    survey: Survey,
    writing: Transaction,
    progress: Progress,
) -> tuple[LogicalHash, Figures, list[Key]]:
    logical, figures = LogicalHash(), Figures()
    # One an article: passages of an article differ in nothing that could leak.
    keys: set[Key] = set()
    with store.reading() as session:
        articles = released_articles(session, release_id)
    for records in record_pages(store, scope, articles):
        lines = [to_json_line(record) for record in records]
        frozen = [(one["passage"]["uid"], line) for one, line in zip(records, lines, strict=True)]
        with writing() as session:
            releases.keep_records(session, release_id, logical.records, frozen)
        for record, line in zip(records, lines, strict=True):
            logical.add_line(record, line.encode("utf-8"))
            figures.add(record)
            keys.add(record_keys(record))
        progress(logical.records, survey.kept)
    return logical, figures, sorted(keys, key=str)


def record_pages(
    store: Store, scope: Scope, articles: dict[str, ReleasedArticle]
) -> Iterator[list[dict[str, Any]]]:
    """The records of a scope, page by page, of articles that the release froze."""
    for page in iter_candidates(store, scope):
        # What was left out for its article's sake has none among those that were frozen; what
        # became of the article since (a retraction, another date) does not matter.
        kept = [one for one in page if one.batch and one.article["uid"] in articles]
        with store.reading() as session:
            records = make_records(session, scope, kept, articles)
        yield records


def _manifest(scope: Scope, survey: Survey, splits: Splits, logical: LogicalHash) -> dict[str, Any]:
    plan = scope.plan
    return {
        "format": "copydesk-release/1",
        "counts": logical.counts(),
        "passages": {
            "in": survey.seen,
            "out": survey.kept,
            "dropped": dict(sorted(survey.dropped.items())),
        },
        "records_sha256": logical.hexdigest(),
        "plan": plan.as_json(),
        "as_of": dict(scope.as_of),
        "licence": plan.licence or None,
        "schemes": [
            {
                "batch": batch.slug,
                "scheme": batch.named.name,
                "version": batch.named.version,
                "sha256": batch.scheme_sha,
            }
            for batch in scope.batches
        ],
        "moved": [
            {
                "group": one.group,
                "was": list(one.was),
                "now": one.now,
                "articles": list(one.articles),
            }
            for one in splits.moved
        ],
        "articles": len(survey.articles),
        "languages": sorted({a["language"] for a in survey.articles.values() if a["language"]}),
        "made_with": {name: metadata.version(name) for name in _VERSIONED},
    }


def _change(store: Store, release: Release, manifest: dict[str, Any]) -> str:
    """What sets a release apart from the last one: its scheme, its records, or corrections."""
    with store.reading() as session:
        last = releases.last_release(session, release.dataset_id)
        before = (
            None
            if last is None
            else session.scalar(select(Release.manifest).where(Release.id == last.id))
        )
    if last is None or before is None:
        return "records"
    if {s["sha256"] for s in before["schemes"]} != {s["sha256"] for s in manifest["schemes"]}:
        return "scheme"
    difference = compare_releases(store, last.id, release.id)
    came_or_went = difference.records["added"] or difference.records["removed"]
    return "records" if came_or_went else "corrections"
