"""Runs the service under uvicorn until it is told to stop."""

from __future__ import annotations

import logging
import signal
import socket
from types import FrameType

import uvicorn

from newsdesk.app import Service, build_app
from newsdesk.errors import WrongUse
from newsdesk.settings import Settings

logger = logging.getLogger("newsdesk.service")

_GRACE_SECONDS = 10
"""For answers in flight when SIGTERM comes; the whole stop stays under 20 seconds."""


def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises DataFolderBusy, WrongUse when the address cannot be taken."""
    signal.signal(signal.SIGTERM, _end)
    listening = _listen(settings)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    service = Service(settings)
    try:
        config = uvicorn.Config(
            build_app(service), log_level="warning", timeout_graceful_shutdown=_GRACE_SECONDS, server_header=False
        )
        service.start(address)
        print(f"Newsdesk is at {address} (API: {address}/docs). Stop it with Ctrl-C.", flush=True)
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not tear the views
        service.stop()
        listening.close()


def _end(_number: int, _frame: FrameType | None) -> None:
    """Ends the process by way of `finally`. uvicorn stops first, then sends the signal again, to us."""
    raise SystemExit(0)


def _listen(settings: Settings) -> socket.socket:
    """A bound socket, made first, so that a taken port is an error before any work starts."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(2048)
    except OSError as error:
        raise WrongUse(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror or error}. "
            "Choose another with --port (0 takes a free one) or --host."
        ) from error
    return listening
