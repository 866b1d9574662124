"""A desk with something on every page: the demo articles, three batches, answers, jobs.

It is filled through the services and the jobs' own bodies, on a fake Label Studio.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.extensions import Store
from app.keys import TokenVault
from app.models.batches import Batch
from app.models.drift import Drift
from app.models.intakes import Intake, IntakeRejection, IntakeState
from app.models.jobs import Job, JobState
from app.models.passages import Passage
from app.models.review import ReviewItem
from app.models.tasks import Task
from app.queries.decisions import list_conflicts
from app.queries.evenness import iter_counted
from app.services.articles import ArticleFields, prepare_article, store_article
from app.services.connections import note_check, save_connection
from app.services.decision_files import DecisionBody, carry_out
from app.services.evenness import keep_report, state_lean
from app.services.release_files import request_files, request_release
from app.services.room import Seat, add_note, flag
from config import Settings
from labeling.datasets.plan import ReleasePlan
from tests.line import ADA, BEN, CHLOE, Line
from tests.moderated import moderate

ARTICLES = Path(__file__).resolve().parent.parent / "seeds" / "articles"
ADMIN = "admin@example.org"

_QUOTE = re.compile(r"[“\"][^”\"]{12,}[”\"]")
_NAME = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b")
_LOADED = re.compile(r"\b(greedy|zealots|bullied|bombers|God help us|slapped|less mellow)\b")


@dataclass
class Desk:
    """What tests need to know of the filled desk."""

    line: Line
    article: str
    loaded: str
    rich: str
    empty: str
    running_job: int
    failed_job: int
    intake: int
    dataset: str
    review: str
    settled: str
    escalated: str
    appealed: str
    overturned: str


def fill(settings: Settings, store: Store) -> Desk:
    """Fill a migrated instance."""
    line = Line(settings.model_copy(update={"push_settle_s": 0.0}), store)
    uids = _import_articles(line)
    line.add_batch("demo", scheme="news", annotators=(ADA, BEN, CHLOE), overlap=3)
    line.push("demo")
    _annotate(line, "demo")
    line.sync("demo")
    line.add_batch(
        "shared-pilot", scheme="news", annotators=(ADA, BEN), deal="shared",
        articles=("outlet=Northfold Courier",),
    )  # fmt: skip
    line.push("shared-pilot")
    line.add_batch("week-14", scheme="news", annotators=(CHLOE,), articles=("section=health",))
    _drift(line, "shared-pilot")
    failed = _failed_job(line)
    running = _running_job(line)
    _second_connection(line)
    intake = _checked_upload(line)
    dataset = _releases(line)
    _count_evenness(line)
    articles = (uids["baths-reopen.txt"], uids["death-tax.txt"])
    reviewed = _reviewed(line)
    moderated = moderate(line, uids)
    passages = _passages(line)
    work = (running, failed, intake, dataset)
    return Desk(line, *articles, *passages, *work, *reviewed, *moderated)


def _count_evenness(line: Line) -> None:
    """Two outlets state something about themselves, and everything is counted once."""
    with line.store.transaction() as session:
        for outlet, lean in (("Northfold Courier", "left"), ("The Freeholder", "right")):
            state_lean(session, outlet, lean, source="its masthead", actor=ADMIN)
    *_, (_, tally) = iter_counted(line.store)
    with line.store.transaction() as session:
        keep_report(session, tally.report(), actor=ADMIN)


def _import_articles(line: Line) -> dict[str, str]:
    uids = {}
    with (ARTICLES / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        path = ARTICLES / row["file"]
        prepared = prepare_article(
            path.read_bytes(),
            source=row["file"],
            fields=ArticleFields(
                outlet=row["outlet"],
                section=row["section"],
                url=row["url"],
                external_id=row["external_id"],
                published_at=datetime.fromisoformat(row["published_at"]).replace(tzinfo=UTC),
            ),
            max_bytes=1_000_000,
        )
        with line.store.transaction() as session:
            uids[path.name] = store_article(session, prepared).uid
    return uids


def _annotate(line: Line, slug: str) -> None:
    users = {user.email: user.id for user in line.server.users}
    for n, (lane, email) in enumerate(zip(line.lanes(slug), (ADA, BEN, CHLOE), strict=True)):
        tasks = line.server.tasks_of(lane.ls_project_id)
        for i, task in enumerate(tasks[: len(tasks) * (9 - 2 * n) // 10]):
            text = task["data"]["text"]
            if i % 11 == 7:
                line.server.annotate(task["id"], [], completed_by=users[email], was_cancelled=True)
                continue
            result = _answers(text, n)
            if i % 9 == 4:
                result.append(_region("far", "entity", "PERSON", len(text) + 5, len(text) + 9))
            line.server.annotate(
                task["id"], result, completed_by=users[email], lead_time=20 + 7.0 * (i % 13)
            )


def _answers(text: str, who: int) -> list[dict[str, Any]]:
    """Spans as three annotators might see them: alike, but not the same."""
    result = []
    quotes = list(_QUOTE.finditer(text))
    names = list(_NAME.finditer(text))
    for k, found in enumerate(quotes):
        inner = who == 1
        result.append(
            _region(f"q{k}", "quote", "QUOTE", found.start() + inner, found.end() - inner)
        )
        result.append(_choice(f"q{k}", "kind", "direct" if k % 2 == who % 2 else "partial"))
    for k, found in enumerate(names):
        if k % 3 != who:
            result.append(_region(f"n{k}", "entity", "PERSON", found.start(), found.end()))
    if quotes and names:
        said = names[-1]
        result.append(_region("s", "quote", "SPEAKER", said.start(), said.end()))
        link = {"type": "relation", "from_id": "q0", "to_id": "s", "labels": ["said_by"]}
        result.append(link)
    for k, found in enumerate(_LOADED.finditer(text)):
        end = found.end() + (who == 2 and found.end() < len(text))
        result.append(_region(f"l{k}", "loaded", "LOADED_TERM", found.start(), end))
        result.append(_choice(f"l{k}", "voice", "outlet" if who else "quoted"))
    return result


def _region(key: str, layer: str, label: str, start: int, end: int) -> dict[str, Any]:
    value = {"start": start, "end": end, "labels": [label]}
    return {"id": key, "from_name": layer, "to_name": "text", "type": "labels", "value": value}


def _choice(key: str, name: str, value: str) -> dict[str, Any]:
    return {
        "id": key, "from_name": name, "to_name": "text", "type": "choices",
        "value": {"choices": [value]},
    }  # fmt: skip


def _drift(line: Line, slug: str) -> None:
    """What people did in Label Studio beside annotating: some of it holds, some is over."""
    now = datetime.now(UTC)
    (lane,) = line.lanes(slug)
    task = line.server.tasks_of(lane.ls_project_id)[0]["id"]
    kinds = (
        ("mass_withdrawal", "open", 31, [task, task + 1, task + 2, task + 3]),
        ("config_changed", "open", 1, [f"project {lane.ls_project_id}"]),
        ("text_changed", "open", 2, [task, task + 1]),
        ("moved", "closed", 3, []),
    )
    with line.store.transaction() as session:
        for kind, state, count, examples in kinds:
            session.add(
                Drift(
                    lane_id=lane.id, kind=kind, state=state, count=count, examples=examples,
                    first_at=now - timedelta(hours=5), last_at=now - timedelta(hours=1),
                    actor="" if state == "open" else ADMIN,
                )
            )  # fmt: skip


def _failed_job(line: Line) -> int:
    return _job(
        line,
        "shared-pilot",
        name="push_v1",
        key="push",
        state=JobState.FAILED,
        message="Label Studio did not answer within 60 s.",
        error={
            "kind": "studio_unavailable",
            "message": "Label Studio did not answer within 60 s.",
            "remedy": "See whether it runs: flask studio check fake. Then retry the job.",
        },
        ended_at=datetime.now(UTC),
        done=12,
    )


def _running_job(line: Line) -> int:
    return _job(
        line,
        "shared-pilot",
        name="sync_v1",
        key="sync",
        state=JobState.RUNNING,
        message="Reading lane 1",
        done=9,
    )


def _job(line: Line, slug: str, *, name: str, key: str, **columns: Any) -> int:
    now = datetime.now(UTC)
    with line.store.transaction() as session:
        batch = session.scalars(select(Batch).where(Batch.slug == slug)).one()
        job = Job(
            name=name,
            key=f"{key}:{batch.id}",
            partition=f"{key}:{batch.id}",
            args={"batch": batch.id},
            actor=ADMIN,
            total=21,
            created_at=now - timedelta(minutes=2),
            started_at=now - timedelta(minutes=1),
            **columns,
        )
        session.add(job)
        session.flush()
        return job.id


def _checked_upload(line: Line) -> int:
    """An upload whose check found something new, known, rejected and in another language."""
    files = [["harbour-week.zip", 5_210_300], ["wire-export-2026-11.csv", 81_222]]
    said = {"fields": {"outlet": "Gull", "story": "harbour"}, "columns": [], "encoding": ""}
    names = ("harbour-week.zip/notes/photo.jpg", "wire-export-2026-11.csv")
    reasons = ("files of this kind cannot be imported.", "it has 7 cells, but 6 columns.")
    with line.store.transaction() as session:
        intake = Intake(
            folder="f" * 32, state=IntakeState.CHECKED, actor=ADMIN, said=said,
            files=files, languages={"fr": 2},
            settled=1_254, imported=1_182, duplicates=70, rejected=2,
            created_at=datetime.now(UTC),
        )  # fmt: skip
        session.add(intake)
        session.flush()
        for n, (name, reason) in enumerate(zip(names, reasons, strict=True), 1):
            row = 214 if n == 2 else None
            where = f"row {row}" if row else name
            session.add(
                IntakeRejection(
                    intake_id=intake.id, ord=n, source=name, row=row, reason=f"{where}: {reason}"
                )
            )
        return intake.id


def _releases(line: Line) -> str:
    """Two releases of a dataset, a third that failed, and a file of the first."""
    plans = (
        ReleasePlan(("demo",), state="annotated", licence="cc-by-4.0"),
        ReleasePlan(("demo", "week-14"), state="any", labels=("PERSON", "QUOTE", "LOADED_TERM")),
        ReleasePlan(("demo",), languages=("fr",)),
    )
    for plan, notes in zip(plans, ("The first one.", "With what is open.", ""), strict=True):
        with line.store.transaction() as session:
            job = request_release(
                session, line.queue, "loaded-terms", plan,
                actor=ADMIN, notes=notes, now=datetime.now(UTC),
            )  # fmt: skip
        line.run(job)
    with line.store.transaction() as session:
        job = request_files(session, line.queue, "loaded-terms", "1.0.0", "conll", actor=ADMIN)
    line.run(job)
    return "loaded-terms"


def _second_connection(line: Line) -> None:
    with line.store.transaction() as session:
        first = save_connection(
            session, TokenVault(line.settings), name="fake", url="http://127.0.0.1:8080",
            token="0123456789abcdef" * 2, actor=ADMIN,
        )  # fmt: skip
        note_check(first, version="1.23.2", user_email="desk@example.org", token_kind="legacy")
        second = save_connection(
            session, TokenVault(line.settings), name="press-room",
            url="http://press-room.example.org:8080", token="fedcba9876543210" * 2, actor=ADMIN,
        )  # fmt: skip
        note_check(
            second,
            version="",
            user_email="",
            token_kind="",
            problem="The server refuses legacy tokens. Copy a personal access token from your "
            "account page there and connect again.",
        )


def _reviewed(line: Line) -> tuple[str, str]:
    """A passage with much to decide, some of it decided; and one that is settled."""
    with line.store.reading() as session:
        ready = session.scalars(
            select(Passage.uid)
            .join(ReviewItem, ReviewItem.passage_id == Passage.id)
            .where(ReviewItem.state == "ready", ReviewItem.open > 0)
            .order_by(ReviewItem.open.desc(), Passage.id)
        ).all()
        opened = [c.key for c in list_conflicts_of(session, ready[0]) if c.differs]
    now = datetime.now(UTC)
    with line.store.transaction() as session:
        body = {"passage": ready[0], "group": opened[0], "verdict": "reject", "reason": "other"}
        bodies = [DecisionBody(**body)]
        carry_out(session, "demo", ready[0], bodies, actor=ADMIN, now=now, settle=False)
        seat = Seat("demo", ready[0], ADMIN, now)
        add_note(session, seat, "Is the office part of the name?", group=opened[-1])
        flag(session, seat, "Worth a look by whoever wrote the guideline.", on=True)
        wanted = [
            DecisionBody(passage=ready[-1], group=c.key, verdict="accept", version=None)
            for c in list_conflicts_of(session, ready[-1])
            if c.differs
        ]
        carry_out(session, "demo", ready[-1], wanted, actor=ADMIN, now=now, settle=True)
    return ready[0], ready[-1]


def list_conflicts_of(session: Any, uid: str) -> list[Any]:
    """The groups of a passage of the demo batch."""
    ids = session.execute(
        select(ReviewItem.batch_id, ReviewItem.passage_id)
        .join(Passage, Passage.id == ReviewItem.passage_id)
        .where(Passage.uid == uid)
        .order_by(ReviewItem.batch_id)
    ).first()
    return list(list_conflicts(session, *ids))


def _passages(line: Line) -> tuple[str, str]:
    """A passage with many spans in every lane, and one of the draft batch."""
    with line.store.reading() as session:
        rows = session.execute(
            select(Passage.uid, Passage.text)
            .join(Task, Task.passage_id == Passage.id)
            .where(Task.annotated.is_(True))
            .distinct()
        ).all()
        rich = max(
            rows, key=lambda row: len(_LOADED.findall(row.text)) * 5 + len(_QUOTE.findall(row.text))
        )
        (lane,) = line.lanes("week-14")
        draft = session.scalars(
            select(Passage.uid)
            .join(Task, Task.passage_id == Passage.id)
            .where(Task.lane_id == lane.id)
            .order_by(Task.id)
        ).first()
    return rich.uid, draft
