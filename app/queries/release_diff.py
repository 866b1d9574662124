"""What changed between two releases, and by which decisions. Only what differs is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.extensions import Store
from app.models.batches import Batch
from app.models.passages import Passage
from app.models.releases import ReleaseRecord
from app.models.review import Decision, Gold, GoldSpan
from app.queries.releases import get_release
from labeling.datasets.diff import Difference, SpanChange, diff_records

_PAGE = 5_000
_AT_ONCE = 400
_BRIEF = ("layer", "label", "start", "end", "text", "attrs", "voice", "settled")

_Row = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two releases that are compared: its row id, version and manifest."""

    id: int
    version: str
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Gold:
    """What a passage's gold was in a release, and whose decisions it holds."""

    id: int
    passage: int
    batch: int


def diff_releases(store: Store, name: str, one: str, two: str) -> dict[str, Any]:
    """What changed from one release of a dataset to another, as ``datasets diff`` answers it.

    Raises:
        NotFoundError: a version does not exist.
    """
    with store.reading() as session:
        before, after = (
            Side(found.id, version, found.manifest)
            for version in (one, two)
            for found in [get_release(session, name, version)]
        )
    return diff_sides(store, name, before, after)


def diff_sides(store: Store, name: str, before: Side, after: Side) -> dict[str, Any]:
    """The same of releases that were looked up already."""
    difference = compare_releases(store, before.id, after.id)
    by = decisions_behind(store, before, after, difference.changes)
    return {
        "dataset": name,
        "from": before.version,
        "to": after.version,
        **difference.as_json(),
        "changes": [
            {
                "kind": change.kind,
                "passage": change.passage,
                "before": _brief(change.before),
                "after": _brief(change.after),
                "decisions": decisions,
            }
            for change, decisions in zip(difference.changes, by, strict=True)
        ],
        "passages": [{"kind": kind, "passage": uid} for kind, uid in difference.changed],
    }


def compare_releases(store: Store, before: int, after: int) -> Difference:
    """Compare two releases by their row ids; records that are alike are never read."""
    unlike = list(_unlike(_rows(store, before), _rows(store, after)))
    return diff_records(
        _records(store, before, [old for old, _ in unlike if old is not None]),
        _records(store, after, [new for _, new in unlike if new is not None]),
    )


def decisions_behind(
    store: Store, before: Side, after: Side, changes: Sequence[SpanChange]
) -> list[list[dict[str, Any]]]:
    """For each change the decisions that made it; none where nobody decided anything.

    A decision belongs to a change when it settled the group that one of its two spans is of,
    after the first release and before the second.
    """
    passages = sorted({change.passage for change in changes})
    groups: dict[tuple[str, str], str] = {}
    decided: dict[tuple[str, str], dict[str, Any]] = {}
    for at in range(0, len(passages), _AT_ONCE):
        with store.reading() as session:
            olds, news = _golds(session, (before, after), passages[at : at + _AT_ONCE])
            moved = {uid: gold for uid, gold in news.items() if olds.get(uid) != gold}
            groups.update(_groups(session, olds, moved))
            decided.update(_decisions(session, olds, moved))
    return [_behind(change, groups, decided) for change in changes]


def _behind(
    change: SpanChange,
    groups: Mapping[tuple[str, str], str],
    decided: Mapping[tuple[str, str], dict[str, Any]],
) -> list[dict[str, Any]]:
    spans = [span for span in (change.before, change.after) if span is not None]
    names = {groups.get((change.passage, span["id"]), "") for span in spans}
    told = [decided[change.passage, name] for name in names if (change.passage, name) in decided]
    return sorted(told, key=lambda one: int(one["decision"]))


def _golds(
    session: Session, sides: Sequence[Side], uids: Sequence[str]
) -> tuple[dict[str, _Gold], ...]:
    """Of each side, the gold of each passage: the newest of the first batch that has any."""
    slugs = {slug for side in sides for slug in side.manifest["plan"]["batches"]}
    rows = session.execute(
        select(Passage.uid, Batch.slug, Gold.id, Gold.passage_id, Gold.batch_id)
        .join(Gold, Gold.passage_id == Passage.id)
        .join(Batch, Batch.id == Gold.batch_id)
        .where(Passage.uid.in_(uids), Batch.slug.in_(slugs), Gold.state == "reviewed")
        .order_by(Gold.id)
    ).all()
    return tuple(
        _of_side(side, [(uid, slug, _Gold(*gold)) for uid, slug, *gold in rows]) for side in sides
    )


def _of_side(side: Side, rows: Iterable[tuple[str, str, _Gold]]) -> dict[str, _Gold]:
    order = list(side.manifest["plan"]["batches"])
    found: dict[str, tuple[int, _Gold]] = {}
    for uid, slug, gold in rows:
        if slug in order and gold.id <= side.manifest["as_of"]["gold"]:
            rank = order.index(slug)
            if uid not in found or rank <= found[uid][0]:
                found[uid] = (rank, gold)
    return {uid: gold for uid, (_, gold) in found.items()}


def _groups(
    session: Session, olds: Mapping[str, _Gold], news: Mapping[str, _Gold]
) -> dict[tuple[str, str], str]:
    """The group of each span, by its passage and its id in either release."""
    uids = {gold.id: uid for golds in (olds, news) for uid, gold in golds.items()}
    if not news:
        return {}
    rows = session.execute(
        select(GoldSpan.gold_id, GoldSpan.region, GoldSpan.group)
        .where(GoldSpan.gold_id.in_(list(uids)))
        .order_by(GoldSpan.gold_id, GoldSpan.region)
    )
    return {(uids[gold], region): group for gold, region, group in rows}


def _decisions(
    session: Session, olds: Mapping[str, _Gold], news: Mapping[str, _Gold]
) -> dict[tuple[str, str], dict[str, Any]]:
    """The last decision on each group of a passage in what led from one gold to the other."""
    if not news:
        return {}
    uids = {(gold.passage, gold.batch): uid for uid, gold in news.items()}
    undone = select(Decision.undoes).where(Decision.undoes.is_not(None))
    rows = session.execute(
        select(Decision, Gold.id)
        .join(Gold, Gold.review_id == Decision.review_id)
        .where(
            Gold.passage_id.in_([gold.passage for gold in news.values()]),
            Decision.verdict != "undo",
            Decision.seq.not_in(undone),
        )
        .order_by(Decision.seq)
    )
    found = {}
    for row, gold in rows:
        uid = uids.get((row.passage_id, row.batch_id))
        if uid is None:
            continue
        old = olds[uid].id if uid in olds else 0
        if old < gold <= news[uid].id:
            found[uid, row.group] = {
                "decision": row.seq,
                "verdict": row.verdict,
                "actor": row.actor,
                "at": row.at.isoformat(),
                "reason": row.reason,
            }
    return found


def _unlike(
    before: Iterator[_Row], after: Iterator[_Row]
) -> Iterator[tuple[int | None, int | None]]:
    """The places of records that are not in both releases alike; both are in order of uids."""
    old, new = next(before, None), next(after, None)
    while old is not None and new is not None:
        if old[1] < new[1]:
            yield old[0], None
            old = next(before, None)
        elif new[1] < old[1]:
            yield None, new[0]
            new = next(after, None)
        else:
            if old[2] != new[2]:
                yield old[0], new[0]
            old, new = next(before, None), next(after, None)
    if old is not None:
        yield from ((row[0], None) for row in (old, *before))
    if new is not None:
        yield from ((None, row[0]) for row in (new, *after))


def _rows(store: Store, release_id: int) -> Iterator[_Row]:
    after = -1
    while True:
        with store.reading() as session:
            rows = session.execute(
                select(ReleaseRecord.ord, ReleaseRecord.uid, ReleaseRecord.sha)
                .where(ReleaseRecord.release_id == release_id, ReleaseRecord.ord > after)
                .order_by(ReleaseRecord.ord)
                .limit(_PAGE)
            ).all()
        yield from ((ord_, uid, sha) for ord_, uid, sha in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _records(store: Store, release_id: int, places: Sequence[int]) -> Iterable[dict[str, Any]]:
    for at in range(0, len(places), _AT_ONCE):
        with store.reading() as session:
            lines = session.scalars(
                select(ReleaseRecord.line)
                .where(
                    ReleaseRecord.release_id == release_id,
                    ReleaseRecord.ord.in_(places[at : at + _AT_ONCE]),
                )
                .order_by(ReleaseRecord.ord)
            ).all()
        yield from (json.loads(line) for line in lines)


def _brief(span: Any) -> dict[str, Any] | None:
    return None if span is None else {key: span[key] for key in _BRIEF}
