"""Fault runs against the real Label Studio: one server for all of them."""

from __future__ import annotations

import pytest

from app.queue import Queue
from tests.faults.proxy import FaultProxy
from tests.faults.rehearsals import TOLD
from tests.studio_server import StudioServer


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """A real Label Studio server."""
    with StudioServer(tmp_path_factory.mktemp("studio") / "data") as server:
        yield server


@pytest.fixture
def proxy(studio):
    """A proxy in front of it that can strike at a request."""
    with FaultProxy(studio.url) as proxy:
        yield proxy


@pytest.fixture
def fault_runs(request):
    """How many times a fault test repeats itself: few in CI, many in `make faults`."""
    return request.config.getoption("--fault-runs")


@pytest.fixture
def queue(settings):
    """The job port of the instance."""
    queue = Queue(settings)
    yield queue
    queue.close()


def pytest_terminal_summary(terminalreporter):
    """Tell at the end what the rehearsals came to."""
    for name, figures in TOLD.items():
        terminalreporter.write_line(f"{name}: {figures}")
