"""The misbehaving server in good weather, on the bench of the contract suite."""

from __future__ import annotations

from labeling.studio.fake_server import LEGACY_TOKEN, PERSONAL_TOKEN
from tests.contract.benches import FakeBench
from tests.rehearsal.studio import SimGateway, SimServer


class SimBench(FakeBench):
    """The hands of the fake server's bench, on the simulated one."""

    server: SimServer

    def __init__(self) -> None:
        self.server = SimServer()

    def gateway(self, kind: str = "legacy", *, page_size: int = 1000) -> SimGateway:
        token = {"legacy": LEGACY_TOKEN, "personal": PERSONAL_TOKEN}[kind]
        return SimGateway(self.server, token, page_size=page_size)

    def gateway_with_token(self, token: str) -> SimGateway:
        return SimGateway(self.server, token)
