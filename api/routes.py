"""The routes. Each hands the request to the engine or the catalogue and shapes what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, Query, Response
from fastapi_offline import FastAPIOffline

from api.models import (
    AnswerOut,
    ArticleHeadOut,
    ArticleOut,
    ArticlesOut,
    AskIn,
    Day,
    EvidenceOut,
    Health,
    SearchOut,
    StatsOut,
)
from api.problems import add_problem_documents, close_namespaces
from index.engine import ArchiveQueryEngine
from newsdesk import __version__
from newsdesk.types import Filters

Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0, le=10_000)]
Sources = Annotated[list[str], Query(description="Outlets; give it several times for several.")]


def build_api(engine: ArchiveQueryEngine, stats: Callable[[], StatsOut], ready: Callable[[], bool]) -> FastAPI:
    """The application without the chat; its documentation pages are served from this machine too."""
    app = FastAPIOffline(
        title="Newsdesk",
        version=__version__,
        summary="Answers questions over a news archive, with the paragraph each answer stands on.",
        redoc_url=None,
    )
    catalogue = engine.catalogue

    @app.post("/api/ask", tags=["questions"])
    def ask(asked: AskIn) -> AnswerOut:
        """Answers a question with citations, or says that the archive does not say."""
        return AnswerOut.of(engine.ask(asked.to_question()))

    @app.get("/api/search", tags=["questions"])
    def search(
        q: str,
        limit: Limit = 10,
        offset: Offset = 0,
        source: Sources = [],  # noqa: B006  # FastAPI copies defaults
        published_from: Day | None = None,
        published_to: Day | None = None,
    ) -> SearchOut:
        """Finds passages without answering, best first."""
        filters = Filters(tuple(source), published_from, published_to)
        total, found = engine.search(q, filters, limit, offset)
        return SearchOut(total=total, results=[EvidenceOut.of(evidence) for evidence in found])

    @app.get("/api/articles", tags=["articles"])
    def articles(
        limit: Limit = 20,
        offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
        source: Sources = [],  # noqa: B006  # FastAPI copies defaults
        published_from: Day | None = None,
        published_to: Day | None = None,
    ) -> ArticlesOut:
        """Lists articles, newest first."""
        total, page = catalogue.articles(Filters(tuple(source), published_from, published_to), limit, offset)
        return ArticlesOut(total=total, articles=[ArticleHeadOut.of(article) for article in page])

    @app.get("/api/articles/{id:path}", tags=["articles"])
    def article(id: str) -> ArticleOut:
        """One article with its paragraphs; its id may hold slashes."""
        return ArticleOut.of(catalogue.article(id))

    @app.get("/api/stats", tags=["service"])
    def show_stats() -> StatsOut:
        """How much the archive holds."""
        return stats()

    @app.get("/healthz", tags=["service"])
    def healthz() -> Health:
        """The process answers."""
        return Health(status="ok")

    @app.get("/readyz", tags=["service"], responses={503: {"model": Health}})
    def readyz(response: Response) -> Health:
        """200 once questions can be answered by keyword."""
        if ready():
            return Health(status="ready")
        response.status_code = 503
        return Health(status="starting")

    add_problem_documents(app)
    close_namespaces(app)
    return app
