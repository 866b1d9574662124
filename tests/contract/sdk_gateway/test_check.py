"""A connection is checked, and what is wrong with it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labeling.errors import AuthGatewayError, RejectedGatewayError, RetryableGatewayError
from labeling.studio.gateway import ServerInfo
from tests.contract.sdk_gateway.stubbed import TOKEN, gateway, jwt
from tests.contract.stub_server import HTML, Reply, as_json

if TYPE_CHECKING:
    from tests.contract.stub_server import StubServer

VERSION = as_json({"release": "1.23.2"})


def test_the_token_is_not_shown_to_what_is_not_label_studio(stub: StubServer) -> None:
    for reply in (Reply(200, HTML), as_json({"version": "9"}), as_json([]), Reply(404, HTML)):
        stub.replies = [reply]
        for token in (TOKEN, jwt()):
            with pytest.raises(RetryableGatewayError, match="not one of Label Studio's API"):
                gateway(stub, token).check()
    assert all("Authorization" not in asked.headers for asked in stub.asked)
    assert {asked.path for asked in stub.asked} == {"/api/version"}


def test_too_old_a_server_is_said(stub: StubServer) -> None:
    stub.replies = [as_json({"release": "1.19.9"})]
    with pytest.raises(RejectedGatewayError, match=r"1\.19\.9 is too old; .* 1\.20 or later"):
        gateway(stub).check()


def test_disabled_legacy_tokens_are_said(stub: StubServer) -> None:
    said = "Authentication token no longer valid: legacy token authentication has been disabled"
    stub.replies = [VERSION, as_json({"detail": said}, 401)]
    with pytest.raises(AuthGatewayError, match="Legacy tokens are disabled") as caught:
        gateway(stub).check()
    assert "owner" in caught.value.remedy


def test_a_good_token_is_told_to_whom_it_belongs(stub: StubServer) -> None:
    stub.replies = [VERSION, as_json({"email": "admin@example.org"})]
    assert gateway(stub).check() == ServerInfo("1.23.2", "admin@example.org", "legacy")


def test_an_answer_without_an_account_is_none_of_the_api(stub: StubServer) -> None:
    stub.replies = [VERSION, as_json({"id": 1})]
    with pytest.raises(RetryableGatewayError, match="fields are missing"):
        gateway(stub).check()
