"""Complete readings of a listing that others change while it is read.

Pages by number lie under change: a task that moves to the end shifts another one over a
border, unseen. So every request here asks for what lies *behind* the last item read, and
is held to the server's total: what request n announced and did not give, request n+1 must
still announce. Anything less is ``IncompleteGatewayError``.

Label Studio sorts by one field only, so equal times have no order; they are read by id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from labeling.studio import failures, wire
from labeling.studio.gateway import RawTask

Filter = Mapping[str, Any]
BY_ID = "tasks:id"
BY_TIME = "tasks:updated_at"
# How many ids fit into the address of a listing.
AT_ONCE = 1_000
# The server refuses addresses of more than about 16,000 characters.
_ROOM = 8_000


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
        newest = wire.ls_id(page.items[-1]) if page.items else last
        if newest <= last:
            raise failures.incomplete(operation, owed)
        last = newest


def walk_by_time(fetch: Fetch, since: str | None, operation: str) -> Iterator[list[RawTask]]:
    """All tasks changed at ``since`` or later, by (updated_at, id), in pages.

    A page's last time may go on behind its border, so that time's tasks wait for the next
    request. A task that changes meanwhile moves to the end and comes again.
    """
    floor = "" if since is None else wire.exact_time(since)
    owed = 0
    while True:
        page = fetch([at_or_after(floor)] if floor else [], BY_TIME)
        _hold(page.total, owed, operation)
        tasks = sorted((wire.raw_task(item) for item in page.items), key=_place)
        if len(tasks) >= page.total:
            if tasks:
                yield tasks
            return
        if not tasks or tasks[0].updated_at < floor:
            raise failures.incomplete(operation, page.total)
        edge = wire.exact_time(page.items[-1]["updated_at"])
        whole = [task for task in tasks if task.updated_at < edge]
        if whole:
            yield whole
            floor, owed = edge, page.total - len(whole)
        else:
            ties = 0
            for tied in walk_by_id(fetch, [exactly_at(edge)], operation):
                ties += len(tied.items)
                yield [wire.raw_task(item) for item in tied.items]
            floor, owed = _next_microsecond(edge), page.total - ties


def _hold(total: int, owed: int, operation: str) -> None:
    if total < owed:
        raise failures.incomplete(operation, owed - total)


def hold_to(page: Page, operation: str) -> None:
    """Refuse an answer that holds fewer items than it counts."""
    if len(page.items) < page.total:
        raise failures.incomplete(operation, page.total - len(page.items))


def _place(task: RawTask) -> tuple[str, int]:
    return task.updated_at, task.ls_task_id


def after_id(last: int) -> Filter:
    """Pass tasks with a higher id."""
    return _filter("id", "greater", "Number", last)


def at_or_after(moment: str) -> Filter:
    """Pass tasks changed at ``moment`` or later."""
    return _filter("updated_at", "greater_or_equal", "Datetime", wire.exact_time(moment))


def exactly_at(moment: str) -> Filter:
    """Pass tasks changed at ``moment``."""
    exact = wire.exact_time(moment)
    return _filter("updated_at", "in", "Datetime", {"min": exact, "max": exact})


def with_id(ids: Sequence[int]) -> Filter:
    """Pass tasks whose id is one of ``ids``."""
    return _filter("id", "in_list", "List", list(ids))


def unanswered() -> list[Filter]:
    """Pass tasks that nobody has begun to answer: no annotation, no skip, no draft."""
    return [
        _filter("total_annotations", "equal", "Number", 0),
        _filter("cancelled_annotations", "equal", "Number", 0),
        _filter("draft_exists", "equal", "Boolean", "false"),
    ]


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


def _next_microsecond(text: str) -> str:
    return wire.format_time(datetime.fromisoformat(text) + timedelta(microseconds=1))


def id_slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """``ids`` in order, cut so that each slice fits into the address of a listing."""
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def uid_slices(uids: Sequence[str]) -> Iterator[list[str]]:
    """``uids`` in order and once each, cut so that each slice fits into an address."""
    some: list[str] = []
    room = _ROOM
    for uid in dict.fromkeys(uids):
        need = len(quote(json.dumps(uid), safe="")) + len("%2C")
        if some and need > room:
            yield some
            some, room = [], _ROOM
        some.append(uid)
        room -= need
    if some:
        yield some
