"""A personal token is changed for a short-lived one; one that cannot work is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from labeling.errors import AuthGatewayError, GatewayError, RetryableGatewayError
from tests.contract.sdk_gateway.stubbed import OK_IMPORT, TASKS, gateway, jwt
from tests.contract.stub_server import HTML, Reply, as_json

if TYPE_CHECKING:
    from tests.contract.stub_server import StubServer


def test_a_personal_token_is_changed_once_for_a_short_lived_one(stub: StubServer) -> None:
    personal, access = jwt(), jwt(kind="access")
    stub.replies = [as_json({"access": access}), OK_IMPORT, OK_IMPORT]
    studio = gateway(stub, f"  {personal}\n")
    assert studio.import_tasks(7, TASKS) == studio.import_tasks(7, TASKS) == 1
    assert [asked.path for asked in stub.asked] == [
        "/api/token/refresh/",
        "/api/projects/7/import?return_task_ids=true",
        "/api/projects/7/import?return_task_ids=true",
    ]
    assert json.loads(stub.asked[0].body) == {"refresh": personal}
    assert {asked.headers["Authorization"] for asked in stub.asked[1:]} == {f"Bearer {access}"}


def test_a_short_lived_token_refused_before_its_time_is_made_anew(stub: StubServer) -> None:
    first, second = jwt(kind="access"), jwt(kind="access")
    stub.replies = [
        as_json({"access": first}),
        as_json({"detail": "Token is invalid or expired"}, 401),
        as_json({"access": second}),
        OK_IMPORT,
    ]
    assert gateway(stub, jwt()).import_tasks(7, TASKS) == 1
    assert stub.asked[-1].headers["Authorization"] == f"Bearer {second}"


def test_a_personal_token_refused_twice_is_refused(stub: StubServer) -> None:
    stub.replies = [
        as_json({"access": jwt(kind="access")}),
        as_json({"detail": "Not for you"}, 401),
        as_json({"access": jwt(kind="access")}),
        as_json({"detail": "Not for you"}, 401),
    ]
    with pytest.raises(AuthGatewayError, match=r"personal access token.*Not for you"):
        gateway(stub, jwt()).import_tasks(7, TASKS)
    assert len(stub.asked) == 4


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (as_json({"detail": "Token is blacklisted"}, 401), AuthGatewayError),
        (as_json({"detail": "later"}, 503), RetryableGatewayError),
        (Reply(502, HTML), RetryableGatewayError),
        (Reply(200, HTML), RetryableGatewayError),
        (as_json({}), RetryableGatewayError),
        (Reply(drop=True), RetryableGatewayError),
        (Reply(delay_s=0.5), RetryableGatewayError),
    ],
)
def test_when_a_personal_token_cannot_be_changed_nothing_was_sent(
    stub: StubServer, reply: Reply, expected: type[GatewayError]
) -> None:
    stub.replies = [reply]
    with pytest.raises(expected) as caught:
        gateway(stub, jwt(), timeout_s=0.2).import_tasks(7, TASKS)
    assert caught.value.sent is False
    assert {asked.path for asked in stub.asked} == {"/api/token/refresh/"}


@pytest.mark.parametrize("expires", [1_000_000_000, None])
def test_a_personal_token_out_of_date_is_said_before_anything_is_sent(
    stub: StubServer, expires: int | None
) -> None:
    with pytest.raises(AuthGatewayError, match="out of date"):
        gateway(stub, jwt(expires))
    assert stub.asked == []


@pytest.mark.parametrize("token", ["", "  \n", "two words", "naïve", "line\nbreak"])
def test_what_cannot_be_a_token_is_said_before_anything_is_sent(
    stub: StubServer, token: str
) -> None:
    with pytest.raises(AuthGatewayError, match="cannot be used") as caught:
        gateway(stub, token)
    assert "flask studio connect" in caught.value.remedy
