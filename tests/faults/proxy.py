"""An HTTP proxy in front of a server that strikes at one request: before, during or after it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

POINTS = ("before", "half", "during", "after")


@dataclass
class Strike:
    """When to strike: at which request (counted from 1), at which point of it, and how."""

    at: int
    point: str
    blow: Callable[[], None]
    struck: threading.Event = field(default_factory=threading.Event)


class FaultProxy:
    """Forwards to ``target``; counts requests; strikes once for each armed ``Strike``."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
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
