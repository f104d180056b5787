"""The routes. Each hands the request to the engine or the catalogue and shapes what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from fastapi_offline import FastAPIOffline

from api.clients.chat import chat_routes
from api.clients.responses import responses_routes
from api.desk import desk_routes
from api.document import complete_document
from api.guard.watched import Watched
from api.holdings import holdings_routes
from api.intake import LINES, Intake
from api.models import (
    AnswerOut,
    ArticleHeadOut,
    ArticleOut,
    ArticlesIn,
    ArticlesOut,
    AskIn,
    EvidenceOut,
    FeedbackIn,
    Health,
    HistoryOut,
    KeptOut,
    RemovedOut,
    SearchIn,
    SearchOut,
    StatsOut,
    TakenInOut,
)
from api.problems import add_problem_documents, close_namespaces
from api.stream import answer_events
from api.uploads import upload_routes
from desk.desk import Desk
from desk.uploads import Uploads
from index.engine import Engine
from index.understand.question import check
from ingest.passages import split_passages
from newsdesk import __version__
from newsdesk.catalogue.counts.holdings import HoldingsCount
from newsdesk.errors import ArticleNotFound
from newsdesk.types import Question

_FIELDS = ("id", "title", "source", "author", "published", "url", "text", "agency", "section", "language")
_ARTICLE: dict[str, Any] = {"type": "object", "properties": {name: {"type": "string"} for name in _FIELDS}}
_ARTICLES_IN = {
    "required": True,
    "content": {
        "application/json": {"schema": {"type": "array", "items": _ARTICLE}},
        **{lines: {"schema": {"type": "string", "description": "An article a line."}} for lines in LINES},
    },
}
"""For the documentation: FastAPI does not read the body of posted articles, which may be large."""


def build_api(
    engine: Engine | Watched,
    stats: Callable[[], StatsOut],
    ready: Callable[[], bool],
    public_url: str = "",
    desk: Desk | None = None,
    uploads: Uploads | None = None,
    holdings: HoldingsCount | None = None,
    missing_parts: Callable[[], Sequence[str]] = tuple,
) -> FastAPI:
    """The application without the chat; its documentation pages are served from this machine too.

    `public_url` is where links to articles lead in what other programs show; empty: where a client reached the service.
    With a `desk` its routes are there too, with `uploads` files can be sent. `holdings` counts by outlet and day;
    `missing_parts` are those of the archive that cannot be searched by meaning now.
    """
    app = FastAPIOffline(
        title="Newsdesk",
        version=__version__,
        summary="Answers questions over a news archive, with the paragraph each answer stands on.",
        redoc_url=None,
    )
    catalogue = engine.catalogue
    intake = Intake(catalogue, engine.catch_up)
    counted = holdings or HoldingsCount(catalogue)
    store = catalogue.feedback

    @app.post("/api/ask", tags=["questions"])
    def ask(asked: AskIn) -> AnswerOut:
        """Answers a question with citations, or says that the archive does not say."""
        return AnswerOut.of(engine.ask(asked.to_question()))

    @app.post("/api/ask/stream", tags=["questions"], response_class=EventSourceResponse)
    def ask_stream(question: Annotated[Question, Depends(_askable)]) -> Iterator[ServerSentEvent]:
        """The same as server-sent events: `token` with a part of the text, then `answer` with the whole, or `error`."""
        yield from answer_events(engine.stream, question)

    @app.post("/api/feedback", tags=["questions"], status_code=201)
    def feedback(given: FeedbackIn) -> KeptOut:
        """Keeps what a reader thought of an answer; `newsdesk eval export-feedback` makes questions of it."""
        check(given.question)
        return KeptOut(id=store.put(given.to_feedback()))

    @app.get("/api/search", tags=["questions"])
    def search(asked: Annotated[SearchIn, Query()]) -> SearchOut:
        """Finds passages without answering, best first, or the newest first."""
        newest_first = asked.sort == "day"
        total, found = engine.search_words(
            asked.q, asked.filters(), asked.limit, asked.offset, newest_first=newest_first
        )
        return SearchOut(total=total, results=[EvidenceOut.of(evidence) for evidence in found])

    @app.get("/api/articles", tags=["articles"])
    def articles(asked: Annotated[ArticlesIn, Query()]) -> ArticlesOut:
        """Lists articles, newest first."""
        total, page = catalogue.articles(asked.filters(), asked.limit, asked.offset)
        return ArticlesOut(total=total, articles=[ArticleHeadOut.of(article) for article in page])

    @app.get("/api/articles/{id:path}/history", tags=["articles"])
    def history(id: str) -> HistoryOut | ArticleOut:
        """The versions of an article with what each changed; the article itself, if its own id ends in /history."""
        with suppress(ArticleNotFound):
            return ArticleOut.of(catalogue.article(f"{id}/history"))
        return HistoryOut.of(catalogue.history(id))

    @app.get("/api/articles/{id:path}", tags=["articles"])
    def article(id: str) -> ArticleOut:
        """One article with its paragraphs; its id may hold slashes."""
        return ArticleOut.of(catalogue.article(id))

    @app.post("/api/articles", tags=["articles"], openapi_extra={"requestBody": _ARTICLES_IN})
    async def add_articles(request: Request) -> TakenInOut:
        """Takes in a JSON list of articles, or JSON lines. What cannot be read is listed; the rest is stored."""
        return await intake.take_in(request)

    @app.delete("/api/articles/{id:path}", tags=["articles"])
    def remove_article(id: str) -> RemovedOut:
        """Removes an article; it is gone from every answer at once."""
        catalogue.remove([id], split_passages)
        return RemovedOut(removed=id)

    @app.get("/api/stats", tags=["service"])
    def show_stats() -> StatsOut:
        """How much the archive holds."""
        return stats()

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", tags=["service"], response_model_exclude_defaults=True)
    def healthz() -> Health:
        """The process answers."""
        return Health(status="ok")

    @app.head("/readyz", include_in_schema=False)
    @app.get("/readyz", tags=["service"], responses={503: {"model": Health}}, response_model_exclude_defaults=True)
    def readyz(response: Response) -> Health:
        """200 once questions can be answered by keyword; parts that cannot be searched by meaning are named."""
        if ready():
            return Health(status="ready", missing_parts=list(missing_parts()))
        response.status_code = 503
        return Health(status="starting")

    routers = [chat_routes(engine.stream, public_url), responses_routes(engine.stream, public_url)]
    routers += [holdings_routes(counted)] + ([upload_routes(uploads)] if uploads else [])
    for clients in routers + ([desk_routes(desk)] if desk else []):
        app.router.routes += clients.routes  # not include_router, which hides their methods from what says 405
    add_problem_documents(app)
    close_namespaces(app)
    complete_document(app)
    return app


def _askable(asked: AskIn) -> Question:
    """The question, known to be one that can be asked: what is wrong with it is said before a stream begins."""
    question = asked.to_question()
    check(question.text)
    return question
