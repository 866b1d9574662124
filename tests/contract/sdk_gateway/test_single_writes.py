"""A user and an annotation are written by one request each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from labeling.errors import RetryableGatewayError
from tests.contract.sdk_gateway.stubbed import gateway
from tests.contract.stub_server import HTML, Reply, as_json

if TYPE_CHECKING:
    from tests.contract.stub_server import StubServer


def test_a_user_is_made_by_one_request(stub: StubServer) -> None:
    stub.replies = [as_json({"id": 3, "email": "a@example.org"}, 201)]
    assert gateway(stub).create_user("a@example.org").id == 3
    assert [json.loads(asked.body)["email"] for asked in stub.asked] == ["a@example.org"]


def test_an_annotation_is_submitted_by_one_request(stub: StubServer) -> None:
    stub.replies = [Reply(503, HTML), as_json({"id": 8}, 201)]
    studio = gateway(stub, read_retries=3)
    with pytest.raises(RetryableGatewayError):
        studio.submit_annotation(1, result=[], completed_by=2, unique_id="u", lead_time=1.5)
    assert studio.submit_annotation(1, result=[], completed_by=2, unique_id="u") == 8
    assert len(stub.asked) == 2
    assert json.loads(stub.asked[0].body) == {
        "result": [],
        "completed_by": 2,
        "unique_id": "u",
        "lead_time": 1.5,
        "was_cancelled": False,
    }
