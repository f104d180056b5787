"""The web application of a running service: API, article pages and the chat, behind the fence."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from app.service.service import Service
from index.archive import Archive
from index.engine import SEARCHED
from newsdesk.errors import NewsdeskError
from newsdesk.types import Evidence, Filters

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from api.models import StatsOut


EXAMPLES = (
    "Who conducted the joint strike on al-Bab?",
    "How many Turkish jets took part?",
    "How many people marched for St. Olave's school?",
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
        stories=counts.stories,
        under_embargo=counts.under_embargo,
        model=model.name if model else "",
        vector_state=state,
        vector_view=archive.dense.view,
        missing_parts=list(archive.dense.missing_parts(Filters())),
        last_run=RunOut.model_validate(run, from_attributes=True) if (run := archive.catalogue.runs.last()) else None,
    )


def _examples(service: Service) -> tuple[str, ...]:
    return EXAMPLES if service.archive.catalogue.holds_samples() else service.starters.questions()


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
    add_desk_pages(app, service.desk, service.settings.root_path)
    add_load_page(app, may_fetch=service.uploads.may_fetch)
    add_search_page(app, find, catalogue.articles, marked)


def _figures(archive: Archive) -> dict[str, float]:
    """How the archive stands, for `GET /metrics`; what cannot be read now is left out."""
    from index.find.keyword import FOLLOWED

    changes, figures = archive.catalogue.changes, dict[str, float]()
    with suppress(NewsdeskError):
        counts, (_, progress) = archive.catalogue.counts(), archive.dense.state()
        figures |= {"articles": counts.articles, "passages": counts.passages, "rejects": counts.rejects}
        figures |= {"vectors_done": progress.done, "vectors_total": progress.total}
        reached = archive.dense.reached
        figures["meaning_view_lag_changes"] = changes.last().sequence - reached.sequence if reached else 0
        figures["keyword_view_lag_changes"] = changes.last(FOLLOWED).sequence - archive.keyword.reached.sequence
    return figures


def build_app(service: Service, *, address_is_local: bool = True) -> ASGIApp:
    """The web application: API, article pages, and the chat at /, behind the guards.

    `address_is_local`: only this machine reaches it, so keys are asked for once there are any, not before.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it looks up a host otherwise
    from api.clients.desk import EngineDesk
    from api.clients.mcp_tools import add_mcp, mcp_server
    from api.guard.entrance import Entrance
    from api.guard.fence import Fence
    from api.guard.keys import COOKIE, KeyCheck, Keys
    from api.guard.limits import BodyLimit, RateLimit
    from api.guard.metrics import Metrics, add_metrics
    from api.guard.queue import QuestionQueue, Turns, turn_taker
    from api.guard.watched import Watched
    from api.routes import build_api
    from newsdesk.catalogue.counts.holdings import HoldingsCount
    from ui.chat import mount_chat
    from ui.signin import add_sign_in

    archive, settings = service.archive, service.settings
    turns = Turns(settings.questions_at_once, settings.questions_waiting)
    metrics = Metrics(turns, lambda: _figures(archive))
    engine = Watched(archive.engine, settings.question_timeout, metrics.answer)
    keys = Keys(archive.catalogue.keys, service.own_key)

    counted = HoldingsCount(archive.catalogue)
    app = build_api(
        engine,
        lambda: stats(archive),
        service.ready.is_set,
        settings.public_url,
        service.desk,
        service.uploads,
        counted,
        lambda: archive.dense.missing_parts(Filters()),
    )
    add_metrics(app, metrics)
    _add_pages(app, service)
    add_sign_in(app, lambda secret: key.name if (key := keys.of(secret)) else "", COOKIE)
    add_mcp(app, mcp_server(EngineDesk(engine), settings.public_url))
    app = mount_chat(
        app,
        engine.stream,
        archive.catalogue.feedback.put,
        lambda: stats(archive).model_dump(),
        lambda: _examples(service),
        counted.holdings,
        forget=archive.catalogue.feedback.remove,
        turn=turn_taker(turns, settings.question_timeout, metrics.refused),
    )

    guarded: ASGIApp = QuestionQueue(app, turns, settings.question_timeout, metrics.refused)
    guarded = RateLimit(BodyLimit(guarded), settings.requests_per_minute, metrics.refused)
    if not settings.open:
        guarded = KeyCheck(guarded, keys, always=not address_is_local)
    fenced = Fence(guarded, settings.allowed_hosts, settings.cors_origins)
    return Entrance(fenced, settings.root_path, metrics.request, settings.log_questions)
