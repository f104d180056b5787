"""Connections that wait for their client: only so many, and only for so long.

A client that opens a connection and does not send its request, or sends half of one, or does not read its answer, costs a
file descriptor, which SQLite and tantivy need too. Such a connection is waiting. When too many are, the one that waits
longest makes room, so a client that sends its request at once always gets through.
"""

from __future__ import annotations

import asyncio
import json
import resource
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

PATIENCE_SECONDS = 60
"""For a request to come, headers and body, and for a client to read on. 32 MiB, the largest body, take as long at
4.5 Mbit/s; nothing else that is sent here comes near a mebibyte."""

MOST_WAITING = 4096
"""Connections, if half of the file descriptors are not fewer."""

MAX_HEAD = 64 * 1024
"""Bytes of a request's line and headers. Browsers send a few kilobytes; common servers take 8 to 64."""

_DESCRIPTORS = 65_536
"""What is asked for at most: beyond it the kernel's tables cost more than anyone here gains."""

_LINGER_SECONDS = 2
"""How long a refused client may go on sending, so that it comes to read why it is refused."""

_LAST_CALL_SECONDS = 0.5
"""How long a stopping service still reads: what was sent before the end was announced is in the socket by then."""


def raise_descriptor_limit() -> int:
    """Lifts the number of files and connections this process may open as far as it is allowed to; the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # macOS has a further limit of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return _DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


def bound_connections(config: uvicorn.Config, room: WaitingRoom) -> None:
    """Makes the server of `config` speak BoundedProtocol, its connections sharing `room`."""
    config.load()
    # As an argument Config takes a class alone.
    config.http_protocol_class = partial(BoundedProtocol, room=room)  # type: ignore[assignment]


class WaitingRoom:
    """The waiting connections of one server, the one that waits longest first."""

    def __init__(self, most: int = MOST_WAITING, patience: float = PATIENCE_SECONDS) -> None:
        """`most` connections wait at a time, each `patience` seconds at most."""
        self._most = most
        self._patience = patience
        self._waiting: dict[asyncio.Transport, asyncio.TimerHandle] = {}

    def enter(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """The connection waits for its client from now on; another one may have to go."""
        self.leave(transport)
        self._waiting[transport] = loop.call_later(self._patience, self._end, transport)
        if len(self._waiting) > self._most:
            self._end(next(iter(self._waiting)))

    def leave(self, transport: asyncio.Transport) -> None:
        """The connection waits no more: for us it is to do something, or it is gone."""
        timer = self._waiting.pop(transport, None)
        if timer is not None:
            timer.cancel()

    def __contains__(self, transport: asyncio.Transport) -> bool:
        return transport in self._waiting

    def _end(self, transport: asyncio.Transport) -> None:
        self.leave(transport)
        transport.abort()  # to close would wait for the client to read what it has not read


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP with a waiting room and a bound on headers; its refusals are problem documents."""

    def __init__(self, *arguments: Any, room: WaitingRoom, **more: Any) -> None:
        """Takes what uvicorn hands over, and the waiting room of the server."""
        super().__init__(*arguments, **more)
        self._room = room
        self._unparsed = 0  # bytes that came since a head, a part of a body or a request was complete
        self._refused = False
        self._stopping = False

    # ---------------------------------------------------------------- waiting and not

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Waits for the first request."""
        super().connection_made(transport)
        self._room.enter(transport, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits no more."""
        self._room.leave(self.transport)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request has begun, and has its own time to come."""
        super().on_message_begin()
        self._unparsed = 0
        if self._is_idle():
            self._room.enter(self.transport, self.loop)

    def on_message_complete(self) -> None:
        """The request is here: now the client waits for us."""
        super().on_message_complete()
        self._unparsed = 0
        if not self._is_idle():
            self._room.leave(self.transport)

    def on_response_complete(self) -> None:
        """Waits for the next request, for the rest of one, or for the client to read."""
        super().on_response_complete()
        if self._is_idle() or self._is_incomplete():
            self._room.enter(self.transport, self.loop)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._room.enter(self.transport, self.loop)

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        if not self._is_idle():
            self._room.leave(self.transport)

    def _is_idle(self) -> bool:
        """Whether nothing is to be answered on this connection."""
        return self.cycle is None or self.cycle.response_complete

    def _is_incomplete(self) -> bool:
        """Whether what is being answered has not come completely."""
        return not self._is_idle() and self.cycle.more_body and not self.pipeline

    # ---------------------------------------------------------------- what is no request, and what is none of ours

    def data_received(self, data: bytes) -> None:
        """Reads on, unless there are headers and no end of them."""
        if self._refused:
            return
        self._unparsed += len(data)
        super().data_received(data)
        if self._unparsed > MAX_HEAD and not self._refused:
            self._refuse(431, _TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Begins to answer."""
        self._unparsed = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if self._unparsed > MAX_HEAD:
            raise _HeadTooLarge  # httptools reports it as an error of the request
        self._unparsed = 0
        super().on_headers_complete()
        if self._stopping and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Hands on a part of the body."""
        self._unparsed = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Refuses what uvicorn found to be no HTTP."""
        if self._unparsed > MAX_HEAD:
            self._refuse(431, _TOO_LARGE)
        else:
            self._refuse(400, f"{msg} Send HTTP/1.1.")

    def _refuse(self, status: int, detail: str) -> None:
        """Answers by hand, there being no request that the application could be given, and reads no more requests."""
        self._refused = True
        if not self._is_idle() and not self._is_incomplete():
            self.cycle.keep_alive = False  # an earlier request is being answered: that is finished, and then the end
            return
        if not self._is_idle() and self.cycle.response_started:
            self.transport.abort()
            return
        title = HTTPStatus(status).phrase
        body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail}).encode()
        head = f"content-type: application/problem+json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + body)
        # To close at once, with something unread, resets the connection, and the client may never see the answer.
        self.transport.write_eof()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)

    # ---------------------------------------------------------------- the end

    def shutdown(self) -> None:
        """Finishes what is being answered; what has not come in a moment is not waited for."""
        self._stopping = True
        if self.cycle is not None:
            self.cycle.keep_alive = False
        self.loop.call_later(_LAST_CALL_SECONDS, self._close_unless_answering)

    def _close_unless_answering(self) -> None:
        if self._is_idle():
            self.transport.close()
        elif self._is_incomplete():
            self.transport.abort()


class _HeadTooLarge(Exception):
    """Ends the parsing of a request."""


_TOO_LARGE = f"The request line and headers are larger than {MAX_HEAD // 1024} KiB. Send the long part in a body."
