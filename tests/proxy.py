"""A small real proxy for tests: it passes connections on, one request each, as a web server before the service does."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def proxied(target: str, prefix: str = "", *, strip: bool = True, scheme: str = "http") -> Iterator[str]:
    """A proxy before `target`, which shows it below `prefix`; the address where it listens, with the prefix."""
    where = urlsplit(target)
    said = [b"Connection: close", b"X-Forwarded-For: 203.0.113.9", f"X-Forwarded-Proto: {scheme}".encode()]

    class Handler(socketserver.StreamRequestHandler):
        rbufsize = 0  # what follows the head is read from the socket

        def handle(self) -> None:
            first, *lines = [line.rstrip(b"\r\n") for line in iter(self.rfile.readline, b"\r\n")] or [b""]
            if first.count(b" ") != 2:
                return
            method, path, version = first.split(b" ")
            if not path.startswith(prefix.encode()):
                self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            path = (path[len(prefix) :] or b"/") if strip else path
            kept = [line for line in lines if not line.lower().startswith(b"connection:")]
            with socket.create_connection((where.hostname or "", where.port or 0)) as there:
                there.sendall(b"\r\n".join([b" ".join([method, path, version]), *kept, *said]) + b"\r\n\r\n")
                sending = threading.Thread(target=_pass_on, args=(self.connection, there))
                sending.start()
                _pass_on(there, self.connection)
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                sending.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler, bind_and_activate=False) as server:
        server.daemon_threads, server.request_queue_size = True, 128
        server.server_bind()
        server.server_activate()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"
        finally:
            server.shutdown()
            thread.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
