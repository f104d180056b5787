"""Errors are problem documents: what was wrong, with which value, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.problems import add_problem_documents
from newsdesk.errors import DataFolderBusy, DataFolderError, DiskFull
from tests.support import RunningService

JSON = {"content-type": "application/json"}


@pytest.fixture
def client(service: RunningService) -> Iterator[httpx.Client]:
    """Of the running service: what is mounted at / must not answer for the API."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem document, with the members that RFC 9457 names; `response` is httpx's or the test client's."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = response.json()
    assert content["status"] == status
    assert content["type"] == "about:blank"
    assert content["title"]
    assert content["detail"]
    return content


@pytest.mark.parametrize("body", [b"", b"{", b"who?", b'{"question": "x",}', b"\xff\xfe"])
def test_what_is_no_json_is_said(client: httpx.Client, body: bytes) -> None:
    """422 or 400, never 500."""
    response = client.post("/api/ask", content=body, headers=JSON)
    assert response.status_code in (400, 422)
    problem(response, response.status_code)


@pytest.mark.parametrize(
    ("body", "named", "value"),
    [
        ({}, "question", None),
        ({"question": 5}, "question", "5"),
        ({"question": None}, "question", None),
        ({"question": "x", "top_k": 51}, "top_k", "51"),
        ({"question": "x", "top_k": 0}, "top_k", "0"),
        ({"question": "x", "mode": "magic"}, "mode", "magic"),
        ({"question": "x", "caution": "none"}, "caution", "none"),
        ({"question": "x", "as_of": "yesterday"}, "as_of", "yesterday"),
        ({"question": "x", "filters": {"published_from": "2017-02-30"}}, "filters.published_from", "2017-02-30"),
        ({"question": "x", "filters": {"outlet": "y"}}, "filters.outlet", "y"),
        ({"question": "x", "history": [{"question": "y"}]}, "history.0.answer", None),
        ({"question": "x", "depth": 3}, "depth", "3"),
    ],
)
def test_a_wrong_field_is_named_with_its_value(
    client: httpx.Client, body: dict[str, Any], named: str, value: str | None
) -> None:
    """Where it is, what was given, and where to read what is expected."""
    found = problem(client.post("/api/ask", json=body), 422)
    assert found["detail"].startswith(f"{named}: ")
    assert value is None or value in found["detail"]
    assert found["see"] == "/docs"
    assert {"where", "message", "value"} == set(found["errors"][0])


def test_several_wrong_fields_are_all_named(client: httpx.Client) -> None:
    """One round is enough to mend them."""
    found = problem(client.post("/api/ask", json={"question": 1, "top_k": "many", "mode": 2}), 422)
    assert {error["where"] for error in found["errors"]} == {"question", "top_k", "mode"}


def test_a_huge_wrong_value_is_not_sent_back_whole(client: httpx.Client) -> None:
    """The message stays a message."""
    found = client.post("/api/ask", json={"question": "x", "mode": "m" * 100_000})
    assert len(found.content) < 2_000


@pytest.mark.parametrize("question", ["", "   ", "x" * 2_001])
def test_a_question_that_cannot_be_asked_is_refused(client: httpx.Client, question: str) -> None:
    """With what to do instead."""
    problem(client.post("/api/ask", json={"question": question}), 422)


@pytest.mark.parametrize(
    "body",
    [
        b'{"question": "\\ud800 jets"}',
        b'{"question": "x", "filters": {"sources": ["\\udfff"]}}',
        b'{"question": "Why?", "history": [{"question": "\\ud800", "answer": "x"}]}',
    ],
)
def test_half_a_character_is_refused(client: httpx.Client, body: bytes) -> None:
    """JSON can spell a lone surrogate, which is no text; it must not break anything further in."""
    assert "half a character" in problem(client.post("/api/ask", content=body, headers=JSON), 422)["detail"]


@pytest.mark.parametrize(
    "path",
    ["/api/search", "/api/search?q=", "/api/search?q=x&limit=0", "/api/search?q=x&limit=101", "/api/search?q=x&offset=-1",
     "/api/articles?limit=many", "/api/articles?published_from=2017", "/api/articles?offset=99999999999999999999"],
)  # fmt: skip
def test_wrong_parameters_are_refused(client: httpx.Client, path: str) -> None:
    """The same way as wrong fields."""
    problem(client.get(path), 422)


def test_an_unknown_article_is_named(client: httpx.Client) -> None:
    """404, with where the known ones are listed."""
    found = problem(client.get("/api/articles/no/such/article"), 404)
    assert "“no/such/article”" in found["detail"]
    assert found["see"] == "/api/articles"


@pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api/ask/more", "/v1/nothing", "/api/%2e%2e/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_named(client: httpx.Client, method: str, path: str) -> None:
    """A mistyped path is told, not answered with a web page."""
    found = problem(client.request(method, path), 404)
    assert found["see"] == "/docs"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/ask", "POST"),
        ("PUT", "/api/ask", "POST"),
        ("POST", "/api/search", "GET"),
        ("PATCH", "/api/articles", "GET"),
        ("POST", "/api/stats", "GET"),
    ],
)
def test_a_wrong_method_names_the_right_one(client: httpx.Client, method: str, path: str, allowed: str) -> None:
    """405, with the Allow header that HTTP asks for."""
    response = client.request(method, path)
    found = problem(response, 405)
    assert allowed in found["detail"]
    assert allowed in response.headers["allow"]


def test_what_fails_inside_is_hidden_and_what_is_busy_is_said() -> None:
    """500 without a word of the inside; 503 when another process is in the way, 507 when the disk is full; our messages as they are."""
    app = FastAPI()
    add_problem_documents(app)
    errors = {
        "/bug": KeyError("secret"),
        "/busy": DataFolderBusy("In use."),
        "/full": DiskFull("Make room."),
        "/disk": DataFolderError("It cannot be read."),
    }

    def raising(error: Exception) -> Any:
        def route() -> None:
            raise error

        return route

    for path, error in errors.items():
        app.get(path)(raising(error))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert "secret" not in problem(client.get("/bug"), 500)["detail"]
        assert problem(client.get("/busy"), 503)["detail"] == "In use."
        assert problem(client.get("/full"), 507)["detail"] == "Make room."
        assert problem(client.get("/disk"), 500)["detail"] == "It cannot be read."


@pytest.mark.parametrize("day", ["2017", "20170118", "18 January 2017", 0, 1484697600, "2017-13-01"])
def test_a_day_is_written_one_way(client: httpx.Client, day: object) -> None:
    """0 is not the first of January 1970, and the message says how a day is written."""
    detail = problem(client.post("/api/ask", json={"question": "Who?", "as_of": day}), 422)["detail"]
    assert "as_of" in detail


def test_days_in_the_wrong_order_are_refused(client: httpx.Client) -> None:
    """Wherever days are taken, in the same words: nothing lies between them, so that an empty answer would mislead."""
    days = {"published_from": "2017-02-01", "published_to": "2017-01-01"}
    question = {"question": "Who?", "filters": days}
    for response in (
        client.post("/api/ask", json=question),
        client.post("/api/ask/stream", json=question),
        client.get("/api/search", params={"q": "jets", **days}),
        client.get("/api/articles", params=days),
    ):
        detail = problem(response, 422)["detail"]
        assert ": published_from 2017-02-01 is after published_to 2017-01-01." in detail
        assert "object" not in detail
    assert client.get("/api/articles", params={**days, "published_to": "2017-02-01"}).status_code == 200


def test_filters_that_nothing_passes_are_said(client: httpx.Client) -> None:
    """An unknown outlet gives a refusal with a note, not a bare one."""
    asked = {"question": "Who conducted the joint strike?", "filters": {"sources": ["No Such Paper"]}}
    answer = client.post("/api/ask", json=asked).json()
    assert not answer["answerable"]
    assert [note["kind"] for note in answer["notes"]] == ["nothing_matches"]


def test_a_forgotten_content_type_is_named(client: httpx.Client) -> None:
    """The slip of everybody's first curl."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = client.post("/api/ask", content=b'{"question":"Who?"}', headers=headers)
    assert "content-type: application/json" in problem(response, 415)["detail"]
