"""Our own code, broken on purpose: each way of breaking it must be caught by the rehearsal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from unittest import mock

from sqlalchemy import select, update

from app.jobs import lanes, push, settle, sweep
from app.jobs.pull import LanePull
from app.jobs.push import LanePush
from app.jobs.runtime import JobContext
from app.models.annotations import Revision, RevisionState
from app.models.batches import Chunk, ChunkState, Lane
from app.models.jobs import Job
from app.queue import Queue
from app.services import annotations, progress, review_items, revisions, withdrawals
from app.services.revisions import NewRevision
from labeling.annotations import parse_result
from labeling.errors import RetryableGatewayError
from labeling.studio import fake_gateway, window
from tests.rehearsal import breakages
from tests.rehearsal.studio import SimGateway

Breaking = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A way of breaking the code.

    Args:
        name: what is broken.
        breaking: makes a context in which it is.
        cells: where it must be noticed: (request, fault), tried in turn.
        stages: in which stages those are; empty: in any.
        caught_by: the invariants by which it may be noticed.
    """

    name: str
    breaking: Breaking
    cells: tuple[tuple[str, str], ...]
    caught_by: tuple[str, ...]
    stages: tuple[str, ...] = ()


def _patched(target: Any, name: str, value: Any) -> Breaking:
    return lambda: mock.patch.object(target, name, value)


# --- push -------------------------------------------------------------------------------------


def _planned_again(ctx: Any, _gateway: Any, chunk_id: int, _project: int) -> None:
    with ctx.transaction() as session:
        session.get_one(Chunk, chunk_id).state = ChunkState.PLANNED


def _rests_by_our_clock(ctx: Any, gateway: Any, chunk_id: int, project: int) -> None:
    """What our clock says has passed since the attempt is taken off the wait."""
    with ctx.store.reading() as session:
        passed = (push.now() - session.get_one(Chunk, chunk_id).attempted_at).total_seconds()
    left = ctx.settings.push_settle_s - passed
    with mock.patch.object(settle, "_wait_until_ended", lambda ctx: ctx.wait(left)):
        _settle_chunk(ctx, gateway, chunk_id, project)


_settle_chunk = settle.settle_chunk


def _first_look(ctx: Any, gateway: Any, project: int, uids: list[str]) -> dict[str, int]:
    return {
        ref.uid: ref.ls_task_id for ref in ctx.patiently(lambda: gateway.find_tasks(project, uids))
    }


def _imported_until_answered(self: SimGateway, project_id: int, payload: bytes) -> Any:
    for _ in range(2):
        try:
            return _import_tasks(self, project_id, payload)
        except RetryableGatewayError:
            continue
    return _import_tasks(self, project_id, payload)


_import_tasks = SimGateway.import_tasks


def _sent_first(self: LanePush, project: int, body: Any, outbox: Any) -> bool:
    if body.uids:
        self._sent(body.chunk_id, body.uids, ())
        outbox.make_ahead(body.chunk_id)
        self.gateway.import_tasks(project, body.data)
    else:
        self._mark(body.chunk_id, ChunkState.SENT)
    return True


def _believing(whole: Callable[..., Any]) -> Callable[..., Any]:
    def verify(*args: Any, thoroughly: bool) -> Any:
        return whole(*args, thoroughly=True) if thoroughly else sweep.Swept()

    return verify


class _CountsNothing:
    @staticmethod
    def add(*_: Any, **__: Any) -> None:
        """Count nothing."""


@contextmanager
def _sweeping_all() -> Iterator[None]:
    with (
        mock.patch.object(sweep, "_answered", return_value=set()),
        mock.patch.object(fake_gateway, "unanswered", list),
    ):
        yield


def _unfenced(
    self: JobContext, session: Any, *, done: int | None = None, message: str | None = None
) -> str:
    del done, message
    return str(session.scalar(select(Job.state).where(Job.id == self.job_id)))


# --- pull -------------------------------------------------------------------------------------


@contextmanager
def _trusting_numbers() -> Iterator[None]:
    """Tasks are known by Label Studio's number, not by our uid."""
    first: dict[int, str] = {}
    real = annotations._uid

    def uid(raw: Any) -> str:
        return first.setdefault(raw.ls_task_id, real(raw))

    with mock.patch.object(annotations, "_uid", uid):
        yield


def _trusting_texts(session: Any, lane_id: int, page: Sequence[Any]) -> Any:
    texts = {raw.data.get("uid"): raw.data.get("text") for raw in page}
    found = _our_tasks(session, lane_id, page)
    return {uid: replace(task, text=texts[uid]) for uid, task in found.items()}


_our_tasks = annotations._our_tasks


def _overwriting(session: Any, touched: Any, new: Sequence[NewRevision], now: Any) -> None:
    _store(session, touched, new, now)
    for one in new:
        session.execute(
            update(Revision)
            .where(Revision.annotation_id == one.known.id, Revision.n < one.n)
            .values(content_sha=one.sha)
        )


_store = revisions.store


def _cursor_first(self: LanePull, *, full: bool) -> None:
    project = self.gateway.get_project(self.lane.project)
    with self.ctx.transaction() as session:
        session.get_one(Lane, self.lane.id).cursor = project.at
    _run_lane(self, full=full)


_run_lane = LanePull.run


def _only_first_page(fetch: Any, filters: Any, operation: str) -> Iterator[Any]:
    yield next(_walk_by_id(fetch, filters, operation), fake_gateway.Page(0, []))


_walk_by_id = fake_gateway.walk_by_id


def _in_code_units(result: Sequence[Any], text: str, scheme: Any) -> Any:
    """Offsets are taken for UTF-16 code units."""

    def point(unit: int) -> int:
        return len(text.encode("utf-16-le")[: 2 * unit].decode("utf-16-le", "ignore"))

    moved = []
    for item in result:
        value = dict(item["value"], start=point(item["value"]["start"]))
        value["end"] = point(item["value"]["end"])
        value["text"] = text[value["start"] : value["end"]]
        moved.append(dict(item, value=value))
    return parse_result(moved, text, scheme)


class _SkipsAreAnswers:
    SUBMITTED = SKIPPED = RevisionState.SUBMITTED
    WITHDRAWN = RevisionState.WITHDRAWN


IMPORT_DOUBT = (("import_tasks", "done_timeout"), ("import_tasks", "timeout"))
ANY_PULL = (("iter_stamps", "clock_forward"), ("read_tasks", "people_edit"))

MUTANTS = (
    Mutant(
        "an unknown chunk is sent again at once",
        _patched(push, "settle_chunk", _planned_again), IMPORT_DOUBT, ("I2",),
    ),
    Mutant(
        "one look-up is believed instead of two",
        _patched(settle, "_agreed_look_up", _first_look), (("import_tasks", "timeout"),), ("I2",),
    ),
    Mutant(
        "what our clock says has passed is taken off the wait",
        _patched(push, "settle_chunk", _rests_by_our_clock),
        (("import_tasks", "kill_late_clock_forward"), ("import_tasks", "kill_late_clock_back")),
        ("I2", "I30"), ("push",),
    ),
    Mutant(
        "nobody waits until an import has surely ended",
        _patched(settle, "_wait_until_ended", lambda *_: None), IMPORT_DOUBT, ("I2",),
    ),
    Mutant(
        "a chunk that a dead worker was sending counts as planned",
        _patched(LanePush, "_settle_if_unknown", lambda *_: False),
        (("import_tasks", "kill_after"),), ("I2",),
    ),
    Mutant(
        "a chunk counts as sent before it is",
        _patched(LanePush, "_send", _sent_first),
        (("import_tasks", "kill_before"),), ("I1", "I26"),
    ),
    Mutant(
        "an import is repeated by itself",
        _patched(SimGateway, "import_tasks", _imported_until_answered), IMPORT_DOUBT, ("I2",),
    ),
    Mutant(
        "the count at the end is not looked at",
        _patched(push, "verify_lane", _believing(sweep.verify_lane)),
        (("import_tasks", "twice"),), ("I1",),
    ),
    Mutant(
        "a copy is removed although it was answered",
        _sweeping_all, (("delete_tasks", "people_answer"), ("read_tasks", "people_answer")),
        ("I8",), ("sweep",),
    ),
    Mutant(
        "a project is made without looking for it",
        _patched(lanes, "_find_by_marker", lambda *_: None),
        (("create_project", "kill_after"),), ("I3",),
    ),
    Mutant(
        "what a look-up found is not counted",
        _patched(settle, "progress", _CountsNothing), (("import_tasks", "done_timeout"),),
        ("I24",),
    ),
    Mutant(
        "a worker that was thought dead may write",
        _patched(JobContext, "_check_fence", _unfenced),
        (("import_tasks", "second_worker"),), ("I7",),
    ),
    Mutant(
        "a worker that was thought dead may store what it read",
        _patched(JobContext, "_check_fence", _unfenced), (("read_tasks", "second_worker"),),
        ("I7",), ("pull",),
    ),
    Mutant(
        "a job is taken over by the number it had",
        breakages.one_number_for_all, (("import_tasks", "kill_after"),), ("I7",),
    ),
    Mutant(
        "a settled chunk is sent again as an unknown one",
        _patched(settle, "ChunkState", breakages.StaysUnknown),
        (("import_tasks", "timeout"),), ("I5",),
    ),
    Mutant(
        "a job ends while its worker is at it",
        _patched(Queue, "cancel", breakages.ended_at_once),
        (("import_tasks", "cancel"), ("get_project", "cancel")), ("I5",),
    ),
    Mutant(
        "a chunk counts as sent before its tasks do",
        _patched(LanePush, "_sent", breakages.marked_by_halves),
        (("import_tasks", "429"),), ("I6",),
    ),
    Mutant(
        "a job is planned and the engine is not told",
        _patched(Queue, "_enqueue", lambda *_: None), (("import_tasks", "429"),), ("I6",),
    ),
    Mutant(
        "nothing before the newest time is read again",
        _patched(window, "OVERLAP", timedelta(0)), (("iter_stamps", "people_tie"),), ("I8",),
        ("again", "full"),
    ),
    Mutant(
        "the time of a reading is kept before it is done",
        _patched(LanePull, "run", _cursor_first),
        (("iter_stamps", "kill_before"), ("read_tasks", "kill_before")), ("I8",), ("again",),
    ),
    Mutant(
        "one listing is enough to withdraw",
        _patched(withdrawals, "LISTINGS_TO_WITHDRAW", 1),
        (("iter_stamps", "page_empty"),), ("I14",), ("full",),
    ),
    Mutant(
        "a listing ends with its first page",
        _patched(fake_gateway, "walk_by_id", _only_first_page), ANY_PULL, ("I8", "I14", "I26"),
    ),
    Mutant(
        "a task is known by Label Studio's number",
        _trusting_numbers, (("iter_stamps", "people_reuse_id"), ("read_tasks", "people_overwrite")),
        ("I8", "I14", "I4", "I9"), ("full",),
    ),
    Mutant(
        "a text that was changed by hand passes for ours",
        _patched(annotations, "_our_tasks", _trusting_texts),
        (("get_project", "people_change_text"),), ("I4",), ("again", "full"),
    ),
    Mutant(
        "a new revision overwrites the one before",
        _patched(revisions, "store", _overwriting), ANY_PULL, ("I13",), ("again", "full"),
    ),
    Mutant(
        "offsets are taken for UTF-16",
        _patched(annotations, "parse_result", _in_code_units), ANY_PULL, ("I4",),
    ),
    Mutant(
        "a skip counts as an answer",
        _patched(annotations, "RevisionState", _SkipsAreAnswers), ANY_PULL, ("I8",),
    ),
    Mutant(
        "what was settled stays fresh when somebody answers anew",
        _patched(review_items, "_mark_stale", lambda *_: None), ANY_PULL, ("I15",), ("full",),
    ),
    Mutant(
        "what was settled follows the newest answers",
        _patched(review_items, "_mark_stale", breakages.gold_follows),
        ANY_PULL, ("I15",), ("full",),
    ),
    Mutant(
        "what is answered is not counted",
        _patched(progress, "add", _CountsNothing.add), ANY_PULL, ("I24",),
    ),
)  # fmt: skip
