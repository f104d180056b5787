"""A real HTTP server on the loopback that answers what a test's function says, and remembers what it was asked."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By their names in small letters."""
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered. A body that yields bytes is sent piece by piece; another that is no bytes is sent as JSON."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class ScriptedServer:
    """`with ScriptedServer(lambda request: Reply({"a": 1})) as server: ...`

    The function may take as long as it likes, which is how a late service is made, and may raise Hangup.
    """

    def __init__(self, script: Callable[[Request], Reply], port: int = 0) -> None:
        """`port`: 0 for any that is free."""
        self.requests: list[Request] = []
        self.left = 0
        """Clients that went away before a streamed body had ended."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, self.rfile.read(length))
                server.requests.append(request)
                try:
                    reply = script(request)
                except Hangup:
                    self.close_connection = True
                    return
                self._send(reply)

            do_GET = do_POST = do_DELETE = handle_any  # noqa: N815  # the names are the base class's

            def _send(self, reply: Reply) -> None:
                if isinstance(reply.body, Generator):
                    self._send_pieces(reply)
                    return
                is_bytes = isinstance(reply.body, bytes)
                body = reply.body if is_bytes else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                for name, value in {"content-type": "application/json", **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def _send_pieces(self, reply: Reply) -> None:
                self.close_connection = True  # a body that is cut off leaves nothing that could go on
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("connection", "close")
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                try:
                    for piece in filter(None, reply.body):
                        self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                    self.wfile.write(b"0\r\n\r\n")
                except ConnectionError:
                    server.left += 1
                except Hangup:
                    pass
                finally:
                    reply.body.close()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._server = _Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Hangup(Exception):
    """Raised by a script to close the connection without an answer."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a connection that is kept open must not keep the test waiting

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # who asked did not wait for the answer
            super().handle_error(request, client_address)
