"""A small real proxy for tests: it passes connections on, one request each, as a web server before the service does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class _Proxy:
    def __init__(self, target: str, prefix: str, strip: bool, scheme: str) -> None:
        where = urlsplit(target)
        self._where = (where.hostname or "", where.port or 0)
        self._prefix, self._strip, self._scheme = prefix, strip, scheme

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
            method, target, version = first.split(b" ")
            if not target.startswith(self._prefix.encode()):
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            if self._strip:
                target = target[len(self._prefix) :] or b"/"
            kept = [line for line in lines if not line.lower().startswith(b"connection:")]
            said = [
                b"Connection: close",
                b"X-Forwarded-For: 203.0.113.9",
                f"X-Forwarded-Proto: {self._scheme}".encode(),
            ]
            there, away = await asyncio.open_connection(*self._where)
            away.write(b"\r\n".join([b" ".join([method, target, version]), *kept, *said]) + b"\r\n\r\n")
            sending = asyncio.create_task(_pipe(reader, away))
            try:
                await _pipe(there, writer)
            finally:
                sending.cancel()
                away.close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()


@contextmanager
def proxied(target: str, prefix: str = "", *, strip: bool = True, scheme: str = "http") -> Iterator[str]:
    """A proxy before `target`, which shows it below `prefix`; the address where it listens, with the prefix."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_Proxy(target, prefix, strip, scheme).serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{prefix}"
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))  # they end, and close what they hold
        loop.close()
