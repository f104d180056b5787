"""Keeps other web sites out: which names the service answers to, and which pages may send it something.

On loopback the service asks nobody for a key, and listening there alone does not protect it: every page that a reader's browser opens can
send requests to it, and a page whose host name was pointed at 127.0.0.1 (DNS rebinding) could read the answers too. So a
request must name a host that is known here, and whatever changes or asks something must come from the service's own pages
or from no page at all.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem
from newsdesk.settings import is_address
from newsdesk.wording.quoted import quoted

ANY_HOST = "*"
"""In `allowed_hosts`: answer to every name."""

_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.ASCII | re.IGNORECASE)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_READING = {"GET", "HEAD", "OPTIONS"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an article's id is nobody else's business
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; media-src 'self' data: blob:; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    ),
}
"""Set on every response that does not say otherwise itself. Gradio's page is made of inline scripts, and makes functions of
text; but no script, picture or connection leads to another host, so nothing that got into it could be sent anywhere."""

_FOR_OTHER_PAGES = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-API-Key, X-Request-ID",
    "Access-Control-Expose-Headers": "Retry-After, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
"""For pages of the origins that are allowed; never with cookies (Allow-Credentials): they show a key."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    detail: str


@dataclass(frozen=True, slots=True)
class _Authority:
    """Host name, in lower case and without brackets, and the port, "" when none is named."""

    name: str
    port: str


class Fence:
    """ASGI middleware around the whole application, the chat included."""

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str] = (), cors_origins: Iterable[str] = ()) -> None:
        """`allowed_hosts` are the names this service has beside localhost, its addresses and this machine's name.

        Pages of `cors_origins` may read its answers and send it something.
        """
        self._app = app
        self._cors = frozenset(cors_origins)
        self._allowed = frozenset(name.lower().rstrip(".") for name in allowed_hosts)
        self._own_name = socket.gethostname().lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or answers it with what is wrong with where it comes from."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            if refusal:
                await send({"type": "websocket.close", "code": 1008, "reason": refusal.detail[:100]})
            else:
                await self._app(scope, receive, send)
            return

        given = Headers(scope=scope)
        origin = given.get("origin", "") if given.get("origin") in self._cors else ""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                _set_headers(headers)
                if self._cors:
                    headers.add_vary_header("Origin")
                if origin:
                    headers.update({"Access-Control-Allow-Origin": origin, **_FOR_OTHER_PAGES})
            await send(message)

        app: ASGIApp = self._app
        if refusal:
            app = problem(refusal.status, refusal.detail)
        elif origin and scope["method"] == "OPTIONS" and "access-control-request-method" in given:
            app = Response(status_code=204)
        await app(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> _Refusal | None:
        headers = Headers(scope=scope)
        given = headers.getlist("host")
        if len(given) != 1:
            return _Refusal(400, f"The request has {len(given)} Host headers. Send one, as HTTP/1.1 asks for.")
        host = _authority(given[0])
        if host is None:
            return _Refusal(
                400, f"The Host header {quoted(given[0])} is no host name or address with an optional port."
            )
        if not self._is_known(host.name):
            return _Refusal(
                421,
                f"This service does not answer to the name {quoted(host.name)}. If it is to, add the name to the setting "
                f"allowed_hosts (NEWSDESK_ALLOWED_HOSTS='[\"{host.name}\"]') and start it again.",
            )
        if scope["type"] == "http" and scope["method"] in _READING:
            return None
        for origin in headers.getlist("origin"):
            if origin not in self._cors and not self._is_own(origin, host):
                return _Refusal(
                    403,
                    f"The request comes from a page of {quoted(origin)}, which is not this service ({quoted(given[0])}). If that is "
                    "another name of it, such as a proxy's, add the name to the setting allowed_hosts.",
                )
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("origin") not in self._cors:
            return _Refusal(
                403, "The request comes from a page of another site (Sec-Fetch-Site). Use the service's own."
            )
        return None

    def _is_known(self, name: str) -> bool:
        if ANY_HOST in self._allowed or name in self._allowed:
            return True
        # An address is safe: to point a name of theirs at this machine, others need a name.
        return name in ("localhost", self._own_name) or name.endswith(".localhost") or is_address(name)

    def _is_own(self, origin: str, host: _Authority) -> bool:
        """Whether a page of `origin` (scheme, name and port; "null" for a page without one) is the service's own."""
        scheme, _, rest = origin.partition("://")
        default = _DEFAULT_PORTS.get(scheme.lower())
        page = _authority(rest)
        if default is None or page is None:
            return False
        # A proxy that speaks https for the service keeps the name, and neither side names the port then.
        same = page.name == host.name and (page.port or default) == (host.port or default)
        return same or page.name in self._allowed


def _authority(text: str) -> _Authority | None:
    match = _AUTHORITY.fullmatch(text)
    return _Authority(match[1].strip("[]").rstrip(".").lower(), match[2] or "") if match else None


def _set_headers(headers: MutableHeaders) -> None:
    """Adds ours, and takes away every permission for pages of other origins: Gradio gives some, and its own need none."""
    for name in [name for name in headers if name.startswith("access-control-")]:
        del headers[name]
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
