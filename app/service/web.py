"""The web application of a running service: API, article pages and the chat, behind the fence."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app.service.service import Service
from index.archive import Archive

if TYPE_CHECKING:
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
    from api.models import RunOut, StatsOut, VectorsOut

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
        last_run=RunOut.model_validate(run, from_attributes=True) if (run := archive.catalogue.runs.last()) else None,
    )


def _examples(archive: Archive) -> tuple[str, ...]:
    return EXAMPLES if archive.catalogue.counts().samples else ()


def build_app(service: Service) -> ASGIApp:
    """The web application: API, article pages, and the chat at /, behind the fence."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it looks up a host otherwise
    from api.clients.desk import EngineDesk
    from api.clients.mcp_tools import add_mcp, mcp_server
    from api.guard.fence import Fence
    from api.guard.limits import BodyLimit
    from api.routes import build_api
    from ui.chat import mount_chat
    from ui.desk import add_desk_pages
    from ui.pages import add_article_pages

    archive = service.archive
    public_url = service.settings.public_url
    app = build_api(archive.engine, lambda: stats(archive), service.ready.is_set, public_url, service.desk)
    add_article_pages(app, archive.catalogue)
    add_desk_pages(app, service.desk)
    add_mcp(app, mcp_server(EngineDesk(archive.engine), public_url))
    keep = archive.catalogue.feedback.put
    app = mount_chat(app, archive.engine.stream, keep, lambda: stats(archive).model_dump(), lambda: _examples(archive))
    return Fence(BodyLimit(app), service.settings.allowed_hosts)
