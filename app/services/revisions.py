"""Annotations and their revisions as rows: read and written a page at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.models.annotations import Annotation, Choice, Relation, Revision, Span
from labeling.types import ParsedAnnotation, RawAnnotation

REGION_CHARS = 80
AT_ONCE = 1_000

# What tells one annotation from another: the task's row, Label Studio's id, when it was made.
Key: TypeAlias = tuple[int, int, str]


@dataclass(slots=True)
class Known:
    """An annotation's row and what its newest revision says; ``id`` is 0 until it is stored."""

    task_id: int
    ls_id: int
    created_at: str
    ls_task_id: int
    id: int = 0
    ls_user_id: int | None = None
    annotator_id: int | None = None
    current: int = 0
    missing: int = 0
    kept: bool = False
    sha: str = ""
    state: str = ""
    changed: bool = False

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.task_id, self.ls_id, self.created_at

    def set(self, **values: Any) -> None:
        """Change columns, and remember whether anything really changed."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                self.changed = True


@dataclass(slots=True)
class NewRevision:
    """A revision to be stored; ``item`` is None where the annotation is gone."""

    known: Known
    n: int
    state: str
    sha: str
    item: RawAnnotation | None = None
    parsed: ParsedAnnotation | None = None
    id: int = 0


def load(session: Session, task_ids: Iterable[int]) -> dict[Key, Known]:
    """The annotations of these tasks."""
    rows = session.execute(known_columns().where(Annotation.task_id.in_(list(task_ids))))
    found = [as_known(row) for row in rows]
    return {known.key: known for known in found}


def known_columns() -> Any:
    """A query of what ``as_known`` reads."""
    return select(
        Annotation.task_id,
        Annotation.ls_id,
        Annotation.ls_created_at,
        Annotation.ls_task_id,
        Annotation.id,
        Annotation.ls_user_id,
        Annotation.annotator_id,
        Annotation.current,
        Annotation.missing,
        Annotation.kept,
        Revision.content_sha,
        Revision.state,
    ).outerjoin(
        Revision, (Revision.annotation_id == Annotation.id) & (Revision.n == Annotation.current)
    )


def as_known(row: Any) -> Known:
    """A row of ``known_columns``."""
    known = Known(*row)
    # An annotation that was never stored whole has no revision yet.
    known.sha, known.state = known.sha or "", known.state or ""
    return known


def store(
    session: Session,
    touched: Iterable[Known],
    revisions: Sequence[NewRevision],
    now: datetime,
) -> None:
    """Write the annotations that are new or changed, and append the revisions."""
    _store_annotations(session, list(touched))
    if not revisions:
        return
    rows = [_revision_row(revision, now) for revision in revisions]
    key = (Revision.annotation_id, Revision.n)
    ids = _insert(session, Revision, rows, key)
    for revision in revisions:
        revision.id = ids[revision.known.id, revision.n]
    _store_rows(session, [(revision.id, revision.parsed) for revision in revisions])


def store_content(session: Session, revision_id: int, parsed: ParsedAnnotation) -> None:
    """Write what one revision says."""
    _store_rows(session, [(revision_id, parsed)])


def _store_rows(session: Session, said: Sequence[tuple[int, ParsedAnnotation | None]]) -> None:
    for table, rows in _content(said):
        if rows:
            # Past the ORM, which would look at each row once more.
            session.connection().execute(insert(table), rows)


def _store_annotations(session: Session, touched: list[Known]) -> None:
    new = [known for known in touched if not known.id]
    old = [known for known in touched if known.id and known.changed]
    if new:
        rows = [_annotation_row(known) for known in new]
        ids = _insert(
            session,
            Annotation,
            rows,
            (Annotation.task_id, Annotation.ls_id, Annotation.ls_created_at),
        )
        for known in new:
            known.id = ids[known.key]
    if old:
        session.execute(
            update(Annotation), [{"id": known.id, **_annotation_row(known)} for known in old]
        )
    for known in touched:
        known.changed = False


def _insert(
    session: Session, model: Any, rows: Sequence[dict[str, Any]], key: Sequence[Any]
) -> dict[tuple[Any, ...], int]:
    """Insert rows, in their order, and find their ids by ``key``, which tells them apart.

    On SQLite, rows that shall tell their ids as they are inserted go one by one.
    """
    session.connection().execute(insert(model), rows)
    owners = list(dict.fromkeys(row[key[0].key] for row in rows))
    found: dict[tuple[Any, ...], int] = {}
    for first in range(0, len(owners), AT_ONCE):
        some = owners[first : first + AT_ONCE]
        told = session.execute(select(*key, model.id).where(key[0].in_(some)))
        found |= {tuple(row[:-1]): row[-1] for row in told}
    return found


def _annotation_row(known: Known) -> dict[str, Any]:
    return {
        "task_id": known.task_id,
        "ls_id": known.ls_id,
        "ls_created_at": known.created_at,
        "ls_task_id": known.ls_task_id,
        "ls_user_id": known.ls_user_id,
        "annotator_id": known.annotator_id,
        "current": known.current,
        "missing": known.missing,
        "kept": known.kept,
    }


def _revision_row(revision: NewRevision, now: datetime) -> dict[str, Any]:
    item = revision.item
    return {
        "annotation_id": revision.known.id,
        "n": revision.n,
        "content_sha": revision.sha,
        "state": revision.state,
        "lead_time": item.lead_time if item else None,
        "ls_updated_at": item.updated_at if item else "",
        "raw": dict(item.raw) if item else {},
        "set_aside": len(revision.parsed.set_aside) if revision.parsed else 0,
        "created_at": now,
    }


def _content(
    said: Sequence[tuple[int, ParsedAnnotation | None]],
) -> list[tuple[Any, list[dict[str, Any]]]]:
    spans: list[dict[str, Any]] = []
    relations: list[dict[str, Any]] = []
    choices: list[dict[str, Any]] = []
    for revision_id, parsed in said:
        if parsed is None:
            continue
        regions = {span.id: _region(span.id) for span in parsed.spans}
        spans.extend(
            {
                "revision_id": revision_id,
                "region": regions[span.id],
                "layer": span.layer,
                "label": span.label,
                "start": span.start,
                "end": span.end,
                "attrs": dict(span.attrs),
            }
            for span in parsed.spans
        )
        relations.extend(
            {
                "revision_id": revision_id,
                "n": n,
                "from_region": regions[relation.from_id],
                "to_region": regions[relation.to_id],
                "label": relation.label,
            }
            for n, relation in enumerate(parsed.relations)
        )
        choices.extend(
            {"revision_id": revision_id, "layer": choice.layer, "values": list(choice.values)}
            for choice in parsed.choices
        )
    return [(Span, spans), (Relation, relations), (Choice, choices)]


def _region(ident: str) -> str:
    """A region id that both stores can hold; ids are short unless somebody posted garbage."""
    if len(ident) <= REGION_CHARS and plain(ident) == ident:
        return ident
    return "sha-" + hashlib.sha256(ident.encode("utf-8", "surrogatepass")).hexdigest()


def plain(text: str) -> str:
    """A text that both stores can hold: no NUL, no lone surrogate."""
    return (
        text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\N{REPLACEMENT CHARACTER}")
    )
