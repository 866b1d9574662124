"""What a failed call to Label Studio means, said once for the real gateway and its twin.

The one question behind every line: could the server have carried the call out? Only a
request that never left (``unreachable``) surely was not; an answer that is not the API's
own proves nothing, whatever its status.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from labeling.errors import (
    AuthGatewayError,
    GatewayError,
    IncompleteGatewayError,
    MissingGatewayError,
    RejectedGatewayError,
    RetryableGatewayError,
)
from labeling.studio.gateway import MINIMUM_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

LEGACY = "legacy"
PERSONAL = "personal"

_EXCERPT = 300
_TRY_LATER = "Try again later; if it goes on, look at Label Studio's own log."
_RECONNECT = (
    "In Label Studio open Account & Settings, copy a Personal Access Token (or a Legacy Token, "
    "where the organization allows them) and connect again with `flask studio connect`."
)
_LEGACY_OFF = (
    "Connect again with a Personal Access Token (Label Studio: Account & Settings, Personal "
    "Access Token), or let the organization's owner allow legacy tokens (Organization, API "
    "Tokens Settings)."
)
# Statuses with which a server, or what stands before it, says "not now" rather than "no".
_NOT_NOW = frozenset({408, 425, 429})
_TOO_LARGE = frozenset({413, 414})
_SECRET = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+|\b[0-9a-fA-F]{40}\b")
# Label Studio quotes the refused item after " :: " and the refused value after "data['x']=".
_QUOTED_ITEM = re.compile(r"( \[assume: .*)?( :: .*)?\Z", re.DOTALL)
_QUOTED_VALUE = re.compile(r"(data\['[^']*'\])=.* is of type '", re.DOTALL)


def unreachable(operation: str, why: str) -> RetryableGatewayError:
    """The request never reached a server."""
    return RetryableGatewayError(
        f"Label Studio cannot be reached ({why}).",
        operation=operation,
        sent=False,
        remedy="Check that it runs, and the address and port of the connection.",
    )


def no_answer(operation: str, why: str) -> RetryableGatewayError:
    """The request left, and no whole answer came back."""
    return RetryableGatewayError(
        f"Label Studio did not answer ({why}).", operation=operation, remedy=_TRY_LATER
    )


def not_the_api(operation: str, status: int, what: str) -> RetryableGatewayError:
    """Something answered, but not as Label Studio's API does."""
    return RetryableGatewayError(
        f"The answer is not one of Label Studio's API (HTTP {status}, {what}).",
        operation=operation,
        status=status,
        remedy="Check that the address is Label Studio's own, without a path behind it, and "
        "that no sign-in page or proxy stands before it.",
    )


def incomplete(operation: str, missing: int) -> IncompleteGatewayError:
    """A listing ended ``missing`` items before the server's own total."""
    return IncompleteGatewayError(
        f"The listing ended {missing} short of the total Label Studio gave.",
        operation=operation,
        remedy="Nothing was concluded from it. Try again; tasks may have been deleted meanwhile.",
    )


def bad_address(operation: str, why: str) -> RejectedGatewayError:
    """The connection's address cannot be one."""
    return RejectedGatewayError(
        f"The address of the connection cannot be used ({why}).",
        operation=operation,
        remedy="Give it as https://labels.example.org, without user name, query or fragment.",
    )


def bad_token(operation: str, why: str) -> AuthGatewayError:
    """The token cannot be one, or no longer; nothing was sent."""
    return AuthGatewayError(
        f"The token cannot be used ({why}).", operation=operation, remedy=_RECONNECT
    )


def refused(
    operation: str, status: int, body: bytes, *, token_kind: str, payload: bytes = b""
) -> GatewayError:
    """The error for an answer whose status is not a success.

    Args:
        operation: what was tried.
        status: the HTTP status, 300 or more.
        body: the answer's body, of which only Label Studio's own words are repeated.
        token_kind: ``LEGACY`` or ``PERSONAL``, for the remedy of a refused token.
        payload: what an import sent, to align ``item_errors`` with its items.
    """
    answer = _own_words(body)
    said = _sentence(answer)
    if status in {401, 403}:
        return _refused_token(operation, status, said, token_kind)
    if status in _TOO_LARGE:
        return RejectedGatewayError(
            f"The call was too large for the server (HTTP {status}).",
            operation=operation,
            status=status,
            remedy="Lower COPYDESK_PUSH_CHUNK, or raise the limit of the proxy before it.",
        )
    if answer is None or (status == 404 and "detail" not in answer):
        # Any web server says 404; only with its own words it is about what we asked for.
        return not_the_api(operation, status, "not in Label Studio's words")
    if status >= 500 or status in _NOT_NOW or status < 400:
        return RetryableGatewayError(
            f"Label Studio answered HTTP {status}{said}.",
            operation=operation,
            status=status,
            remedy=_TRY_LATER,
        )
    kind = MissingGatewayError if status == 404 else RejectedGatewayError
    return kind(
        f"Label Studio refused it (HTTP {status}){said}.",
        operation=operation,
        status=status,
        item_errors=_item_errors(answer, payload),
    )


def require_version(operation: str, release: str) -> None:
    """Raise RejectedGatewayError when the server is older than ``MINIMUM_VERSION``."""
    if _numbers(release) < _numbers(MINIMUM_VERSION):
        raise RejectedGatewayError(
            f"Label Studio {release[:40]} is too old; Copydesk needs {MINIMUM_VERSION} or later.",
            operation=operation,
            remedy="Upgrade Label Studio: pip install --upgrade label-studio",
        )


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release)[:2])


def _refused_token(operation: str, status: int, said: str, token_kind: str) -> AuthGatewayError:
    disabled = token_kind == LEGACY and "legacy" in said.lower()
    if disabled:
        message = "Legacy tokens are disabled in this Label Studio organization"
    elif token_kind == LEGACY:
        message = f"Label Studio refused the token (HTTP {status}), taken for a legacy token{said}"
    else:
        message = f"Label Studio refused the personal access token (HTTP {status}){said}"
    return AuthGatewayError(
        f"{message}.",
        operation=operation,
        status=status,
        remedy=_LEGACY_OFF if disabled else _RECONNECT,
    )


def _own_words(body: bytes) -> Mapping[str, Any] | None:
    """The error object of Label Studio's API, or None where the body is not one."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _sentence(answer: Mapping[str, Any] | None) -> str:
    """Label Studio's reason as the end of a sentence, or nothing; never a text of ours."""
    if answer is None:
        return ""
    words = [str(answer.get("detail", ""))]
    for name, faults in _faults(answer).items():
        if name != "non_field_errors":
            first = faults[0] if isinstance(faults, list) and faults else faults
            words.append(f"{name}: {first}")
    said = _safe("; ".join(word for word in words if word))
    return f": {said.rstrip('.')}" if said else ""


def _faults(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    faults = answer.get("validation_errors")
    return faults if isinstance(faults, dict) else {}


def _item_errors(answer: Mapping[str, Any], payload: bytes) -> tuple[str | None, ...]:
    faults = _faults(answer).get("non_field_errors")
    if not payload or not isinstance(faults, list) or len(faults) != _length(payload):
        return ()  # about the whole call, or not aligned with what was sent
    return tuple(_safe(str(fault)) if fault else None for fault in faults)


def _length(payload: bytes) -> int:
    try:
        items = json.loads(payload)
    except ValueError:
        return -1
    return len(items) if isinstance(items, list) else -1


def _safe(text: str) -> str:
    text = _QUOTED_ITEM.sub("", text, count=1)
    text = _QUOTED_VALUE.sub(r"\1 is of type '", text)
    return _SECRET.sub("[hidden]", text)[:_EXCERPT]
