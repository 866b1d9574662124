"""The real gateway in front of a stub server, and the call that most faults are tried on."""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from labeling.errors import GatewayError
from labeling.studio.sdk_gateway import SdkGateway
from tests.contract.stub_server import as_json

if TYPE_CHECKING:
    from tests.contract.stub_server import Reply, StubServer

TOKEN = "0123456789abcdef0123456789abcdef01234567"
TASKS = b'[{"data": {"uid": "a", "text": "Secret words"}}]'
OK_IMPORT = as_json({"task_count": 1}, 201)


def jwt(expires: int | None = 4_000_000_000, kind: str = "refresh") -> str:
    claims: dict[str, Any] = {"token_type": kind, "jti": uuid.uuid4().hex}
    if expires is not None:
        claims["exp"] = expires
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    )
    return f"{head}.{body}.c2lnbmF0dXJl"


def gateway(stub: StubServer, token: str = TOKEN, **more: Any) -> SdkGateway:
    return SdkGateway(stub.url, token, **{"read_retries": 0, "timeout_s": 5, **more})


def failing_import(stub: StubServer, *replies: Reply, **more: Any) -> GatewayError:
    stub.replies = list(replies)
    with pytest.raises(GatewayError) as caught:
        gateway(stub, **more).import_tasks(7, TASKS)
    assert caught.value.operation == "import_tasks"
    assert TOKEN not in str(caught.value)
    assert "Secret words" not in str(caught.value)
    return caught.value
