"""How much a request may carry."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem

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
        most = self._most_at.get(scope["path"], self._most)
        refusal = problem(413, _detail(scope["path"], most))
        if _announced(scope) > most:
            await refusal(scope, receive, send)
            return
        counted, started, refused = 0, False, False

        async def receive_counted() -> Message:
            nonlocal counted, refused
            message = await receive()
            counted += len(message.get("body", b""))
            if counted > most:
                if not started and not refused:
                    refused = True
                    await refusal(scope, receive, send)
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


def _announced(scope: Scope) -> int:
    """What the Content-Length header says; the server has seen to it that it is a number."""
    given = Headers(scope=scope).get("content-length", "0")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 20 else 0


def _detail(path: str, most: int) -> str:
    advice = _ADVICE.get(path, "Send less.")
    return f"The body is larger than {most // 1024**2} MiB, the most that is taken at {path[:200]}. {advice}"
