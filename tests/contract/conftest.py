"""The servers of the contract: a fake and a simulated one a test, a real one for the session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.contract.benches import Bench, FakeBench, RealBench
from tests.rehearsal.bench import SimBench
from tests.studio_server import StudioServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def studio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioServer]:
    """A real Label Studio, shared by all tests of a run."""
    with StudioServer(Path(tmp_path_factory.mktemp("label-studio"))) as server:
        yield server


@pytest.fixture(params=["fake", "simulated", pytest.param("real", marks=pytest.mark.studio)])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A server and hands to work on it."""
    if request.param != "real":
        yield FakeBench() if request.param == "fake" else SimBench()
        return
    real = RealBench(request.getfixturevalue("studio_server"))
    yield real
    real.close()
