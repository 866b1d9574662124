"""Complete readings of a listing that others change while it is read.

Pages by number lie under change: a task that moves to the end shifts another one over a
border, unseen. So every request here asks for what lies *behind* the last item read, and
is held to the server's total: what request n announced and did not give, request n+1 must
still announce. Anything less is ``IncompleteGatewayError``.

Label Studio sorts by one field only, so equal times have no order; they are read by id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from labeling.studio import failures
from labeling.studio.gateway import RawAnnotation, RawTask, TaskRef

Filter = Mapping[str, Any]
BY_ID = "tasks:id"
BY_TIME = "tasks:updated_at"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: how many items the server counts for the filters, and the first of them."""

    total: int
    items: list[Mapping[str, Any]]


# One request: the first items that pass all filters, in the given order.
Fetch = Callable[[Sequence[Filter], str], Page]


def walk_by_id(fetch: Fetch, filters: Sequence[Filter], operation: str) -> Iterator[Page]:
    """All items that pass ``filters``, by ascending id, in pages."""
    last, owed = 0, 0
    while True:
        page = fetch([*filters, after_id(last)] if last else filters, BY_ID)
        _hold(page.total, owed, operation)
        owed = page.total - len(page.items)
        if page.items:
            yield page
        if owed <= 0:
            return
        newest = _id(page.items[-1]) if page.items else last
        if newest <= last:
            raise failures.incomplete(operation, owed)
        last = newest


def walk_by_time(fetch: Fetch, since: str | None, operation: str) -> Iterator[list[RawTask]]:
    """All tasks changed at ``since`` or later, by (updated_at, id), in pages.

    A page's last time may go on behind its border, so that time's tasks wait for the next
    request. A task that changes meanwhile moves to the end and comes again.
    """
    floor = "" if since is None else exact_time(since)
    owed = 0
    while True:
        page = fetch([at_or_after(floor)] if floor else [], BY_TIME)
        _hold(page.total, owed, operation)
        tasks = sorted((raw_task(item) for item in page.items), key=_place)
        if len(tasks) >= page.total:
            if tasks:
                yield tasks
            return
        if not tasks or tasks[0].updated_at < floor:
            raise failures.incomplete(operation, page.total)
        edge = exact_time(page.items[-1]["updated_at"])
        whole = [task for task in tasks if task.updated_at < edge]
        if whole:
            yield whole
            floor, owed = edge, page.total - len(whole)
        else:
            ties = 0
            for tied in walk_by_id(fetch, [exactly_at(edge)], operation):
                ties += len(tied.items)
                yield [raw_task(item) for item in tied.items]
            floor, owed = _next_microsecond(edge), page.total - ties


def _hold(total: int, owed: int, operation: str) -> None:
    if total < owed:
        raise failures.incomplete(operation, owed - total)


def _place(task: RawTask) -> tuple[str, int]:
    return task.updated_at, task.ls_task_id


def after_id(last: int) -> Filter:
    """Pass tasks with a higher id."""
    return _filter("id", "greater", "Number", last)


def at_or_after(moment: str) -> Filter:
    """Pass tasks changed at ``moment`` or later."""
    return _filter("updated_at", "greater_or_equal", "Datetime", exact_time(moment))


def exactly_at(moment: str) -> Filter:
    """Pass tasks changed at ``moment``."""
    exact = exact_time(moment)
    return _filter("updated_at", "in", "Datetime", {"min": exact, "max": exact})


def with_uid(uids: Sequence[str]) -> Filter:
    """Pass tasks whose ``data.uid`` is one of ``uids``."""
    return _filter("data.uid", "in_list", "List", list(uids))


def _filter(column: str, operator: str, kind: str, value: object) -> Filter:
    return {
        "filter": f"filter:tasks:{column}",
        "operator": operator,
        "type": kind,
        "value": value,
    }


def exact_time(text: str) -> str:
    """The one form of a time that Label Studio takes in a filter: UTC, six digits, ``Z``.

    In this form, sorting the strings sorts the times.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return format_time(moment)


def format_time(moment: datetime) -> str:
    """An aware time as Label Studio takes it in a filter."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _next_microsecond(text: str) -> str:
    return format_time(datetime.fromisoformat(text) + timedelta(microseconds=1))


def task_ref(item: Mapping[str, Any]) -> TaskRef:
    """Where a listed task is, and its uid if it has one."""
    uid = item["data"].get("uid")
    return TaskRef(ls_task_id=_id(item), uid=uid if isinstance(uid, str) else "")


def raw_task(item: Mapping[str, Any]) -> RawTask:
    """A listed task with its annotations.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: the item is not what a task is.
    """
    return RawTask(
        ls_task_id=_id(item),
        updated_at=exact_time(item["updated_at"]),
        data=dict(item["data"]),
        annotations=tuple(_raw_annotation(raw) for raw in item["annotations"]),
    )


def _raw_annotation(raw: Mapping[str, Any]) -> RawAnnotation:
    author = raw.get("completed_by")
    result = raw.get("result")
    return RawAnnotation(
        ls_id=_id(raw),
        completed_by=author.get("id") if isinstance(author, dict) else author,
        was_cancelled=bool(raw.get("was_cancelled")),
        created_at=exact_time(raw["created_at"]),
        updated_at=exact_time(raw["updated_at"]),
        lead_time=raw.get("lead_time"),
        # A result that is no list cannot be read; ``raw`` still holds what it was.
        result=result if isinstance(result, list) else [],
        raw=raw,
    )


def _id(item: Mapping[str, Any]) -> int:
    return int(item["id"])
