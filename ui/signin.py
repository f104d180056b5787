"""The page where readers show their key once; the browser keeps it in a cookie that no script can read."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ui import render

_LONGEST = 2_000  # characters of an address to go on to
_DAYS = 30
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


def add_sign_in(app: FastAPI, name_of: Callable[[str], str], cookie: str) -> None:
    """Adds /signin and /signout. Call it before the chat is mounted at /.

    `name_of` gives whose key a secret is, "" for nobody's; `cookie` is the name under which the browser keeps it.
    """

    def page(request: Request, then: str, status: int = 200) -> HTMLResponse:
        name = name_of(request.cookies.get(cookie, ""))
        html = render.sign_in_html(request.scope.get("root_path", ""), safe_path(then), name, status != 200)
        return HTMLResponse(html, status, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})

    @app.get("/signin", include_in_schema=False)
    def show(request: Request, next: str = "/") -> Response:
        if request.headers.get("accept") == "application/json":  # the chat asks whose key its browser keeps
            name = name_of(request.cookies.get(cookie, ""))
            return JSONResponse({"name": name}, headers={"Cache-Control": "no-store"})
        return page(request, next)

    @app.post("/signin", include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        given = parse_qs((await request.body()).decode("utf-8", "replace"))
        secret, then = given.get("key", [""])[0].strip(), given.get("next", ["/"])[0]
        if not name_of(secret):
            return page(request, then, 401)
        response = RedirectResponse(request.scope.get("root_path", "") + safe_path(then), 303)
        response.set_cookie(
            cookie,
            secret,
            max_age=_DAYS * 24 * 3600,
            path=_cookie_path(request),
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return response

    @app.post("/signout", include_in_schema=False)
    def sign_out(request: Request) -> Response:
        response = RedirectResponse(f"{request.scope.get('root_path', '')}/signin", 303)
        response.delete_cookie(cookie, path=_cookie_path(request), httponly=True, samesite="strict")
        return response


def safe_path(then: str) -> str:
    """The path if it is one of this service, else its top: no address leads elsewhere from here."""
    if len(then) > _LONGEST or not then.startswith("/") or re.search(r"^/[/\\]|[\x00-\x20\x7f\\]", then):
        return "/"
    return quote(then, safe="/%?=&+-._~")


def _cookie_path(request: Request) -> str:
    return f"{request.scope.get('root_path', '')}/"
