"""The page on which files are dropped to become articles: `/load`. The work is the API's (`/api/uploads`)."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from ui.render import rendered

POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src data:; "
    "form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
)
"""These pages run the scripts that lie here, and talk to this service alone."""


def add_load_page(app: FastAPI, *, may_fetch: bool) -> None:
    """Adds the route. `may_fetch`: whether an address can be given too. Call it before the chat is mounted at /."""

    @app.get("/load", include_in_schema=False)
    def load_page() -> HTMLResponse:
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return HTMLResponse(rendered("load.html", may_fetch=may_fetch), headers=headers)
