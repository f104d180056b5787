"""The readable page of an article, `/article/{id}`; the fragment `#p7` names a paragraph."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import ArticleNotFound, CatalogueDamaged
from newsdesk.wording.links import parse_mark
from ui import render

logger = logging.getLogger("newsdesk.ui")

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'"
"""An article page runs no script and fetches nothing, whatever its text holds."""


def add_article_pages(app: FastAPI, catalogue: Catalogue) -> None:
    """Adds the route. Call it before the chat is mounted at /."""

    @app.get("/article/{id:path}", include_in_schema=False)
    def article_page(id: str, request: Request, mark: str | None = None) -> HTMLResponse:
        headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        root = str(request.scope.get("root_path", ""))
        try:
            article, revision = catalogue.article(id), catalogue.revision(id)
            page, status = render.article_html(article, parse_mark(mark), revision, catalogue.left_out(article)), 200
        except ArticleNotFound:
            page, status = render.missing_html(id, root), 404
        except CatalogueDamaged as error:
            logger.error("%s", error)  # it names the file, which is for whoever runs the service alone
            page, status = render.damaged_html(id, root), 500
        return HTMLResponse(page, status_code=status, headers=headers)
