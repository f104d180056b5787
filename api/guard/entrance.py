"""Where every request comes in: it gets its name, its prefix is told apart, and what became of it is noted."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from secrets import token_hex

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guard.call import CALL, Call, route_path
from newsdesk.logs import ACCESS
from newsdesk.remote_service import is_this_machine

access = logging.getLogger(ACCESS)

Seen = Callable[[str, str, int, float], object]
"""Is told method, route, status and seconds of each request."""

REQUEST_ID = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_OF_PROXIES = frozenset(
    {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port",
     b"x-forwarded-prefix", b"x-original-url", b"x-rewrite-url", b"x-gradio-server"}
)  # fmt: skip
"""Taken away: the server has read what known proxies say of address and scheme, and Gradio would believe anybody."""


class Entrance:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp, prefix: str = "", seen: Seen | None = None, log_questions: bool = False) -> None:
        """`prefix`, such as /news, is where a proxy has the service; the proxy may take it away or leave it.

        Each request is told to `seen` and to the log `newsdesk.access`, with its question only where that is wanted.
        """
        self._app = app
        self._prefix = prefix
        self._seen = seen
        self._log_questions = log_questions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, with its call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call, began, status = _call(scope), time.perf_counter(), 0
        scope = {**scope, **self._placed(scope), "newsdesk.call": call}
        scope["headers"] = [item for item in scope["headers"] if item[0] not in _OF_PROXIES]
        CALL.set(call)

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = call.id
            await send(message)

        bare = bool(self._prefix) and scope["path"] == self._prefix  # relative links of the page need the slash
        app: ASGIApp = RedirectResponse(f"{self._prefix}/", 308) if bare else self._app
        try:
            await app(scope, receive, send_named)
        finally:
            self._note(scope, call, status, time.perf_counter() - began)

    def _placed(self, scope: Scope) -> Scope:
        """Path and prefix as ASGI has them: the path holds the prefix, whether the proxy took it away or not."""
        path, raw = str(scope["path"]), bytes(scope.get("raw_path") or b"")
        if not self._prefix:
            return {"root_path": ""}
        if not f"{path}/".startswith(f"{self._prefix}/"):
            path, raw = self._prefix + path, self._prefix.encode() + raw
        return {"path": path, "raw_path": raw, "root_path": self._prefix}

    def _note(self, scope: Scope, call: Call, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = _route(scope)
        if self._seen:
            self._seen(method, route, status, seconds)
        about: dict[str, object] = {
            "request_id": call.id,
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "key": call.key.name if call.key else None,
        }
        if self._log_questions and call.question:
            about["question"] = call.question
        access.info("%s", about, extra={"fields": about})


def _call(scope: Scope) -> Call:
    headers = Headers(scope=scope)
    given = headers.get(REQUEST_ID, "")
    address = scope["client"][0] if scope.get("client") else ""
    passed_on = any(name in _OF_PROXIES for name, _ in scope["headers"])
    local = is_this_machine(address) and not passed_on
    return Call(given if _ID.fullmatch(given) else token_hex(8), address, local)


def _route(scope: Scope) -> str:
    """The pattern of the path, of which there are few, never the path itself."""
    pattern = getattr(scope.get("route"), "path", "")
    if pattern:
        return str(pattern)
    path = route_path(scope)
    return path if path in ("/", "/mcp") else "page" if path.startswith(("/gradio_api/", "/assets/")) else "other"
