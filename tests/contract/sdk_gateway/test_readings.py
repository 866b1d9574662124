"""A reading is whole, or it is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from labeling.errors import IncompleteGatewayError, RetryableGatewayError
from labeling.studio.sdk_gateway import SdkGateway
from tests.contract.sdk_gateway.stubbed import gateway
from tests.contract.stub_server import HTML, Reply, as_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.stub_server import StubServer


def test_a_reading_is_tried_again_as_often_as_told(stub: StubServer) -> None:
    stub.replies = [Reply(503, HTML), as_json([{"id": 1, "email": "a@example.org"}])]
    assert [user.email for user in gateway(stub, read_retries=1).list_users()] == ["a@example.org"]
    assert len(stub.asked) == 2


def task(n: int, moment: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    return {"id": n, "updated_at": moment, "data": {"uid": f"u{n}"}, "annotations": []}


def listing(total: int, *tasks: dict[str, Any]) -> Reply:
    return as_json({"total": total, "tasks": list(tasks)})


READINGS: list[Callable[[SdkGateway], object]] = [
    lambda studio: studio.list_task_refs(7),
    lambda studio: studio.find_tasks(7, ["u1"]),
    lambda studio: list(studio.iter_tasks(7, since=None)),
]


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(
    "replies",
    [
        [listing(3)],  # none of three
        [listing(3, task(1), task(2)), listing(0)],  # the rest has gone
        [listing(3, task(1), task(2))],  # the same page again and again
    ],
)
def test_a_short_listing_is_an_error_and_no_end(
    stub: StubServer, reading: Callable[[SdkGateway], object], replies: list[Reply]
) -> None:
    stub.replies = list(replies)
    with pytest.raises(IncompleteGatewayError, match="short of the total"):
        reading(gateway(stub))


def test_annotations_are_asked_for_as_a_part_and_flat_for_servers_that_know_none(
    stub: StubServer,
) -> None:
    stub.replies = [listing(1, task(1))]
    list(gateway(stub).read_tasks(7, [1]))
    query = parse_qs(urlsplit(stub.asked[-1].path).query)
    assert query["expand"] == ["annotations"]
    assert {"data", "annotations.result", "result"} <= set(query["include"][0].split(","))


def test_times_are_asked_for_without_annotations(stub: StubServer) -> None:
    stub.replies = [listing(0)]
    list(gateway(stub).iter_stamps(7, since=None))
    assert "expand" not in parse_qs(urlsplit(stub.asked[-1].path).query)


def test_a_server_that_ignores_the_filters_is_found_out(stub: StubServer) -> None:
    stub.replies = [listing(3, task(1), task(2, "2026-01-01T00:00:01Z"))]
    with pytest.raises(IncompleteGatewayError):
        list(gateway(stub).iter_tasks(7, since=None))
    assert len(stub.asked) == 2


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"total": 1, "tasks": None},
        {"total": 1, "tasks": [{}]},
        {"total": 1, "tasks": [7]},
        {"total": "many", "tasks": []},
        {"total": 1, "tasks": [{"id": 1, "updated_at": "today", "data": 5, "annotations": []}]},
    ],
)
def test_a_listing_of_something_else_is_none_of_the_api(
    stub: StubServer, reading: Callable[[SdkGateway], object], answer: Any
) -> None:
    stub.replies = [as_json(answer)]
    with pytest.raises(RetryableGatewayError, match="fields are missing"):
        reading(gateway(stub))


def test_uids_are_looked_up_in_the_address_of_a_reading(stub: StubServer) -> None:
    stub.replies = [listing(2, task(4), task(1))]
    found = gateway(stub).find_tasks(7, ["u1", "u4", "u1"])
    assert [(ref.ls_task_id, ref.uid) for ref in found] == [(1, "u1"), (4, "u4")]
    assert len(stub.asked) == 1
    assert "%22u1%22%2C%22u4%22" in stub.asked[0].path


def test_an_author_given_as_an_object_is_read_as_its_id(stub: StubServer) -> None:
    annotation = {
        "id": 5,
        "completed_by": {"id": 9, "email": "a@example.org"},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T02:00:00+02:00",
        "result": None,
    }
    stub.replies = [listing(1, {**task(1), "annotations": [annotation]})]
    ((seen,),) = gateway(stub).iter_tasks(7, since="2026-01-01T00:00:00Z")
    (read,) = seen.annotations
    assert (read.completed_by, read.result, read.lead_time) == (9, [], None)
    assert read.updated_at == "2026-01-01T00:00:00.000000Z"
    assert read.raw == annotation
