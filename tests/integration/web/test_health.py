"""Whether the process lives, and whether it can work."""

from __future__ import annotations


def test_a_migrated_instance_is_ready(client):
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready"}
