"""Projects are listed whole, and asked for with what a lane needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from labeling.errors import IncompleteGatewayError
from labeling.studio.gateway import ProjectSpec
from tests.contract.sdk_gateway.stubbed import gateway
from tests.contract.stub_server import Reply, as_json

if TYPE_CHECKING:
    from tests.contract.stub_server import StubServer


def project(n: int) -> dict[str, Any]:
    return {"id": n, "title": f"Lane {n}", "description": "m", "task_number": 0}


def projects(count: int, *ids: int) -> Reply:
    return as_json({"count": count, "next": "http://example.org/", "results": [*map(project, ids)]})


NO_PAGE = as_json({"detail": "Invalid page."}, 404)


def test_projects_are_read_over_all_pages_of_the_connections_own_address(stub: StubServer) -> None:
    stub.replies = [projects(3, 1, 2), projects(3, 3)]
    assert [found.id for found in gateway(stub).list_projects()] == [1, 2, 3]
    assert [asked.path.split("page=")[1][0] for asked in stub.asked] == ["1", "2"]


@pytest.mark.parametrize(
    "replies",
    [
        [projects(3, 1, 2), projects(3)],
        [projects(3, 1, 2), NO_PAGE],
        [projects(3, 1, 2), projects(2, 2), NO_PAGE],  # one was deleted meanwhile
    ],
)
def test_a_short_list_of_projects_is_an_error(stub: StubServer, replies: list[Reply]) -> None:
    stub.replies = list(replies)
    with pytest.raises(IncompleteGatewayError):
        gateway(stub).list_projects()


def test_a_project_is_asked_for_with_what_a_lane_needs(stub: StubServer) -> None:
    stub.replies = [as_json({**project(4), "task_number": None}, 201)]
    spec = ProjectSpec("A lane", "<View/>", "<p>Read.</p>", "m4", maximum_annotations=2)
    assert gateway(stub).create_project(spec).task_count == 0
    sent = json.loads(stub.asked[0].body)
    assert sent["description"] == "m4"
    assert sent["expert_instruction"] == "<p>Read.</p>"
    assert sent["maximum_annotations"] == 2
    assert (sent["show_instruction"], sent["skip_queue"]) == (True, "IGNORE_SKIPPED")


def test_a_project_counts_its_tasks(stub: StubServer) -> None:
    stub.replies = [as_json({**project(4), "task_number": 12})]
    assert gateway(stub).get_project(4).task_count == gateway(stub).count_tasks(4) == 12
