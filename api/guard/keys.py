"""Who may do what: the keys of requests, once there are any or others than this machine can reach the service."""

from __future__ import annotations

import hmac
import logging
import threading
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.guard.buckets import Buckets
from api.guard.call import call_of, route_path
from api.guard.refusals import come_back, refusal
from newsdesk.catalogue.access.keys import Key, KeyRing, KeyStore, today
from newsdesk.catalogue.access.keys import Scope as Right
from newsdesk.errors import NewsdeskError

logger = logging.getLogger("newsdesk.api")

COOKIE = "newsdesk_key"
SIGN_IN = "/signin"

WRONG_A_MINUTE = 20
"""Wrong keys that one address may try. Nobody guesses one; but whoever tries costs time, and fills the log."""

_FRESH = 1.0  # seconds that what was read of the keys is believed
_FREE = frozenset({"/healthz", "/readyz", "/favicon.ico", SIGN_IN, "/signout"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_ASKING = frozenset(
    {"/api/ask", "/api/ask/stream", "/api/feedback", "/api/batch", "/api/check-draft", "/desk/batch", "/desk/draft"}
)
"""Posted to, and yet no more than reading."""
_OF_WRITERS = ("/api/rejects", "/gradio_api/upload")
_OF_ADMINS = ("/metrics", "/api/keys")


def needed(method: str, path: str) -> Right | None:
    """What a key must be good for to do this; None where none is needed. What is not known here and changes something, writes."""
    if path in _FREE:
        return None
    if path.startswith(_OF_ADMINS):
        return "admin"
    if path.startswith(_OF_WRITERS):
        return "write"
    return (
        "write" if path.startswith(("/api/", "/desk/")) and method not in _READING and path not in _ASKING else "read"
    )


class Keys:
    """The keys as they are, read again every second; to be shared by the check and the sign-in page."""

    def __init__(self, store: KeyStore, own: str = "") -> None:
        """`own` is a secret of the commands on the same data folder, which may do everything anyway."""
        self._store = store
        self._own = own.encode()
        self._ring = store.ring()
        self._read_at = time.monotonic()
        self._noted: dict[int, str] = {}

    def ring(self) -> KeyRing:
        """The keys of the last second."""
        if time.monotonic() - self._read_at > _FRESH:
            try:
                self._ring = self._store.ring()
            except NewsdeskError as error:
                logger.error("The keys cannot be read, so those known go on being good: %s", error)
            self._read_at = time.monotonic()
        return self._ring

    def of(self, secret: str) -> Key | None:
        """The key with this secret, its use remembered by the day."""
        if self._own and hmac.compare_digest(secret.encode("utf-8", "surrogateescape"), self._own):
            return Key(0, "this machine", "admin", "", "", "")
        key = self.ring().of(secret)
        if key is not None and self._noted.get(key.number, key.last_used) != today():
            self._noted[key.number] = today()
            threading.Thread(target=self._note, args=(key,), daemon=True).start()  # writing may have to wait
        return key

    def _note(self, key: Key) -> None:
        try:
            self._store.note_use(key, self._noted[key.number])
        except NewsdeskError as error:
            logger.warning("The use of the key of %s was not noted: %s", key.name, error)


class KeyCheck:
    """ASGI middleware that asks for a key."""

    def __init__(self, app: ASGIApp, keys: Keys, always: bool) -> None:
        """`always`: also while no key was ever made. Otherwise everything is open until the first one is."""
        self._app = app
        self._keys = keys
        self._always = always
        self._wrong = Buckets(WRONG_A_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, its call knowing the key; or says which key is missing."""
        refused = self._refusal(scope) if scope["type"] == "http" else None
        await (refused or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if not self._always and not self._keys.ring().ever:
            return None
        call, path = call_of(scope), route_path(scope)
        given = secrets_of(scope)
        if given and (wait := self._wrong.wait(call.address)):
            return come_back(scope, 429, "Too many wrong keys came from this address.", wait)
        call.key = self._keys.of(given[0]) if len(given) == 1 else None
        if given and call.key is None:
            self._wrong.take(call.address)
        right = needed(scope["method"], path)
        if right is None or (path == "/metrics" and call.local):
            return None
        if call.key is None:
            return _who_are_you(scope, bool(given))
        if not call.key.may(right):
            return refusal(
                scope, 403, f"This takes a key with the scope {right}; the one of {call.key.name} has {call.key.scope}."
            )
        return None


def secrets_of(scope: Scope) -> list[str]:
    """The keys that a request shows: in its headers, or if there are none, in the cookie of the sign-in page."""
    headers = Headers(scope=scope)
    given = headers.getlist("x-api-key")
    for value in headers.getlist("authorization"):
        kind, _, secret = value.partition(" ")
        given.append(secret.strip() if kind.lower() == "bearer" else value)
    if given:
        return list(dict.fromkeys(given))
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return []
    return [cookie.value] if cookie and cookie.value else []


def _who_are_you(scope: Scope, wrong: bool) -> Response:
    """Whoever looks at a page is led to the sign-in page; a program is told."""
    accepts = Headers(scope=scope).get("accept", "")
    if scope["method"] in ("GET", "HEAD") and "text/html" in accepts:
        back = quote(route_path(scope), safe="/")
        return RedirectResponse(f"{scope.get('root_path', '')}{SIGN_IN}?next={back}", 303)
    what = "The key is not one of this service, or was revoked" if wrong else "This service asks for a key"
    detail = f"{what}. Send one as Authorization: Bearer KEY or X-API-Key: KEY; `newsdesk keys add NAME` makes one."
    return refusal(scope, 401, detail, {"WWW-Authenticate": 'Bearer realm="newsdesk"'})
