"""Runs the service under uvicorn until it is told to stop."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import FrameType
from typing import NoReturn

import uvicorn
from starlette.types import ASGIApp

from app.service.connections import MOST_WAITING, WaitingRoom, bound_connections, raise_descriptor_limit
from app.service.service import Service
from app.service.web import build_app
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import NewsdeskError, WrongUse
from newsdesk.logs import log_as
from newsdesk.remote_service import is_this_machine
from newsdesk.settings import Settings

logger = logging.getLogger("newsdesk.service")

_GRACE_SECONDS = 10
"""For answers in flight when SIGTERM comes; the whole stop stays under 20 seconds."""

_END_SECONDS = 18
"""After SIGTERM, whatever has not ended is ended by force. Nothing that was acknowledged can be lost by that."""


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to stop."""
        end_by_force_in_time()
        super().handle_exit(sig, frame)


def run(settings: Settings) -> NoReturn:
    """Serves until SIGTERM or SIGINT, then ends the process.

    Raises DataFolderBusy, and WrongUse for a taken address or one that others reach without a key.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    log_as(settings.log)
    listening = _listen(settings)
    check_keys(settings, listening.getsockname()[0])
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}"
    service = Service(settings)
    try:
        app = _built_undisturbed(partial(build_app, service, address_is_local=is_this_machine(host)))
        config = _config(app, settings)
        service.start(address)
        print(f"Newsdesk is at {address} (API: {address}/docs). Stop it with Ctrl-C.", flush=True)
        server, told = _Server(config), False
        try:
            server.run(sockets=[listening])
        except SystemExit:  # of _end: uvicorn sends the signal again when it has stopped
            told = True
    finally:
        end_by_force_in_time()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # a second one must not tear the views
        service.stop()
        listening.close()
    logging.shutdown()
    sys.stdout.flush()
    # All is closed; Python's own end, with torch, Chroma and their threads, can take longer than allowed.
    os._exit(0 if told else NewsdeskError.exit_code)  # not told: uvicorn could not start, and has said why


def _built_undisturbed(build: Callable[[], ASGIApp]) -> ASGIApp:
    """What it builds. Nothing that it imports will ever be garbage; to look for some meanwhile takes an eighth of the start."""
    gc.disable()
    try:
        return build()
    finally:
        gc.freeze()
        gc.enable()


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    most_waiting = min(MOST_WAITING, raise_descriptor_limit() // 2)
    config = uvicorn.Config(
        app,
        ws="none",  # nothing here speaks it
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=most_waiting * 3 // 2,  # 503 for more; the last quarter of the descriptors is for files
    )
    bound_connections(config, WaitingRoom(most_waiting))
    return config


@cache  # the first call counts, when stopping begins
def end_by_force_in_time(seconds: float = _END_SECONDS) -> None:
    """Ends the process when stopping takes longer than `seconds`, writing to the log where each thread hangs.

    A thread of C does it, so that not even one that never gives Python's lock back is waited for. It stays armed:
    the interpreter can hang at its end too.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)


def _end(_number: int, _frame: FrameType | None) -> None:
    """Ends the process by way of `finally`. uvicorn stops first, then sends the signal again, to us."""
    end_by_force_in_time()
    raise SystemExit(0)


def check_keys(settings: Settings, host: str) -> None:
    """Raises WrongUse when others can reach the service and nobody has a key to it, unless that is wanted."""
    if is_this_machine(host):
        return
    if settings.open:
        logger.warning("Whoever reaches %s can read, add and remove everything: no key is asked for (open).", host)
        return
    if not _has_keys(settings):
        raise WrongUse(
            f"Others can reach {host}, and there is no key that they could be asked for. Make one with `newsdesk keys add "
            f"NAME --scope admin --data {settings.data}`, listen on 127.0.0.1, or use --open (NEWSDESK_OPEN=true) where "
            "something else asks who they are."
        )


def _has_keys(settings: Settings) -> bool:
    if isinstance(settings.catalogue_at, Path) and not settings.catalogue_at.exists():
        return False
    catalogue = Catalogue(settings.catalogue_at)
    try:
        return catalogue.keys.ring().ever
    finally:
        catalogue.close()


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
