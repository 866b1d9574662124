"""The address of a connection is the only place that is asked."""

from __future__ import annotations

import pytest

from labeling.errors import RejectedGatewayError
from labeling.studio.sdk_gateway import SdkGateway
from tests.contract.sdk_gateway.stubbed import OK_IMPORT, TASKS, TOKEN, gateway, jwt
from tests.contract.stub_server import StubServer, as_json


@pytest.mark.parametrize(
    "url",
    [
        "labels.example.org",
        "ftp://labels.example.org",
        "http://",
        "http://host:port",
        "http://host:0",
        "http://[half",
        "http://admin:word@labels.example.org",
        "http://labels.example.org/?next=1",
        "http://labels.example.org/#top",
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(RejectedGatewayError, match="address of the connection") as caught:
        SdkGateway(url, TOKEN)
    assert "word" not in str(caught.value)


@pytest.mark.parametrize("ending", ["", "/", "//"])
def test_a_path_in_the_address_is_kept(stub: StubServer, ending: str) -> None:
    stub.replies = [as_json({"access": jwt(kind="access")}), OK_IMPORT]
    SdkGateway(f" {stub.url}/studio{ending} ", jwt()).import_tasks(7, TASKS)
    assert [asked.path for asked in stub.asked] == [
        "/studio/api/token/refresh/",
        "/studio/api/projects/7/import?return_task_ids=true",
    ]


def test_proxies_of_the_environment_are_not_used(
    stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with StubServer() as proxy:
        proxy.replies = [OK_IMPORT]
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        stub.replies = [OK_IMPORT]
        assert gateway(stub).import_tasks(7, TASKS) == 1
        assert proxy.asked == []
