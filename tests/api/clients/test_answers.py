"""An answer as Markdown, and back; what fails while it is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from markdown_it import MarkdownIt

from api.clients.chat import chat_routes
from api.clients.conversation import Message, OptionsIn, question_of
from api.clients.markdown import escaped, plain
from api.clients.responses import responses_routes
from newsdesk.errors import CatalogueDamaged
from newsdesk.types import CANNOT_ANSWER, Answer, Citation, Question, Turn

PRINTED = [
    "They shouted *now* and _left_. [1]",
    "![seen](http://x.example/p.png) was <b>printed</b> [3] times, said A&amp;B. [2] [4]",
    "# 1\n- two\n7. three\n> four ~~five~~ `six`. [1].",
    "\n\n4 May 2021, Gazette: 1. FC Tannet lost. [12]",
    CANNOT_ANSWER,
]


@pytest.mark.parametrize("part", PRINTED)
def test_printed_words_mean_nothing_to_markdown(part: str) -> None:
    """No picture, no emphasis, no heading comes of what a paper printed; only its marker becomes a link."""
    html = MarkdownIt("commonmark").enable("strikethrough").render(escaped(part))
    for tag in ("<em>", "<img", "<b>", "<h1>", "<li>", "<blockquote>", "<s>", "<code>", "<a "):
        assert tag not in html
    assert plain(escaped(part)) == part


def test_history_is_what_was_answered() -> None:
    """Links and escapes that a client sends back are no part of the earlier answer; unanswered questions are none."""
    told = 'It cost 3 \\*pounds\\*. [1]\n\n[1]: http://x.example/article/a?mark=0-1-2#p0 "A - undated"\n'
    messages = [
        Message(role="system", content="Speak like a pirate."),
        Message(role="user", content="Is it dear?"),
        Message(role="user", content="What did it cost?"),
        Message(role="assistant", content=told),
        Message(role="user", content="Why?"),
    ]
    question = question_of(messages, OptionsIn())
    assert (question.text, question.history) == ("Why?", (Turn("What did it cost?", "It cost 3 *pounds*. [1]"),))


def service_of(stream: Any, public_url: str = "") -> TestClient:
    """The routes over an engine's stream."""
    app = FastAPI()
    for routes in (chat_routes(stream, public_url), responses_routes(stream, public_url)):
        app.router.routes += routes.routes
    return TestClient(app, raise_server_exceptions=False)


def test_the_public_address_leads_to_the_service() -> None:
    """With the setting, links name the address that readers know, a prefix included."""
    cited = Citation(
        1, "a b", 2, "Rain fell.", 0, 10, 'The "great" rain', "", (), None, "", "/article/a%20b?mark=2-0-10#p2"
    )
    answer = Answer("Rain?", "Rain?", True, "Rain fell. [1]", 0.9, citations=(cited,))
    client = service_of(lambda _: iter(("Rain fell. [1]", answer)), "https://news.example/desk")
    body = {"messages": [{"role": "user", "content": "Rain?"}]}
    content = client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]
    assert '<a href="https://news.example/desk/article/a%20b?mark=2-0-10#p2"' in MarkdownIt().render(content)
    assert "&quot;great&quot; rain - undated" in MarkdownIt().render(content)


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize(
    ("error", "told"), [(CatalogueDamaged("A row is damaged."), "A row is damaged."), (KeyError("secret"), "its log")]
)
def test_what_fails_later_is_told(streamed: bool, error: Exception, told: str) -> None:
    """In the stream, in OpenAI's form; what should not happen tells nothing of the inside."""

    def stream(_question: Question) -> Iterator[str | Answer]:
        yield "It rained. "
        raise error

    client = service_of(stream)
    asked = {"messages": [{"role": "user", "content": "Rain?"}], "stream": streamed}
    chat = client.post("/v1/chat/completions", json=asked)
    responses = client.post("/v1/responses", json={"input": "Rain?", "stream": streamed})
    assert "secret" not in chat.text + responses.text
    if streamed:
        assert told in json.loads(chat.text.strip().splitlines()[-1][6:])["error"]["message"]
        assert told in json.loads(responses.text.strip().splitlines()[-1][6:])["message"]
    else:
        assert (chat.status_code, responses.status_code) == (500, 500)
        assert told in chat.json()["error"]["message"]
        assert told in responses.json()["error"]["message"]


def test_history_of_many_empty_lines_is_read_in_one_go() -> None:
    """A hostile text costs what its length costs: a quarter of a million lines are read while one would wait for it."""
    assert plain("a" + "\n" * 250_000 + "b") == "a" + "\n" * 250_000 + "b"
    assert plain('He left. [1]\n\n[1]: http://x.example/a "A - 1 May 2021, Gazette"\n\n') == "He left. [1]"


def test_what_is_left_out_of_a_question_breaks_no_stream() -> None:
    """A picture among the instructions is ignored, and counts nothing in what was used."""
    picture = Message.model_validate({"role": "system", "content": [{"type": "input_image"}, {"text": "Be brief."}]})
    assert picture.length() == 3
    asked = Message(role="user", content="Who left?")
    assert question_of([picture, asked], OptionsIn()).text == "Who left?"
