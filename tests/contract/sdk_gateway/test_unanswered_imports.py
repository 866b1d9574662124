"""An import that got no answer: whether anything may have been stored."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from labeling.errors import RetryableGatewayError
from labeling.studio.sdk_gateway import SdkGateway
from tests.contract.sdk_gateway.stubbed import TASKS, TOKEN, failing_import
from tests.contract.stub_server import Reply

if TYPE_CHECKING:
    from tests.contract.stub_server import StubServer


def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    studio = SdkGateway(f"http://127.0.0.1:{port}", TOKEN)
    with pytest.raises(RetryableGatewayError, match=f"cannot be reached.*:{port}") as caught:
        studio.import_tasks(7, TASKS)
    assert caught.value.sent is False
    assert caught.value.status is None


def test_a_host_without_an_address_means_that_nothing_was_sent() -> None:
    studio = SdkGateway("http://nowhere.invalid", TOKEN)
    with pytest.raises(RetryableGatewayError, match="cannot be reached") as caught:
        studio.import_tasks(7, TASKS)
    assert caught.value.sent is False


def test_a_connection_that_is_never_taken_means_that_nothing_was_sent() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        callers = [socket.socket() for _ in range(2)]
        try:
            for caller in callers:  # they fill the queue, so that ours is not let in
                caller.setblocking(False)
                caller.connect_ex(("127.0.0.1", port))
            studio = SdkGateway(f"http://127.0.0.1:{port}", TOKEN, timeout_s=0.3)
            with pytest.raises(RetryableGatewayError, match="timed out") as caught:
                studio.import_tasks(7, TASKS)
        finally:
            for caller in callers:
                caller.close()
    assert caught.value.sent is False


def test_a_connection_closed_after_the_body_may_have_stored_it(stub: StubServer) -> None:
    error = failing_import(stub, Reply(drop=True))
    assert isinstance(error, RetryableGatewayError)
    assert error.sent is True
    assert [asked.body for asked in stub.asked] == [TASKS]


def test_a_late_answer_may_have_stored_it(stub: StubServer) -> None:
    error = failing_import(stub, Reply(delay_s=0.5), timeout_s=0.1)
    assert isinstance(error, RetryableGatewayError)
    assert error.sent is True
    assert "no answer within 0.1 s" in error.message
    assert len(stub.asked) == 1


def test_an_answer_cut_short_may_have_stored_it(stub: StubServer) -> None:
    error = failing_import(stub, Reply(201, b'{"task_co', claims=10))
    assert isinstance(error, RetryableGatewayError)
    assert error.sent is True
