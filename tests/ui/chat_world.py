"""What the tests of the page share: a real server, two articles, a small engine of our own, and a reader with a browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request, WebError, expect

from newsdesk.errors import ModelError, WrongUse
from newsdesk.feedback import Feedback
from newsdesk.types import (
    CANNOT_ANSWER,
    Answer,
    Article,
    Citation,
    Copy,
    Drafted,
    Evidence,
    Narrowing,
    Question,
    Removed,
    Span,
)
from newsdesk.wording.links import parse_mark
from ui.chat import mount_chat
from ui.render import article_html
from ui.signin import add_sign_in

# What Gradio's page logs when it is left or reloaded while its stream of events is still open.
LEFT_EARLY = ("AbortError: signal is aborted", "Unexpected error Connection errored out")

STRIKE = "Who conducted the joint strike on al-Bab?"
UNDERSTOOD = "How many planes took part in the strike on al-Bab?"
EXAMPLES = (STRIKE, "Who is on the moon?")
COUNTS = {"articles": 69, "paragraphs": 300, "passages": 210, "vectors": {"done": 210, "total": 210}}

POST = Article(
    "post/2017-01-19/raid?no=1",
    "Seventeen planes, one target",
    (
        *(
            f"Paragraph {number} of a long report. " + "The town lies north-east of Aleppo. " * 12
            for number in range(12)
        ),
        "Nobody expected it. The joint strike was flown by the Russian and Turkish air forces, Moscow said.",
        "It cost $$5 million$$, *less* than [planned](javascript:alert(1)).",
    ),
    source="Skarholm Post",
    authors=("Åsa Nyström",),
    published=date(2017, 1, 19),
    url="https://post.example/raid",
)
COURIER = Article(
    "courier/1", "Joint strike", ("Nine Russian and eight Turkish planes took part.",), source="Harbour Courier"
)
ARTICLES = {article.id: article for article in (POST, COURIER)}


def cite(marker: int, article: Article, paragraph: int, quote: str, *also_in: Copy) -> Citation:
    """A citation as the engine makes it."""
    start = article.paragraphs[paragraph].index(quote)
    return Citation(
        marker, article.id, paragraph, quote, start, start + len(quote), article.title, article.source,
        article.authors, article.published, article.url, "", also_in=also_in,
    )  # fmt: skip


FLOWN = "The joint strike was flown by the Russian and Turkish air forces, Moscow said."
COST = "It cost $$5 million$$, *less* than [planned](javascript:alert(1))."
NINE = "Nine Russian and eight Turkish planes took part."
NEAR = Evidence(
    COURIER.id, "p", (Span(0, 0, 9),), "text", 0.3, COURIER.title, COURIER.source, (), COURIER.published, COURIER.url
)
STRIKE_ANSWER = Answer(
    STRIKE, STRIKE, True, f"{FLOWN} [1] {NINE} [2]", 0.93, short_answer="the Russian and Turkish air forces",
    citations=(cite(1, POST, 12, FLOWN), cite(2, COURIER, 0, NINE)),
)  # fmt: skip


@dataclass
class Engine:
    """Answers a few questions from two articles, and keeps what it was asked."""

    asked: list[Question] = field(default_factory=list)
    before: Callable[[], object] = lambda: None
    """Called before each answer; a test may wait here."""
    examples: tuple[str, ...] = EXAMPLES
    parts: tuple[str | Drafted | Removed, ...] = ()
    """What an LLM writes before each answer."""
    kept: dict[str, list[Feedback]] = field(default_factory=dict)
    """What was judged, by its key; the last one counts."""

    def keep(self, feedback: Feedback, key: str) -> None:
        if "cost" in feedback.question:
            raise WrongUse("The answer stands on the article “post”, which is not in the archive (any more).")
        if "crash" in feedback.question:
            raise RuntimeError("secret detail")
        self.kept.setdefault(key, []).append(feedback)

    def forget(self, key: str) -> None:
        self.kept.pop(key, None)

    def stream(self, question: Question) -> Iterator[str | Drafted | Removed | Answer]:
        yield from self.parts
        yield self.ask(question)

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        self.before()
        text = question.text
        if "al-Bab" in text:
            return replace(STRIKE_ANSWER, question=text, standalone_question=text)
        if "cost" in text:
            return Answer(text, text, True, f"{COST} [1]", 0.8, citations=(cite(1, POST, 13, COST),))
        if "many" in text:
            return Answer(text, UNDERSTOOD, True, f"{NINE} [1]", 0.7,
                          citations=(cite(1, COURIER, 0, NINE),))  # fmt: skip
        if "Tuesday" in text:
            return Answer(text, text, True, f"{NINE} [1]", 0.7, citations=(cite(1, COURIER, 0, NINE),), narrowed=(
                Narrowing("days", "17 January 2017", "Who flew, says the Courier?"),
                Narrowing("outlets", "Harbour Courier", "Who flew on Tuesday?"),
            ))  # fmt: skip
        if "model" in text:
            raise ModelError("The model in ./models is not the one it should be. Run `make setup` again.")
        if text == "crash":
            raise RuntimeError("secret detail")
        return Answer(text, text, False, CANNOT_ANSWER, 0.9, evidence=(NEAR,))


@dataclass
class Desk:
    """A running service: its address, and the engine behind it."""

    url: str
    engine: Engine


@contextmanager
def served() -> Iterator[Desk]:
    """The chat on a free port of this machine, with the pages of two articles."""
    engine = Engine()
    app = FastAPI()

    @app.get("/article/{article_id:path}", response_class=HTMLResponse)
    def article(article_id: str, mark: str | None = None) -> str:
        if article_id not in ARTICLES:
            raise HTTPException(404)
        return article_html(ARTICLES[article_id], parse_mark(mark))

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    add_sign_in(app, lambda secret: "", "key")
    mount_chat(app, engine.stream, engine.keep, lambda: COUNTS, lambda: engine.examples, forget=engine.forget)
    with socket.create_server(("127.0.0.1", 0)) as listening:  # from here on, requests wait until they are served
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield Desk(f"http://127.0.0.1:{listening.getsockname()[1]}", engine)
        server.should_exit = True
        thread.join()


@dataclass
class Reader:
    """Someone with a browser, and what their browser had to complain about."""

    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def open(self) -> Page:
        """The chat, ready for a question."""
        page = self.context.new_page()
        page.goto(self.url)
        expect(box(page)).to_be_visible()
        expect(page.get_by_text("69 articles")).to_be_visible()
        return page

    def listen(self) -> None:
        """Notes each error, each dialog, and each host that is asked for anything; other hosts are not found."""
        self.context.on("console", self._note_console)
        self.context.on("weberror", self._note_error)
        self.context.on("dialog", self._note_dialog)
        self.context.on("request", self._note_host)

    def leave(self) -> None:
        """Notes nothing any more: somebody else has the browser."""
        self.context.remove_listener("console", self._note_console)
        self.context.remove_listener("weberror", self._note_error)
        self.context.remove_listener("dialog", self._note_dialog)
        self.context.remove_listener("request", self._note_host)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(LEFT_EARLY):
            self.complaints.append(message.text)

    def _note_error(self, error: WebError) -> None:
        self.complaints.append(str(error.error))

    def _note_host(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).hostname or "")

    def _note_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def box(page: Page) -> Locator:
    """Where questions are typed."""
    return page.get_by_role("textbox", name="Your question")


def ask(page: Page, question: str) -> None:
    """Types a question, as soon as the box takes it, and sends it."""
    box(page).fill(question)
    page.keyboard.press("Enter")
