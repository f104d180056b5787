"""The web application of a running service: API, article pages and the chat, behind the fence."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app.service.service import Service
from index.archive import Archive
from index.engine import SEARCHED
from newsdesk.types import Evidence, Filters

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from api.models import StatsOut


EXAMPLES = (
    "Who conducted the joint strike on al-Bab?",
    "How many Turkish jets took part?",
    "Who is the new harbour master?",
    "How many people marched in Hallowby?",
    "Who won the 2018 World Cup?",
)
"""Offered in the chat as long as the sample archive is what there is to ask."""


def stats(archive: Archive) -> StatsOut:
    """Counts for `GET /api/stats`, `newsdesk status` and the chat."""
    from api.models import StatsOut, VectorsOut

    counts = archive.catalogue.counts()
    model = archive.dense.vectors.active()
    state, progress = archive.dense.state()
    return StatsOut(
        articles=counts.articles,
        paragraphs=counts.paragraphs,
        passages=counts.passages,
        vectors=VectorsOut(done=progress.done, total=progress.total),
        rejects=counts.rejects,
        samples=counts.samples,
        under_embargo=counts.under_embargo,
        model=model.name if model else "",
        vector_state=state,
        vector_view=archive.dense.view,
    )


def _examples(service: Service) -> tuple[str, ...]:
    return EXAMPLES if service.archive.catalogue.counts().samples else service.starters.questions()


def _add_pages(app: FastAPI, service: Service) -> None:
    """The pages beside the chat."""
    from index.find.worded import marked, with_any_word
    from ui.desk import add_desk_pages
    from ui.load import add_load_page
    from ui.pages import add_article_pages
    from ui.search import add_search_page

    engine, catalogue = service.archive.engine, service.archive.catalogue

    def find(words: str, filters: Filters, newest_first: bool) -> list[Evidence]:
        return with_any_word(words, engine.search_words(words, filters, SEARCHED, newest_first=newest_first)[1])

    add_article_pages(app, catalogue)
    add_desk_pages(app, service.desk)
    add_load_page(app, may_fetch=service.uploads.may_fetch)
    add_search_page(app, find, catalogue.articles, marked)


def build_app(service: Service) -> ASGIApp:
    """The web application: API, article pages, and the chat at /, behind the fence."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it looks up a host otherwise
    from api.clients.desk import EngineDesk
    from api.clients.mcp_tools import add_mcp, mcp_server
    from api.guard.fence import Fence
    from api.guard.limits import BodyLimit
    from api.routes import build_api
    from newsdesk.catalogue.counts.holdings import HoldingsCount
    from ui.chat import mount_chat

    archive = service.archive
    public_url = service.settings.public_url
    counted = HoldingsCount(archive.catalogue)
    app = build_api(
        archive.engine, lambda: stats(archive), service.ready.is_set, public_url, service.desk, service.uploads, counted
    )
    _add_pages(app, service)
    add_mcp(app, mcp_server(EngineDesk(archive.engine), public_url))
    keep = archive.catalogue.feedback.put
    app = mount_chat(
        app,
        archive.engine.stream,
        keep,
        lambda: stats(archive).model_dump(),
        lambda: _examples(service),
        counted.holdings,
    )
    return Fence(BodyLimit(app), service.settings.allowed_hosts)
