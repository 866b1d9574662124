"""Ask a server on this machine whether it is there."""

from __future__ import annotations

import http.client

from local.ports import HOST


def status(port: int, path: str, *, timeout_s: float = 2.0) -> int | None:
    """The HTTP status of ``GET path``, or None when nobody answers in time.

    Args:
        port: on this machine's loopback; no proxy is ever asked.
        path: such as ``/healthz``.
        timeout_s: seconds to wait for the answer.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
