"""Where a server is and who we are to it: an address and a token, looked at before use."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from labeling.studio import failures


def clean_url(url: str) -> str:
    """The address with one slash at its end, without which the SDK loses a path in it.

    Raises:
        RejectedGatewayError: it is not an address, or holds more than one.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as err:
        raise failures.bad_address("connect", str(err)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise failures.bad_address("connect", "it does not begin with http:// or https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise failures.bad_address("connect", "it holds more than scheme, host, port and path")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"


def clean_token(token: str) -> str:
    """The token without blanks around it.

    Raises:
        AuthGatewayError: no server ever gave out such a token.
    """
    cleaned = token.strip()
    if not cleaned:
        raise failures.bad_token("connect", "it is empty")
    if not re.fullmatch(r"[!-~]+", cleaned):
        raise failures.bad_token("connect", "it holds blanks or characters no token has")
    return cleaned


def token_kind(token: str) -> str:
    """``PERSONAL`` for what is built like a JSON web token, else ``LEGACY``."""
    return failures.PERSONAL if token.count(".") == 2 else failures.LEGACY
