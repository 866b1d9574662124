"""A listing read while others work: complete, or said to be incomplete."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.errors import IncompleteGatewayError
from labeling.studio.fake_gateway import FakeGateway
from labeling.studio.fake_server import FakeServer
from labeling.studio.gateway import ProjectSpec
from labeling.studio.listing import hold_to, uid_slices, walk_by_time
from labeling.studio.wire import clock, exact_time, format_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labeling.studio.listing import Filter, Page

CONFIG = '<View><Text name="text" value="$text"/></View>'
TIMES = [format_time(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n)) for n in range(4)]
# What happens between two requests: (what, to which task).
HAPPENINGS = st.lists(
    st.tuples(st.sampled_from(["nothing", "change", "add", "delete"]), st.integers(0, 11)),
    max_size=12,
)


class BusyServer:
    """Tasks at given times, and happenings between the requests of a reader."""

    def __init__(self, times: Sequence[str], happenings: Sequence[tuple[str, int]]) -> None:
        self.server = FakeServer(now=datetime(2026, 2, 1, tzinfo=UTC))
        FakeGateway(self.server).create_project(ProjectSpec("One lane", CONFIG, "", "m"))
        for moment in times:
            self.add()
            self.server.tasks[len(self.server.tasks)]["updated_at"] = moment
        self.ahead = list(happenings)
        self.deleted: set[int] = set()

    def add(self) -> None:
        self.server.add_tasks(1, b'[{"data": {"text": "x"}}]')

    def fetch(self, size: int, filters: Sequence[Filter], ordering: str) -> Page:
        page = self.server.fetch(1, filters, ordering, size)
        if self.ahead:
            what, index = self.ahead.pop(0)
            ids = sorted(self.server.tasks)
            if what == "add":
                self.add()
            elif what == "change" and ids:
                self.server.edit_task_data(ids[index % len(ids)], {"text": "y"})
            elif what == "delete" and ids:
                self.deleted.add(ids[index % len(ids)])
                self.server.delete_task(ids[index % len(ids)])
        return page


@given(
    times=st.lists(st.sampled_from(TIMES), max_size=12),
    since=st.none() | st.sampled_from(TIMES),
    size=st.integers(1, 13),
    happenings=HAPPENINGS,
)
def test_no_task_is_missed_while_others_work(
    times: list[str], since: str | None, size: int, happenings: list[tuple[str, int]]
) -> None:
    busy = BusyServer(times, happenings)
    expected = {n for n, moment in enumerate(times, start=1) if since is None or moment >= since}
    seen: list[tuple[str, int]] = []
    try:
        for page in walk_by_time(lambda f, o: busy.fetch(size, f, o), since, "iter_tasks"):
            seen += [(task.updated_at, task.ls_task_id) for task in page]
    except IncompleteGatewayError:
        # Only work on the tasks that are being read may spoil a reading, and then it is said.
        assert {"delete", "change"} & {what for what, _ in happenings}
        return
    assert expected - busy.deleted <= {ls_task_id for _, ls_task_id in seen}


@given(times=st.lists(st.sampled_from(TIMES), max_size=12), size=st.integers(1, 13))
def test_a_quiet_listing_comes_once_and_in_order(times: list[str], size: int) -> None:
    busy = BusyServer(times, [])
    pages = walk_by_time(lambda f, o: busy.fetch(size, f, o), None, "iter_tasks")
    seen = [(task.updated_at, task.ls_task_id) for page in pages for task in page]
    assert seen == sorted((moment, n) for n, moment in enumerate(times, start=1))


@given(st.lists(st.text(max_size=9), max_size=20), st.sampled_from([1, 70, 700]))
def test_every_uid_is_in_one_slice_and_every_slice_fits_an_address(
    uids: list[str], longer: int
) -> None:
    uids = [uid * longer for uid in uids]
    slices = list(uid_slices(uids))
    assert [uid for some in slices for uid in some] == list(dict.fromkeys(uids))
    lengths = [len(quote(json.dumps(some, separators=(",", ":")))) for some in slices]
    assert all(n < 12_000 for n, some in zip(lengths, slices, strict=True) if len(some) > 1)


def test_uids_of_our_own_form_need_few_slices() -> None:
    slices = list(uid_slices([f"{n:064d}" for n in range(250)]))
    assert [len(some) for some in slices] == [109, 109, 32]


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("2026-11-23T10:00:00.123456Z", "2026-11-23T10:00:00.123456Z"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000000Z"),
        ("2026-11-23T12:00:00.5+02:00", "2026-11-23T10:00:00.500000Z"),
        ("2026-11-23T10:00:00", "2026-11-23T10:00:00.000000Z"),
    ],
)
def test_times_take_the_one_form_that_the_server_reads(text: str, exact: str) -> None:
    assert exact_time(text) == exact


def test_a_time_that_is_none_is_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        next(FakeGateway(FakeServer()).iter_tasks(1, since="yesterday"))


def test_an_answer_that_holds_fewer_than_it_counts_is_refused() -> None:
    from labeling.studio.listing import Page

    hold_to(Page(items=[{}], total=1), "read_tasks")
    with pytest.raises(IncompleteGatewayError):
        hold_to(Page(items=[], total=1), "read_tasks")


def test_a_server_that_tells_no_time_has_no_clock() -> None:
    assert clock("Mon, 04 May 2026 06:00:00 GMT") == "2026-05-04T06:00:00.000000Z"
    assert clock("yesterday") == clock(None) == ""
