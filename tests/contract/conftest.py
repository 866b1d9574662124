"""The two servers of the contract: a fake one a test, and one real one for the session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.contract.benches import Bench, FakeBench, RealBench
from tests.studio_server import StudioServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def studio_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StudioServer]:
    """A real Label Studio, shared by all tests of a run."""
    with StudioServer(Path(tmp_path_factory.mktemp("label-studio"))) as server:
        yield server


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.studio)])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A server and hands to work on it."""
    if request.param == "fake":
        yield FakeBench()
        return
    real = RealBench(request.getfixturevalue("studio_server"))
    yield real
    real.close()
