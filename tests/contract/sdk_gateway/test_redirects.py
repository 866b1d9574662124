"""A redirect is not followed, so that no token goes elsewhere."""

from __future__ import annotations

import pytest

from labeling.errors import RetryableGatewayError
from tests.contract.sdk_gateway.stubbed import TASKS, failing_import, gateway, jwt
from tests.contract.stub_server import Reply, StubServer, as_json


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_with_the_token(stub: StubServer, status: int) -> None:
    with StubServer() as elsewhere:
        elsewhere.replies = [as_json({"task_count": 1})]
        where = {"Location": f"{elsewhere.url}/login?next=%2Fapi"}
        error = failing_import(stub, Reply(status, b"", where))
        assert elsewhere.asked == []
        assert f"redirect to {elsewhere.url}" in error.message
        assert "next" not in error.message
    assert type(error) is RetryableGatewayError
    assert len(stub.asked) == 1


def test_a_redirect_to_a_page_of_the_same_server_is_none_of_the_api(stub: StubServer) -> None:
    error = failing_import(stub, Reply(302, b"", {"Location": "/user/login/"}))
    assert "redirect to another page" in error.message


def test_a_personal_token_is_not_sent_after_a_redirect(stub: StubServer) -> None:
    with StubServer() as elsewhere:
        elsewhere.replies = [as_json({"access": jwt(kind="access")})]
        stub.replies = [Reply(307, b"", {"Location": f"{elsewhere.url}/api/token/refresh/"})]
        with pytest.raises(RetryableGatewayError) as caught:
            gateway(stub, jwt()).import_tasks(7, TASKS)
        assert elsewhere.asked == []
    assert caught.value.sent is False
