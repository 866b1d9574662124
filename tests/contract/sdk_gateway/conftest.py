"""The server that answers the SDK gateway as a test tells it to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.stub_server import StubServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server
