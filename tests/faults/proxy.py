"""An HTTP proxy in front of a server that strikes at one request: before, during or after it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

# Points at which whoever asks is struck itself.
POINTS = ("before", "half", "during", "after")
# What may become of a request between the two, neither of which is struck: refused by the proxy
# before or after it was carried out, its answer dropped or cut, or itself held back so long that
# nobody waits for it any more.
TWISTS = ("refused_502", "done_502", "refused_429", "lost", "dropped", "cut", "held_back")
_PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass
class Strike:
    """When to strike: at which request (counted from 1), at which point of it, and how."""

    at: int
    point: str
    blow: Callable[[], None]
    struck: threading.Event = field(default_factory=threading.Event)


class FaultProxy:
    """Forwards to ``target``; counts requests; strikes once for each armed ``Strike``.

    Args:
        target: the server's address.
        hold_s: for how long a request is held back.
    """

    def __init__(self, target: str, *, hold_s: float = 2.5) -> None:
        self.target = urlsplit(target)
        self.hold_s = hold_s
        self.requests = 0
        self.strike: Strike | None = None
        self._lock = threading.Lock()
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def arm(self, strike: Strike) -> None:
        """Count from now on, and strike as told."""
        with self._lock:
            self.requests = 0
            self.strike = strike

    def point_of_next(self) -> str:
        """The point at which the request that just came is struck; "" when it is not."""
        with self._lock:
            self.requests += 1
            if self.strike is not None and self.requests == self.strike.at:
                return self.strike.point
            return ""

    def blow(self) -> None:
        """Strike."""
        assert self.strike is not None
        self.strike.blow()
        self.strike.struck.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: FaultProxy

    def log_message(self, *_: Any) -> None:
        """Say nothing: the test's own output is enough."""

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        point = self.owner.point_of_next()
        if point in TWISTS:
            self._twist(point, body)
            return
        if point == "before":
            self._end()
            return
        upstream = http.client.HTTPConnection(
            self.owner.target.hostname or "", self.owner.target.port, timeout=60
        )
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            upstream.putheader(name, value)
        upstream.endheaders()
        if point == "half":
            upstream.send(body[: len(body) // 2])
            upstream.close()
            self._end()
            return
        upstream.send(body)
        if point == "during":
            # The server has the whole request and is at work; whoever asked dies now.
            self.owner.blow()
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        if point == "during":
            self.close_connection = True
            return
        self._answer(answer, content)
        if point == "after":
            self.owner.blow()
            self.close_connection = True

    def _twist(self, twist: str, body: bytes) -> None:
        self.owner.blow()
        if twist == "held_back":
            threading.Event().wait(self.owner.hold_s)
        if twist in ("refused_502", "refused_429", "lost"):
            content = b""
        else:
            answer, content = self._ask(body)
        if twist.endswith("_502"):
            self._reply(502, _PAGE, "text/html")
        elif twist == "refused_429":
            self._reply(429, b'{"detail": "Request was throttled."}', "application/json")
        elif twist == "cut":
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
        self.close_connection = True

    def _ask(self, body: bytes) -> tuple[http.client.HTTPResponse, bytes]:
        upstream = http.client.HTTPConnection(
            self.owner.target.hostname or "", self.owner.target.port, timeout=60
        )
        upstream.request(self.command, self.path, body, dict(self.headers.items()))
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        return answer, content

    def _reply(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _forward

    def _answer(self, answer: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"transfer-encoding", "connection", "content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def _end(self) -> None:
        self.owner.blow()
        self.close_connection = True
