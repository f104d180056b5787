"""`POST /api/feedback`: what was thought of an answer is kept with what the answer stood on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.models import MAX_ANSWER, MAX_NAMED, MAX_REMARK
from api.problems import MEDIA_TYPE
from api.routes import build_api
from app.service.web import stats
from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import CANNOT_ANSWER, MAX_QUESTION, Turn
from tests.support import article, day, one_each

TRAM = article("tram/1", "The tram stopped at the harbour.", "Nobody was hurt when the tram stopped, its driver said.")
ASKED = "Was anybody hurt when the tram stopped?"


class Desk:
    """The API over one article, by keyword alone."""

    def __init__(self, client: TestClient, archive: Archive) -> None:
        self.client = client
        self.archive = archive
        self.store = archive.catalogue.feedback

    def answer(self, question: str = ASKED) -> dict[str, Any]:
        """What the service says."""
        answer: dict[str, Any] = self.client.post("/api/ask", json={"question": question, "caution": "low"}).json()
        return answer

    def post(self, **fields: Any) -> Any:
        """The response to feedback, by default thumbs up on the answer to ASKED."""
        given = {"question": ASKED, "verdict": "up", **fields}
        return self.client.post(
            "/api/feedback", json=given if "answer" in given else {**given, "answer": self.answer()}
        )


@pytest.fixture
def desk(empty_template: Path, tmp_path: Path) -> Iterator[Desk]:
    """With nothing judged yet."""
    shutil.copy(empty_template, tmp_path / "catalogue.sqlite3")
    archive = Archive(Settings(data=tmp_path))
    archive.catalogue.put([TRAM], one_each)
    archive.load()
    with TestClient(build_api(archive.engine, lambda: stats(archive), lambda: True)) as client:
        yield Desk(client, archive)
    archive.close()


def test_feedback_is_kept_with_the_answer(desk: Desk) -> None:
    """201 with its number; stored is what the answer said and where it found it, not the passages themselves."""
    answer = desk.answer()
    assert answer["answerable"]
    response = desk.post(
        answer=answer, verdict="down", expected="The driver was.", comment="Hm.", as_of="2021-03-02",
        history=[{"question": "What stopped?", "answer": "The tram."}],
    )  # fmt: skip
    assert response.status_code == 201
    [stored] = desk.store.every()
    assert response.json() == {"id": stored.number}
    kept = stored.feedback
    assert (kept.question, kept.verdict, kept.expected, kept.comment) == (ASKED, "down", "The driver was.", "Hm.")
    assert (kept.history, kept.as_of) == ((Turn("What stopped?", "The tram."),), day("2021-03-02"))
    for field in ("answerable", "text", "short_answer", "confidence", "mode"):
        assert getattr(kept, field) == answer[field]
    places = ("article_id", "paragraph", "quote", "start", "end")
    assert [[getattr(cited, name) for name in places] for cited in kept.citations] == [
        [cited[name] for name in places] for cited in answer["citations"]
    ]
    assert [found.article_id for found in kept.evidence] == [found["article_id"] for found in answer["evidence"]]


def test_a_refusal_can_be_judged(desk: Desk) -> None:
    """It has no citations, only what came nearest."""
    answer = desk.answer("Who won the 2018 World Cup?")
    assert answer["text"] == CANNOT_ANSWER
    assert desk.post(question=answer["question"], answer=answer).status_code == 201
    [stored] = desk.store.every()
    assert not stored.feedback.answerable


def test_an_older_or_newer_answer_is_taken(desk: Desk) -> None:
    """Fields that are not known are ignored, and only those that are kept have to be there."""
    answer = {"answerable": False, "text": CANNOT_ANSWER, "confidence": 0.5, "mood": "fair", "evidence": []}
    assert desk.post(answer=answer).status_code == 201
    found = {"article_id": TRAM.id, "paragraphs": [0], "shade": 3}
    assert desk.post(answer={**answer, "evidence": [found]}).status_code == 201


WELL: dict[str, Any] = {"answerable": False, "text": CANNOT_ANSWER, "confidence": 0.5}
CITED = {"article_id": TRAM.id, "paragraph": 0, "quote": "The tram", "start": 0, "end": 8}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"question": " \n"}, "empty"),
        ({"question": "x" * (MAX_QUESTION + 1)}, "2,000"),
        ({"question": "half \ud800"}, "half a character"),
        ({"verdict": "sideways"}, "'up' or 'down'"),
        ({"expected": "x" * (MAX_REMARK + 1)}, "expected"),
        ({"comment": "x" * (MAX_REMARK + 1)}, "comment"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"history": [{"question": "q"}]}, "history.0.answer"),
        ({"stars": 5}, "stars"),
        ({"answer": "Nobody."}, "answer"),
        ({"answer": {"answerable": True}}, "answer.text"),
        ({"answer": {**WELL, "text": "x" * (MAX_ANSWER + 1)}}, "answer.text"),
        ({"answer": {**WELL, "confidence": 1.5}}, "answer.confidence"),
        ({"answer": {**WELL, "mode": "oracle"}}, "answer.mode"),
        ({"answer": {**WELL, "evidence": [{"article_id": TRAM.id, "paragraphs": [-1]}]}}, "paragraphs"),
        ({"answer": {**WELL, "evidence": [{"article_id": TRAM.id, "paragraphs": [2**70]}]}}, "paragraphs"),
        ({"answer": {**WELL, "citations": [CITED] * (MAX_NAMED + 1)}}, "answer.citations"),
        ({"answer": {**WELL, "citations": [{**CITED, "quote": ""}]}}, "quote"),
        ({"answer": {**WELL, "citations": [{**CITED, "start": 2**70}]}}, "start"),
        ({"answer": {**WELL, "citations": [{**CITED, "article_id": "gone"}]}}, "“gone”, which is not in the archive"),
        ({"answer": {**WELL, "citations": [{**CITED, "quote": "The trap"}]}}, "does not say “The trap”"),
        ({"answer": {**WELL, "evidence": [{"article_id": "gone", "paragraphs": []}]}}, "Ask again"),
    ],
)
def test_what_is_wrong_with_feedback_is_said(desk: Desk, wrong: dict[str, Any], said: str) -> None:
    """A problem document that names it; nothing is stored."""
    body = json.dumps({"question": ASKED, "verdict": "up", "answer": WELL, **wrong})
    response = desk.client.post("/api/feedback", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.headers["content-type"] == MEDIA_TYPE
    assert said in response.json()["detail"]
    assert list(desk.store.every()) == []


def test_an_answer_to_another_question_is_refused(desk: Desk) -> None:
    """Otherwise it would be exported as the right answer to a question that nobody asked."""
    response = desk.post(question="Who drove the tram?", answer=desk.answer())
    assert response.status_code == 422
    assert "the answer is to another question" in response.json()["detail"]
    assert list(desk.store.every()) == []


def test_markup_in_feedback_is_data(desk: Desk) -> None:
    """Stored to the letter."""
    assert desk.post(comment="<script>alert(1)</script>'; DROP TABLE feedback; --\x00").status_code == 201
    [stored] = desk.store.every()
    assert stored.feedback.comment == "<script>alert(1)</script>'; DROP TABLE feedback; --\x00"


def test_a_deleted_article_leaves_the_feedback(desk: Desk) -> None:
    """DELETE takes its words; the same answer cannot be judged again."""
    answer = desk.answer()
    assert desk.post(answer=answer).status_code == 201
    assert desk.client.delete(f"/api/articles/{TRAM.id}").status_code == 200
    [stored] = desk.store.every()
    assert (stored.cut, stored.feedback.text) == (True, "")
    assert desk.post(answer=answer).status_code == 422
