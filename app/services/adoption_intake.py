"""Tasks and annotations of adopted work into SQL, through the same door as a sync's."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.models.adoption import Adoption
from app.models.annotations import Quarantine
from app.models.articles import Article, ArticleVersion, Block
from app.models.base import Base
from app.models.batches import Batch, Lane
from app.models.passages import Passage, Placement
from app.models.schemes import SchemeVersion
from app.models.tasks import Task, TaskState
from app.services import progress
from app.services.adoption import People
from app.services.annotations import LaneIntake
from app.services.term_index import note_passages
from labeling.adoption.config import read_config, text_in
from labeling.adoption.export import ExportedAnnotation, ExportedTask
from labeling.adoption.names import (
    adopted_article_uid,
    adopted_passage_uid,
    adopted_task_uid,
    without_names,
)
from labeling.adoption.results import ItemCounts, read_result
from labeling.adoption.scheme import AdoptedScheme, stored_scheme
from labeling.text.passages import text_sha, title_of
from labeling.types import Block as BlockValue
from labeling.types import ParsedAnnotation, RawAnnotation, RawTask, Role

_WHY = "The text as a whole: it was adopted."


@dataclass(slots=True)
class AdoptionCounts:
    """What the source holds, and what became of it."""

    tasks: int = 0
    annotations: int = 0
    items: ItemCounts = field(default_factory=ItemCounts)

    def as_json(self) -> dict[str, int]:
        """The counts under the names of the command's answer."""
        return {
            "tasks": self.tasks,
            "annotations": self.annotations,
            "spans": self.items.spans,
            "relations": self.items.relations,
            "attributes": self.items.attributes,
            "choices": self.items.choices,
            "quarantined_items": self.items.set_aside,
        }


class AdoptionIntake:
    """Takes in tasks of one adopted batch; taking one again adds nothing.

    Args:
        session: a session for reading what the batch was begun with.
        batch_id: the batch.
        people: its annotators, met before their annotations come.
        now: the time of the run.
    """

    def __init__(self, session: Session, batch_id: int, people: People, now: datetime) -> None:
        batch = session.get_one(Batch, batch_id)
        adoption = session.get_one(Adoption, batch_id)
        config = session.scalars(
            select(SchemeVersion.config).where(SchemeVersion.id == batch.scheme_version_id)
        ).one()
        self.adopted: AdoptedScheme = stored_scheme(read_config(adoption.config), config)
        self.batch_uid = batch.uid
        self.by_place = adoption.source == "export"
        self.pseudonyms = adoption.pseudonyms
        self.people = people
        self.counts = AdoptionCounts()
        # What the results of the page at hand say, by their lists.
        self._parsed: dict[int, ParsedAnnotation] = {}
        self.read_at = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.lane = LaneIntake(
            lane_id=people.lane_id,
            scheme=self.adopted.scheme,
            annotators=people.annotators,
            now=now,
            read=self._read,
        )

    def take(self, session: Session, tasks: Sequence[ExportedTask]) -> None:
        """Record tasks with all that was said about them, in the caller's transaction."""
        texts: list[tuple[ExportedTask, str]] = []
        aside: list[_Aside] = []
        for task in tasks:
            text, problem = text_in(task.data, self.adopted.foreign.text)
            self.counts.tasks += 1
            self.counts.annotations += len(task.annotations)
            aside += _odd(task)
            if problem:
                aside += _textless(task, problem)
            else:
                texts.append((task, text))
        self._ensure_tasks(session, texts)
        page: list[RawTask] = []
        for task, text in texts:
            raw, twins = self._as_ours(task, text)
            aside += twins
            page.append(raw)
            for annotation in raw.annotations:
                parsed = self._parsed[id(annotation.result)] = self._read(annotation.result, text)
                self.counts.items.add(annotation.result, parsed)
        self.lane.take(session, page)
        self._parsed.clear()
        self._set_aside(session, aside)

    def _read(self, result: Sequence[Any], text: str) -> ParsedAnnotation:
        """Read a result, once for its page: it is the same list that is counted and stored."""
        known = self._parsed.get(id(result))
        return read_result(result, text, self.adopted) if known is None else known

    def _uid(self, task: ExportedTask) -> str:
        # A file is read by place: merged files hold the same number twice. A server's task
        # keeps its number, and its place in the listing changes.
        place = f"place:{task.n}" if self.by_place else f"number:{task.ls_task_id}"
        return adopted_task_uid(self.batch_uid, place)

    def _ensure_tasks(self, session: Session, texts: Sequence[tuple[ExportedTask, str]]) -> None:
        uids = {self._uid(task): (task, text) for task, text in texts}
        known = set(session.scalars(select(Task.uid).where(Task.uid.in_(uids))))
        new = [(uid, *uids[uid]) for uid in uids if uid not in known]
        if not new:
            return
        lane_id = self.people.lane_id
        shas = {uid: text_sha(text) for uid, _, text in new}
        counted = session.execute(
            select(Task.text_sha, func.count())
            .where(Task.lane_id == lane_id, Task.text_sha.in_(shas.values()))
            .group_by(Task.text_sha)
        )
        seen: Counter[str] = Counter({row[0]: row[1] for row in counted})
        last = session.scalar(select(func.max(Task.ordinal)).where(Task.lane_id == lane_id))
        first = 0 if last is None else last + 1
        places: list[str] = []
        wanted: dict[str, _Slot] = {}
        for uid, _, text in new:
            slot = _Slot(text, shas[uid], seen[shas[uid]])
            seen[slot.sha] += 1
            places.append(slot.uid)
            wanted[slot.uid] = slot
        passages = self._ensure_passages(session, wanted)
        rows = [
            {
                "uid": uid,
                "lane_id": lane_id,
                "passage_id": passages[place],
                "ordinal": ordinal,
                "text_sha": shas[uid],
                "state": TaskState.PUSHED,
                "ls_task_id": task.ls_task_id,
            }
            for ordinal, ((uid, task, _), place) in enumerate(
                zip(new, places, strict=True), start=first
            )
        ]
        session.connection().execute(insert(Task), rows)
        progress.add(session, lane_id, tasks=len(new), pushed=len(new))

    def _ensure_passages(self, session: Session, wanted: Mapping[str, _Slot]) -> dict[str, int]:
        """The row ids of these passages; each that is new gets an article of its own."""
        found = session.execute(select(Passage.uid, Passage.id).where(Passage.uid.in_(wanted)))
        known = {row[0]: row[1] for row in found}
        new = [slot for uid, slot in wanted.items() if uid not in known]
        if not new:
            return known
        articles = _insert(session, Article, [self._article_row(slot) for slot in new])
        versions = _insert(
            session,
            ArticleVersion,
            [_version_row(key, slot.text) for key, slot in zip(articles, new, strict=True)],
        )
        passages = _insert(
            session, Passage, [slot.row(key) for key, slot in zip(articles, new, strict=True)]
        )
        blocks, placements = [], []
        for version, passage, slot in zip(versions, passages, new, strict=True):
            whole = {"version_id": version, "start": 0, "end": len(slot.text)}
            blocks.append({**whole, "ord": 0, "role": Role.BODY.value, "reason": _WHY})
            placements.append({**whole, "passage_id": passage})
        session.connection().execute(insert(Block), blocks)
        session.connection().execute(insert(Placement), placements)
        note_passages(session, passages)
        return known | {slot.uid: key for slot, key in zip(new, passages, strict=True)}

    def _article_row(self, slot: _Slot) -> dict[str, Any]:
        return {
            "uid": adopted_article_uid(slot.sha, slot.occurrence),
            "kind": "adopted",
            "title": title_of(slot.text, [BlockValue(Role.BODY, 0, len(slot.text), _WHY)]),
            "source": self.people.slug,
            "imported_at": self.lane.now,
        }

    def _as_ours(self, task: ExportedTask, text: str) -> tuple[RawTask, list[_Aside]]:
        """The task as a listing of one of our own lanes would give it; twins are set aside."""
        found: dict[tuple[int, str], RawAnnotation] = {}
        twins: list[_Aside] = []
        for n, one in enumerate(task.annotations):
            ls_id = -1 - n if one.ls_id is None else one.ls_id
            if (ls_id, one.created_at) in found:
                reason = f"annotation {ls_id} stands twice in its task"
                twins += _items(task, n, one, "twin_annotation", reason)
                continue
            found[ls_id, one.created_at] = RawAnnotation(
                ls_id=ls_id,
                completed_by=self.people.numbers[one.person.key],
                was_cancelled=one.was_cancelled,
                created_at=one.created_at,
                # Where the source tells no times, it is as old as we know it to be.
                updated_at=one.updated_at or one.created_at or self.read_at,
                lead_time=one.lead_time,
                result=one.result,
                raw=without_names(one.raw, one.person) if self.pseudonyms else one.raw,
            )
        number = -1 - task.n if task.ls_task_id is None else task.ls_task_id
        data = {"uid": self._uid(task), "text": text}
        return RawTask(number, "", data, tuple(found.values())), twins

    def _set_aside(self, session: Session, aside: Sequence[_Aside]) -> None:
        """Keep what never reached an annotation, item by item."""
        if not aside:
            return
        self.counts.items.set_aside += len(aside)
        lane_id = self.people.lane_id
        rows = {one.key(lane_id, self._uid(one.task)): one for one in aside}
        known = set(session.scalars(select(Quarantine.key).where(Quarantine.key.in_(rows))))
        new = {key: one for key, one in rows.items() if key not in known}
        for key, one in new.items():
            session.add(
                Quarantine(
                    key=key,
                    lane_id=lane_id,
                    ls_task_id=one.task.ls_task_id,
                    ls_annotation_id=one.annotation.ls_id if one.annotation else None,
                    kind=one.kind,
                    reason=one.reason[:1].upper() + one.reason[1:] + ".",
                    raw=self._raw(one),
                    item=one.place[-1],
                    created_at=self.lane.now,
                )
            )
        session.flush()
        progress.add(session, lane_id, quarantined=len(new))
        self.lane.desk.any_open = True

    def _raw(self, one: _Aside) -> dict[str, Any]:
        if one.annotation is None:
            # What is no annotation has no form of which a name could be taken out.
            return {"withheld": "names are kept out"} if self.pseudonyms else {"item": one.item}
        told: Mapping[str, Any] = one.annotation.raw
        if self.pseudonyms:
            told = without_names(told, one.annotation.person)
        annotation = {key: value for key, value in told.items() if key != "result"}
        data = sorted(str(key) for key in one.task.data)
        return {"item": one.item, "annotation": annotation, "data_keys": data}


@dataclass(frozen=True, slots=True)
class _Slot:
    """A text of the source, for the so-and-so-many-eth time in its lane."""

    text: str
    sha: str
    occurrence: int

    @property
    def uid(self) -> str:
        return adopted_passage_uid(self.sha, self.occurrence)

    def row(self, article_id: int) -> dict[str, Any]:
        return {
            "uid": self.uid,
            "article_id": article_id,
            "role": Role.BODY.value,
            "text": self.text,
            "text_sha": self.sha,
            "occurrence": self.occurrence,
        }


@dataclass(frozen=True, slots=True)
class _Aside:
    """An item that never reached an annotation: where it stands, what it is, and why."""

    task: ExportedTask
    place: tuple[int, int]
    item: Any
    kind: str
    reason: str
    annotation: ExportedAnnotation | None = None

    def key(self, lane_id: int, uid: str) -> str:
        parts = json.dumps([lane_id, "adopted", uid, self.kind, *self.place])
        return hashlib.sha256(parts.encode("ascii")).hexdigest()


def _odd(task: ExportedTask) -> Iterator[_Aside]:
    for n, item in enumerate(task.odd):
        reason = "the file holds something here that is no annotation"
        yield _Aside(task, (-1, n), item, "bad_annotation", reason)


def _textless(task: ExportedTask, problem: str) -> Iterator[_Aside]:
    for n, annotation in enumerate(task.annotations):
        yield from _items(task, n, annotation, "no_text", problem)


def _items(
    task: ExportedTask, n: int, annotation: ExportedAnnotation, kind: str, reason: str
) -> Iterator[_Aside]:
    for index, item in enumerate(annotation.result):
        yield _Aside(task, (n, index), item, kind, reason, annotation)


def _version_row(article_id: int, text: str) -> dict[str, Any]:
    data = text.encode("utf-8")
    return {
        "article_id": article_id,
        "n": 1,
        "bytes_sha": hashlib.sha256(data).hexdigest(),
        "original": data,
        "encoding": "utf-8",
        "text": text,
        "fixes": [],
    }


def _insert(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> list[int]:
    """Write rows past the ORM, which would look at each once more; their ids in order."""
    adding = insert(table).returning(table.__table__.columns["id"], sort_by_parameter_order=True)
    return list(session.connection().scalars(adding, rows))


def lane_of(session: Session, batch_id: int) -> Lane:
    """The one lane of an adopted batch."""
    return session.scalars(select(Lane).where(Lane.batch_id == batch_id)).one()
