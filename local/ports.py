"""Which ports to use: the wanted ones, last time's, or the next free ones."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
WEB, STUDIO = 8000, 8080
_TRIES = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of this machine's loopback."""
    try:
        # Label Studio looks at "localhost" and silently takes the next port when it answers.
        with socket.create_connection(("localhost", port), timeout=0.2):
            return False
    except OSError:
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of an ended server that linger for a minute do not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(
    wanted: int, *, taken: frozenset[int] = frozenset(), free: Callable[[int], bool] = is_free
) -> int:
    """The wanted port, or the next one that nobody uses.

    Args:
        wanted: where to begin, 1 to 65535.
        taken: ports we are about to use ourselves.
        free: whether nobody listens on a port.

    Raises:
        LocalError: none of the next ports is free, or the number is no port.
    """
    if not 1 <= wanted <= 65_535:
        raise LocalError(f"{wanted} is not a port.", remedy="Give one from 1024 to 65535.")
    for port in range(wanted, min(wanted + _TRIES, 65_536)):
        if port not in taken and free(port):
            return port
    raise LocalError(
        f"No port from {wanted} on is free on {HOST}.",
        remedy="Name another one: make run PORT=…",
    )
