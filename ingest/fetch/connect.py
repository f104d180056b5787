"""Connections for httpcore: to the address that the guard has seen, and none longer than its request may take."""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from ingest.fetch.guard import Guard

_Options = Iterable[Any] | None


class Backend(httpcore.NetworkBackend):
    """Opens connections. Above it the host keeps its name, for the Host header and for TLS."""

    def __init__(self, guard: Guard | None) -> None:
        """Without a guard (behind a proxy, which finds hosts itself) names are left to the system."""
        self._guard = guard
        self._system = httpcore.SyncBackend()
        self.deadline = math.inf
        """Of the request under way (time.monotonic()), for all that is sent and read."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _Options = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first of the host's addresses that answers. Raises NotFetched, and httpcore's errors."""
        failed: Exception = httpcore.ConnectError("no address")
        for address in self._guard.addresses(host, port) if self._guard else [host]:
            try:
                opened = self._system.connect_tcp(address, port, self.left(timeout), local_address, socket_options)
                return _Stream(opened, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def left(self, timeout: float | None) -> float:
        """Seconds that a step may take. Raises httpcore.ReadTimeout when none are left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for one request is over")
        return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection each step of which ends with the deadline: a byte now and then keeps nobody waiting."""

    def __init__(self, inner: httpcore.NetworkStream, backend: Backend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._backend.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._backend.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._backend.left(timeout)), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
