"""How much a request may carry, and how many a caller may send."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guard.buckets import Buckets
from api.guard.call import call_of, route_path
from api.guard.refusals import come_back, refusal

BODY = 1024**2
"""Bytes of a request's body. A question of 2,000 characters after 50 exchanges of that length fits, in any script."""

BODY_OF_ARTICLES = 32 * 1024**2
"""Bytes of a body at ARTICLES: some 6,000 newspaper stories."""

ARTICLES = "/api/articles"

BODY_OF_TABLE = 8 * 1024**2
"""Bytes of a table of questions."""

TABLES = ("/api/batch", "/desk/batch")

BODY_OF_UPLOAD = 64 * 1024**2
"""Bytes of files that are sent at once; the page sends more in several requests."""

UPLOADS = "/api/uploads"

_ADVICE = {
    UPLOADS: "Send the files in several requests, or put them in with `newsdesk ingest FILE`.",
    ARTICLES: "Send the articles as JSON lines in several posts, or put them in with `newsdesk ingest FILE`.",
}


class BodyLimit:
    """ASGI middleware that answers 413 when a body is announced, or turns out, to be too large.

    The rest of such a body is not kept. How long it may still take to come is for the server to say
    (app.service.connections).
    """

    def __init__(self, app: ASGIApp, most: int = BODY, most_at: Mapping[str, int] | None = None) -> None:
        """`most` bytes anywhere, but for the paths in `most_at` (default: those of ARTICLES, UPLOADS and TABLES)."""
        self._app = app
        self._most = most
        self._most_at = (
            {ARTICLES: BODY_OF_ARTICLES, UPLOADS: BODY_OF_UPLOAD, **dict.fromkeys(TABLES, BODY_OF_TABLE)}
            if most_at is None
            else most_at
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = route_path(scope)
        most = self._most_at.get(path, self._most)
        too_large = refusal(scope, 413, _detail(path, most))
        if _announced(scope) > most:
            await too_large(scope, receive, send)
            return
        counted, started, refused = 0, False, False

        async def receive_counted() -> Message:
            nonlocal counted, refused
            message = await receive()
            counted += len(message.get("body", b""))
            if counted > most:
                if not started and not refused:
                    refused = True
                    await too_large(scope, receive, send)
                raise HTTPException(413)  # ends whatever was reading
            return message

        async def send_unless_refused(message: Message) -> None:
            nonlocal started
            if not refused:
                started = True
                await send(message)

        try:
            await self._app(scope, receive_counted, send_unless_refused)
        except Exception:
            if not refused:
                raise


class RateLimit:
    """ASGI middleware that answers 429 to a caller who sends too many requests; this machine's own are not counted."""

    def __init__(self, app: ASGIApp, per_minute: int, refused: Callable[[str], object]) -> None:
        """`per_minute` for a key, or for an address where there is none; 0: no limit. `refused` is told of each refusal."""
        self._app = app
        self._refused = refused
        self._buckets = Buckets(per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, counting it. The files of the page, of which it loads dozens, are not counted."""
        if scope["type"] == "http" and route_path(scope).startswith(_COUNTED):
            call = call_of(scope)
            own = call.local and (call.key is None or not call.key.number)
            if not own and (wait := self._buckets.take(call.caller)):
                self._refused("rate")
                await come_back(scope, 429, "You have sent too many requests.", wait)(scope, receive, send)
                return
        await self._app(scope, receive, send)


_COUNTED = ("/api/", "/v1/", "/mcp", "/article/", "/signin", "/gradio_api/queue/join", "/gradio_api/upload")


def _announced(scope: Scope) -> int:
    """What the Content-Length header says; the server has seen to it that it is a number."""
    given = Headers(scope=scope).get("content-length", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0


def _detail(path: str, most: int) -> str:
    advice = _ADVICE.get(path, "Send less.")
    return f"The body is larger than {most // 1024**2} MiB, the most that is taken at {path[:200]}. {advice}"
