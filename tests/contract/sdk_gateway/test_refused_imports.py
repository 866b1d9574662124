"""An import that got a bad answer: what is known of it, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labeling.errors import (
    AuthGatewayError,
    MissingGatewayError,
    RejectedGatewayError,
    RetryableGatewayError,
)
from tests.contract.sdk_gateway.stubbed import OK_IMPORT, TOKEN, failing_import, gateway
from tests.contract.stub_server import HTML, Reply, as_json

if TYPE_CHECKING:
    from tests.contract.stub_server import StubServer


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [HTML, b'{"detail": "not now"}', b""])
def test_not_now_is_posted_once_and_may_be_tried_later(
    stub: StubServer, status: int, body: bytes
) -> None:
    error = failing_import(stub, Reply(status, body), OK_IMPORT)
    assert type(error) is RetryableGatewayError
    assert (error.status, error.sent) == (status, True)
    assert [asked.method for asked in stub.asked] == ["POST"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, HTML),
        Reply(201, b'{"task_count": 1'),
        Reply(200, b""),
        Reply(200, b'"fine"'),
        Reply(201, b"{}"),
        Reply(201, b'{"task_count": null}'),
        Reply(400, HTML),
        Reply(400, b"[1]"),
        Reply(200, b"\xff\xfe{"),
    ],
)
def test_what_is_not_the_api_proves_nothing(stub: StubServer, reply: Reply) -> None:
    error = failing_import(stub, reply)
    assert type(error) is RetryableGatewayError
    assert (error.status, error.sent) == (
        reply.status if reply.status == 400 else error.status,
        True,
    )
    assert "not one of Label Studio's API" in error.message
    assert "proxy" in error.remedy
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [HTML, b'{"detail": "Invalid token."}'])
def test_a_refused_token_is_said_with_a_remedy(stub: StubServer, status: int, body: bytes) -> None:
    error = failing_import(stub, Reply(status, body))
    assert type(error) is AuthGatewayError
    assert error.status == status
    assert "legacy token" in error.message
    assert "Personal Access Token" in error.remedy
    assert len(stub.asked) == 1


@pytest.mark.parametrize("status", [413, 414])
def test_too_large_a_call_names_the_setting(stub: StubServer, status: int) -> None:
    error = failing_import(stub, Reply(status, HTML))
    assert type(error) is RejectedGatewayError
    assert "COPYDESK_PUSH_CHUNK" in error.remedy


def test_a_refusal_repeats_the_servers_reason_shortly(stub: StubServer) -> None:
    said = f"{TOKEN} and eyJhbGciOi.eyJleHAiOjF9.c2ln and " + "so on " * 200
    error = failing_import(stub, as_json({"detail": said}, 400))
    assert type(error) is RejectedGatewayError
    assert "[hidden] and [hidden] and so on" in error.message
    assert len(error.message) < 400


def test_a_refusal_without_a_reason_is_said_all_the_same(stub: StubServer) -> None:
    error = failing_import(stub, as_json({}, 400))
    assert error.message == "Label Studio refused it (HTTP 400)."


@pytest.mark.parametrize(
    "faults",
    [
        ["load_tasks: No tasks added", {}],
        "wrong",
        None,
    ],
)
def test_reasons_that_do_not_fit_the_items_are_not_pinned_to_them(
    stub: StubServer, faults: Any
) -> None:
    body = {"detail": "Validation error", "validation_errors": {"non_field_errors": faults}}
    error = failing_import(stub, as_json(body, 400))
    assert type(error) is RejectedGatewayError
    assert error.item_errors == ()


@pytest.mark.parametrize("payload", [b"{}", b"[{"])
def test_reasons_are_not_pinned_to_a_payload_that_is_no_list(
    stub: StubServer, payload: bytes
) -> None:
    stub.replies = [as_json({"detail": "x", "validation_errors": {"non_field_errors": ["y"]}}, 400)]
    with pytest.raises(RejectedGatewayError) as caught:
        gateway(stub).import_tasks(7, payload)
    assert caught.value.item_errors == ()


def test_a_refused_value_is_not_repeated(stub: StubServer) -> None:
    said = "data['text']=Secret words is of type 'str', but the object tag Image expects [] :: {}"
    body = {"detail": "Validation error", "validation_errors": {"non_field_errors": [said]}}
    error = failing_import(stub, as_json(body, 400))
    assert isinstance(error, RejectedGatewayError)
    assert error.item_errors == (
        "data['text'] is of type 'str', but the object tag Image expects []",
    )


def test_an_html_404_is_a_missing_project_only_if_the_api_says_so_too(stub: StubServer) -> None:
    gone = as_json({"detail": "No Project matches the given query."}, 404)
    assert type(failing_import(stub, Reply(404, HTML), gone)) is MissingGatewayError
    assert [asked.method for asked in stub.asked] == ["POST", "GET"]


@pytest.mark.parametrize(
    "then",
    [
        Reply(404, HTML),
        as_json({"error": "no such route"}, 404),
        Reply(503, HTML),
        as_json({"id": 7, "title": "There", "description": None, "task_number": 1}),
    ],
)
def test_an_html_404_of_something_else_proves_nothing(stub: StubServer, then: Reply) -> None:
    error = failing_import(stub, Reply(404, HTML), then)
    assert type(error) is RetryableGatewayError
    assert (error.status, error.sent) == (404, True)
