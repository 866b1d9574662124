"""From a connection's row to a gateway that talks to its server."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.keys import TokenVault
from app.models.connections import Connection
from config import Settings
from labeling.studio.gateway import StudioGateway

if TYPE_CHECKING:
    from labeling.studio.sdk_gateway import SdkGateway

GatewayFactory = Callable[[str, str], StudioGateway]


def sdk_gateway(settings: Settings) -> GatewayFactory:
    """Gateways to real servers, each call bounded by the settings' timeout."""

    def connect(url: str, token: str) -> StudioGateway:
        return load_sdk()(url, token, timeout_s=settings.studio_timeout_s)

    return connect


@cache
def load_sdk() -> type[SdkGateway]:
    """The gateway's class, with the SDK under it: over a second and 100 MB, once a process."""
    from labeling.studio.sdk_gateway import SdkGateway

    # What is loaded by now stays loaded. Else every collection of garbage in the middle of a
    # push or a pull looks through a million objects of the SDK, for a fifth of a second.
    gc.freeze()
    return SdkGateway


def open_gateway(
    session: Session, settings: Settings, factory: GatewayFactory, connection_id: int
) -> StudioGateway:
    """The gateway of a stored connection.

    Raises:
        NotFoundError: the connection is gone.
        SetupError: its token cannot be read with this instance's key.
    """
    connection = session.get(Connection, connection_id)
    if connection is None:
        raise NotFoundError(f"There is no connection {connection_id}.")
    token = TokenVault(settings).decrypt(connection.name, connection.token_encrypted)
    return factory(connection.url, token)
