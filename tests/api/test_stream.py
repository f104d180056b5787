"""An answer as server-sent events."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from api.routes import build_api
from api.stream import answer_events
from app.service.web import stats
from index.archive import Archive
from newsdesk.errors import CatalogueDamaged
from newsdesk.settings import Settings
from newsdesk.types import CANNOT_ANSWER, Answer, Drafted, Question, Removed
from tests.llm_server import LLMServer
from tests.support import RunningService, start_service, stop_service, wait_until

STRIKE = "Who conducted the joint strike on al-Bab?"


@pytest.fixture
def client(service: RunningService) -> Iterator[httpx.Client]:
    """Of the running service on the sample archive."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


def events_of(text: str) -> list[tuple[str, Any]]:
    """Name and data of each event, read by the rules of the format."""
    found = []
    for block in text.split("\n\n"):
        fields = [line.partition(": ")[::2] for line in block.split("\n") if line and not line.startswith(":")]
        if fields:
            data = "\n".join(value for name, value in fields if name == "data")
            found.append((dict(fields)["event"], json.loads(data)))
    return found


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    """What is the same when the question is asked again."""
    return {**answer, "timings_ms": sorted(answer["timings_ms"])}


@pytest.mark.parametrize("question", [STRIKE, "Who won the 2018 World Cup?"])
def test_the_parts_make_up_the_answer(client: httpx.Client, question: str) -> None:
    """Its text in `token` events, a cited sentence each, then exactly one `answer`: what /api/ask gives."""
    body = {"question": question, "top_k": 3}
    with client.stream("POST", "/api/ask/stream", json=body) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        events = events_of(response.read().decode())
    *tokens, (name, answer) = events
    assert name == "answer"
    assert {name for name, _ in tokens} == {"token"}
    assert "".join(token["text"] for _, token in tokens) == answer["text"]
    assert len(tokens) == max(1, len(answer["citations"]))
    assert without_times(answer) == without_times(client.post("/api/ask", json=body).json())


@pytest.mark.parametrize(
    ("body", "status"),
    [({"question": " "}, 422), ({"question": "x" * 2_001}, 422), ({"question": "x", "top_k": 0}, 422), ({}, 422)],
)
def test_bad_input_is_refused_before_anything_is_streamed(
    client: httpx.Client, body: dict[str, Any], status: int
) -> None:
    """An ordinary problem document, the same as for /api/ask."""
    response = client.post("/api/ask/stream", json=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == client.post("/api/ask", json=body).json()


def test_a_client_may_leave(client: httpx.Client, service: RunningService) -> None:
    """In the middle of a stream, or before it begins; the next one gets its answer."""
    where = urlsplit(service.url)
    body = json.dumps({"question": STRIKE}).encode()
    head = f"POST /api/ask/stream HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    for read in (0, 1):
        for _ in range(5):
            with socket.create_connection((where.hostname or "", where.port or 0), timeout=60) as connection:
                connection.sendall(head.encode() + body)
                connection.recv(read)
    assert events_of(client.post("/api/ask/stream", json={"question": STRIKE}).text)[-1][0] == "answer"


def test_what_fails_later_is_an_event() -> None:
    """Of the last kind, holding a problem document; what should not happen tells nothing of the inside."""

    def failing(error: Exception) -> list[tuple[str, Any]]:
        def stream(_question: Question) -> Iterator[str | Answer]:
            raise error
            yield ""

        return [(event.event or "", event.data) for event in answer_events(stream, Question(STRIKE))]

    ((name, problem),) = failing(CatalogueDamaged("A row is damaged."))
    assert (name, problem["status"], problem["detail"]) == ("error", 500, "A row is damaged.")
    ((name, problem),) = failing(KeyError("secret"))
    assert (name, problem["status"]) == ("error", 500)
    assert "secret" not in json.dumps(problem)


def test_the_parts_are_those_of_the_engine() -> None:
    """A token for each part of the text, and the whole answer last."""
    answer = Answer(STRIKE, STRIKE, False, CANNOT_ANSWER, 0.9)
    first, last = answer_events(lambda _: iter((CANNOT_ANSWER, answer)), Question(STRIKE))
    assert first.data == {"text": CANNOT_ANSWER}
    assert last.event == "answer"


def test_it_is_described(tmp_path: Path) -> None:
    """The documentation names the stream, and what the posted articles look like."""
    archive = Archive(Settings(data=tmp_path))
    with TestClient(build_api(archive.engine, lambda: stats(archive), lambda: True)) as client:
        paths = client.get("/openapi.json").json()["paths"]
    archive.close()
    assert "text/event-stream" in paths["/api/ask/stream"]["post"]["responses"]["200"]["content"]
    assert {"application/json", "application/x-ndjson"} <= set(paths["/api/articles"]["post"]["requestBody"]["content"])


def test_an_llms_words_are_told_from_what_was_checked() -> None:
    """A `draft` event is not checked; a `removed` one says why; silence is a comment, so that who has left is noticed."""
    answer = Answer(STRIKE, STRIKE, True, "Two flew. [1]", 0.9)
    parts = (Drafted(""), Drafted("Two flew. Norway"), "Two flew. [1]", Removed("Norway did.", "no"), answer)
    events = list(answer_events(lambda _: iter(parts), Question(STRIKE)))
    assert [event.event for event in events] == [None, "draft", "token", "removed", "answer"]
    assert events[0].comment
    assert events[1].data == {"text": "Two flew. Norway"}
    assert events[3].data == {"text": "Norway did.", "reason": "no"}


def test_a_client_that_leaves_stops_the_llm(sample_template: Path, tmp_path: Path) -> None:
    """Through the whole service: its connection closes, and so does the one to the model; no key is in the log."""
    server = LLMServer(lambda _: endless())
    data = shutil.copytree(sample_template, tmp_path / "data")
    with server:
        process, url = start_service(
            data, tmp_path / "log", NEWSDESK_LLM=f"openai-like:{server.url}#tiny", NEWSDESK_LLM_KEY="sk-73hx-secret"
        )
        try:
            with (
                httpx.Client(base_url=url, timeout=60) as client,
                client.stream("POST", "/api/ask/stream", json={"question": STRIKE}) as response,
            ):
                lines = response.iter_lines()
                assert "event: draft" in lines
            wait_until(lambda: server.left == 1, 10)
        finally:
            assert stop_service(process) == 0
    assert "sk-73hx-secret" not in (tmp_path / "log").read_text()


def endless() -> Iterator[str]:
    """A model that never ends."""
    while True:
        time.sleep(0.02)
        yield "and then "
