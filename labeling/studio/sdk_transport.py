"""How requests travel to a Label Studio: the only module that imports its SDK or an HTTP client.

The SDK gives us the connection and both kinds of token. Nothing is sent twice by itself,
except a reading (``read_retries``) and a call refused with 401, which was not carried out. No
redirect is followed and no address out of an answer is used, so the token reaches the
connection's own address and no other.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

from labeling.errors import GatewayError
from labeling.studio import failures
from labeling.studio.credentials import clean_token, clean_url, token_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")


class SdkTransport:
    """Requests to one server, by one token. See ``SdkGateway`` for the arguments.

    ``requests`` counts the calls so far, but not those that only change a personal token for
    a short-lived one.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout_s: float,
        read_retries: int,
    ) -> None:
        self._url = clean_url(url)
        self._token = clean_token(token)
        self._kind = token_kind(self._token)
        self._read_retries = read_retries
        self._timeout_s = timeout_s
        self.requests = 0
        self._http = httpx.Client(
            timeout=timeout_s,
            follow_redirects=False,
            # Neither a proxy nor credentials out of the environment: the token is for one place.
            trust_env=False,
            verify=_trusted_authorities(),
            # A kept connection may be closed by the server just when a write goes out on it,
            # and then nobody knows whether the write arrived.
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._sdk = self._sign_in()

    # --- requests -------------------------------------------------------------------------

    def _read(self, operation: str, path: str, params: Mapping[str, Any]) -> Any:
        return self._answer(
            operation,
            self._request(operation, "GET", path, params=params, retries=self._read_retries),
        )

    def _write(self, operation: str, path: str, body: Mapping[str, Any] | bytes) -> Any:
        payload = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self._request(operation, "POST", path, content=payload)
        return self._answer(operation, response, payload)

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        retries: int = 0,
    ) -> httpx.Response:
        def send() -> httpx.Response:
            self.requests += 1
            wrapper = self._sdk._client_wrapper  # noqa: SLF001 -- the SDK's models check nothing
            response: httpx.Response = wrapper.httpx_client.request(
                path,
                method=method,
                params=params,
                content=content,
                headers={"Content-Type": "application/json"} if content else None,
                request_options={"max_retries": retries},
            )
            return response

        self._authorize(operation)
        response = self._carry(operation, send)
        if response.status_code == 401 and self._kind == failures.PERSONAL:
            # An access token ends by the server's clock, which may be ahead of ours. What was
            # refused was not carried out, so a fresh one may ask again.
            self._sdk = self._sign_in()
            self._authorize(operation)
            response = self._carry(operation, send)
        return response

    def _carry(self, operation: str, send: Callable[[], T]) -> T:
        """Let ``send`` send, and say what it means when no answer comes."""
        try:
            return send()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as err:
            raise failures.unreachable(operation, f"{self._url}: {err}") from err
        except httpx.TimeoutException as err:
            why = f"no answer within {self._timeout_s:g} s"
            raise failures.no_answer(operation, why) from err
        except httpx.HTTPError as err:
            raise failures.no_answer(operation, "the connection broke off") from err

    def _answer(self, operation: str, response: httpx.Response, payload: bytes = b"") -> Any:
        """The JSON of a good answer, or the error that a bad one means."""
        status = response.status_code
        if response.has_redirect_location:
            goal = re.match(r"https?://[\w.:-]+", response.headers["location"])
            where = goal.group() if goal else "another page"
            raise failures.not_the_api(operation, status, f"a redirect to {where}")
        if not response.is_success:
            raise failures.refused(
                operation, status, response.content, token_kind=self._kind, payload=payload
            )
        try:
            return response.json()
        except ValueError:
            raise failures.not_the_api(operation, status, "not JSON") from None

    # --- the token ------------------------------------------------------------------------

    def _sign_in(self) -> LabelStudio:
        try:
            return LabelStudio(
                base_url=self._url, api_key=self._token, httpx_client=self._http, max_retries=0
            )
        except ApiError:  # the SDK looks at the end date of a personal access token
            raise failures.bad_token("connect", "it is out of date") from None

    def _authorize(self, operation: str) -> None:
        """Change a personal access token for a short-lived one, where there is none yet.

        It goes before the request itself, so when this fails nothing was carried out.
        """
        wrapper = self._sdk._client_wrapper  # noqa: SLF001
        try:
            with understood(operation):
                self._carry(operation, wrapper.get_headers)
        except ApiError as err:
            body = json.dumps(err.body).encode()
            status = err.status_code or 0
            failure = failures.refused(operation, status, body, token_kind=self._kind)
            failure.sent = False
            raise failure from None
        except GatewayError as err:
            err.sent = False
            raise


@contextmanager
def understood(operation: str) -> Iterator[None]:
    """An answer without the fields it should have is not the API's."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise failures.not_the_api(operation, 200, "fields are missing") from None


@cache
def _trusted_authorities() -> Any:
    # Once a process: reading them takes longer than a request.
    context = httpx.create_ssl_context(trust_env=False)
    # An internal server is often vouched for by an authority that only this machine knows.
    context.load_default_certs()
    return context
