"""What only the fake can do: fail on demand, and act for the people in the browser."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from labeling.errors import (
    AuthGatewayError,
    GatewayError,
    IncompleteGatewayError,
    MissingGatewayError,
    RejectedGatewayError,
    RetryableGatewayError,
)
from labeling.studio.fake_gateway import FakeGateway
from labeling.studio.fake_server import FakeServer, RefusalError
from labeling.studio.gateway import ProjectSpec, StudioGateway

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = '<View><Text name="text" value="$text"/></View>'
TASKS = b'[{"data": {"uid": "a", "text": "x"}}, {"data": {"uid": "b", "text": "y"}}]'


@pytest.fixture
def server() -> FakeServer:
    server = FakeServer()
    FakeGateway(server).create_project(ProjectSpec("One lane", CONFIG, "", "m1"))
    FakeGateway(server).import_tasks(1, TASKS)
    server.calls.clear()
    return server


@pytest.mark.parametrize(
    ("kind", "expected", "sent"),
    [
        ("refused", RetryableGatewayError, False),
        ("timeout", RetryableGatewayError, True),
        ("reset", RetryableGatewayError, True),
        ("html", RetryableGatewayError, True),
        ("truncated", RetryableGatewayError, True),
        ("429", RetryableGatewayError, True),
        ("500", RetryableGatewayError, True),
        ("401", AuthGatewayError, True),
        ("403", AuthGatewayError, True),
        ("404", MissingGatewayError, True),
    ],
)
def test_an_injected_fault_is_met_once_and_changes_nothing(
    server: FakeServer, kind: str, expected: type[GatewayError], sent: bool
) -> None:
    studio = FakeGateway(server)
    server.fail_next("import_tasks", kind)
    with pytest.raises(expected) as caught:
        studio.import_tasks(1, TASKS)
    assert type(caught.value) is expected
    assert caught.value.sent is sent
    assert caught.value.operation == "import_tasks"
    assert studio.count_tasks(1) == 2
    assert studio.import_tasks(1, TASKS) == 2
    assert server.calls == ["import_tasks", "count_tasks", "import_tasks"]


def test_a_fault_may_hide_a_write_that_was_carried_out(server: FakeServer) -> None:
    studio = FakeGateway(server)
    server.fail_next("import_tasks", "timeout", commit=True)
    with pytest.raises(RetryableGatewayError):
        studio.import_tasks(1, TASKS)
    assert studio.count_tasks(1) == 4


@pytest.mark.parametrize(("kind", "commit"), [("refused", True), ("fire", False)])
def test_a_fault_that_cannot_be_is_not_taken(server: FakeServer, kind: str, commit: bool) -> None:
    with pytest.raises(ValueError, match=kind):
        server.fail_next("import_tasks", kind, commit=commit)


def test_a_listing_may_fall_short_after_some_pages(server: FakeServer) -> None:
    studio = FakeGateway(server, page_size=1)
    server.fail_next("list_task_refs", "short_listing")
    with pytest.raises(IncompleteGatewayError):
        studio.list_task_refs(1)
    server.fail_next("iter_tasks", "short_listing", after=2)
    pages = studio.iter_tasks(1, since=None)
    assert [task.data["uid"] for task in next(pages)] == ["a"]
    with pytest.raises(IncompleteGatewayError):
        next(pages)


def _calls(studio: StudioGateway) -> list[Callable[[], object]]:
    spec = ProjectSpec("Other", CONFIG, "", "m2")
    return [
        studio.check,
        studio.list_users,
        lambda: studio.create_user("a@example.org"),
        studio.list_projects,
        lambda: studio.get_project(1),
        lambda: studio.create_project(spec),
        lambda: studio.import_tasks(1, TASKS),
        lambda: studio.count_tasks(1),
        lambda: studio.find_tasks(1, ["a"]),
        lambda: studio.list_task_refs(1),
        lambda: list(studio.iter_tasks(1, since=None)),
        lambda: studio.submit_annotation(1, result=[], completed_by=1, unique_id="u"),
    ]


def test_every_call_needs_a_good_token(server: FakeServer) -> None:
    for call in _calls(FakeGateway(server, "0" * 40)):
        with pytest.raises(AuthGatewayError, match="Invalid token"):
            call()


def test_disabled_legacy_tokens_are_said_so(server: FakeServer) -> None:
    server.legacy_tokens = False
    with pytest.raises(AuthGatewayError, match="Legacy tokens are disabled") as caught:
        FakeGateway(server).check()
    assert "Personal Access Token" in caught.value.remedy


def test_too_old_a_server_is_said_so(server: FakeServer) -> None:
    server.version = "1.9.2"
    with pytest.raises(RejectedGatewayError, match=r"1\.9\.2 is too old") as caught:
        FakeGateway(server).check()
    assert "Upgrade" in caught.value.remedy


def test_imported_annotations_are_gold_unless_told_otherwise(server: FakeServer) -> None:
    payload = (
        b'[{"data": {"uid": "c", "text": "z"}, "annotations": ['
        b'{"result": []}, {"result": [], "ground_truth": false, "was_cancelled": true}]}]'
    )
    FakeGateway(server).import_tasks(1, payload)
    first, second = server.tasks_of(1)[-1]["annotations"]
    assert (first["id"], first["ground_truth"], first["was_cancelled"]) == (1, True, False)
    assert (second["id"], second["ground_truth"], second["was_cancelled"]) == (2, False, True)


def test_what_was_read_does_not_change_when_the_server_does(server: FakeServer) -> None:
    ls_id = server.annotate(1, [{"id": "r"}])
    (page,) = FakeGateway(server).iter_tasks(1, since=None)
    server.edit_annotation(ls_id, result=[])
    assert page[-1].annotations[0].result == [{"id": "r"}]


def test_a_missing_annotation_is_said_so(server: FakeServer) -> None:
    server.annotate(1)
    with pytest.raises(RefusalError, match="No Annotation"):
        server.delete_annotation(7)


def test_the_clock_can_stand_still(server: FakeServer) -> None:
    server.tick = timedelta(0)
    server.annotate(1)
    server.annotate(2)
    first, second = server.tasks_of(1)
    assert first["updated_at"] == second["updated_at"]
