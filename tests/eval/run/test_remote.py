"""Evaluating a running service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from eval.run.remote import RemoteEngine
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import ArticleNotFound, QuestionError, ServiceUnreachable
from newsdesk.types import Filters, Question, Turn
from tests.scripted_server import Reply, Request, ScriptedServer
from tests.support import ROOT, RunningService, day, newsdesk, start_service, stop_service

ASKED = "Who conducted the joint strike on al-Bab?"


@pytest.fixture
def remote(service: RunningService) -> Iterator[RemoteEngine]:
    """The engine of a real `newsdesk serve`."""
    engine = RemoteEngine(service.url)
    yield engine
    engine.close()


def test_the_answer_is_the_one_that_the_api_gives(remote: RemoteEngine, service: RunningService) -> None:
    """Nothing is lost or changed on the way but what the API does not tell."""
    answer = remote.ask(Question(ASKED, top_k=20))
    body = httpx.post(f"{service.url}/api/ask", json={"question": ASKED, "top_k": 20}, timeout=60).json()
    assert answer.answerable
    assert (answer.text, answer.confidence, answer.mode) == (body["text"], body["confidence"], body["mode"])
    assert [
        (cited.marker, cited.quote, cited.start, cited.end, cited.published, cited.authors)
        for cited in answer.citations
    ] == [
        (c["marker"], c["quote"], c["start"], c["end"], c["published"] and day(c["published"]), tuple(c["authors"]))
        for c in body["citations"]
    ]
    assert [(item.article_id, list(item.paragraphs), item.text, item.title) for item in answer.evidence] == [
        (item["article_id"], item["paragraphs"], item["text"], item["title"]) for item in body["evidence"]
    ]
    assert len(answer.evidence) == 20
    assert {"retrieve", "read", "total"} <= answer.timings_ms.keys()


def test_quotes_can_be_checked_against_the_paragraphs(remote: RemoteEngine) -> None:
    """What the service cites can be looked up in what it holds."""
    for cited in remote.ask(Question(ASKED)).citations:
        assert remote.paragraphs(cited.article_id)[cited.paragraph][cited.start : cited.end] == cited.quote


def test_history_date_and_filters_reach_the_service(remote: RemoteEngine) -> None:
    """A question is asked as it stands in the folder."""
    turns = (Turn(ASKED, "The air forces of Russia and Turkey."),)
    answer = remote.ask(Question("How many jets did they use?", turns, as_of=day("2017-12-31"), caution="low"))
    assert "al-Bab" in answer.standalone_question
    assert remote.ask(Question(ASKED, as_of=day("1900-01-01"))).evidence == ()
    assert remote.ask(Question(ASKED, filters=Filters(sources=("Nobody",)))).evidence == ()


@pytest.mark.parametrize(("text", "said"), [(" ", "The question is empty"), ("a" * 2_001, "2,001 characters")])
def test_a_question_that_cannot_be_asked_is_told_apart(remote: RemoteEngine, text: str, said: str) -> None:
    """One bad question is that question's fault: what the service says of it is kept."""
    with pytest.raises(QuestionError, match=said):
        remote.ask(Question(text))


@pytest.mark.parametrize("article_id", ["nobody", "a/b", "..", ".", "a?b#c", "a/../b"])
def test_an_article_that_is_not_there(remote: RemoteEngine, article_id: str) -> None:
    """An id is asked for to the letter, whatever a path would make of it."""
    with pytest.raises(ArticleNotFound) as caught:
        remote.paragraphs(article_id)
    assert caught.value.article_id == article_id


def test_what_the_service_is_can_be_shown(remote: RemoteEngine, service: RunningService) -> None:
    """A report says which model answered over how much."""
    about = remote.about()
    assert about["model"] == "all-MiniLM-L6-v2"
    assert about["articles"] > 50
    assert about["vectors"]["done"] == about["vectors"]["total"] == about["passages"]
    assert remote.url == service.url


# --------------------------------------------------------------------------- services that are none


def answer_body() -> dict[str, Any]:
    """An answer as the API gives it, with a field of a later version."""
    citation = {
        "marker": 1, "article_id": "a", "paragraph": 0, "quote": "x", "start": 0, "end": 1, "verified": "verbatim", "title": "A",
        "source": "", "authors": [], "published": None, "url": "", "permalink": "/article/a", "also_in": [], "later": 1,
    }  # fmt: skip
    evidence = {
        "article_id": "a", "paragraphs": [0, 2], "text": "x", "score": 1.0, "title": "A", "source": "", "published": "2017-01-18",
        "url": "", "later": 1,
    }  # fmt: skip
    return {
        "question": "q", "standalone_question": "q", "answerable": True, "text": "x [1]", "short_answer": None, "confidence": 0.5,
        "mode": "extractive", "citations": [citation], "evidence": [evidence], "notes": [], "timings_ms": {}, "later": {"x": 1},
    }  # fmt: skip


def asked(script: Callable[[Request], Reply]) -> Any:
    """What comes of asking a scripted service."""
    with ScriptedServer(script) as server, closing(RemoteEngine(server.url)) as engine:
        return engine.ask(Question("q"))


def test_fields_of_a_later_version_are_ignored() -> None:
    """A newer service can be evaluated; paragraphs are kept, the offsets it does not tell are zero."""
    answer = asked(lambda _: Reply(answer_body()))
    assert answer.evidence[0].paragraphs == (0, 2)
    assert answer.evidence[0].published == day("2017-01-18")
    assert answer.evidence[0].passage_id == ""
    assert {(span.start, span.end) for span in answer.evidence[0].spans} == {(0, 0)}


def test_the_days_of_an_answer_are_kept() -> None:
    """A service that tells which day an answer means is understood; an earlier one that does not, too."""
    told = asked(
        lambda _: Reply({**answer_body(), "when": {"start": "2017-01-18", "end": "2017-01-18", "how": "written"}})
    )
    assert told.when.start == day("2017-01-18")
    assert asked(lambda _: Reply(answer_body())).when is None


@pytest.mark.parametrize("name", answer_body())
def test_a_missing_field_is_named(name: str) -> None:
    """An answer without a part is never taken for one that has nothing to say there."""
    body = {key: value for key, value in answer_body().items() if key != name}
    if name == "later":
        assert asked(lambda _: Reply(body))
        return
    with pytest.raises(ServiceUnreachable, match=f"its answer has no {name}"):
        asked(lambda _: Reply(body))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"citations": [{"marker": 1}]}, r"no citations\.0\.also_in"),
        ({"evidence": ["x"]}, r"no evidence\.0\."),
        ({"evidence": 5}, "wrong evidence"),
        ({"evidence": [{**answer_body()["evidence"][0], "paragraphs": ["x"]}]}, "not whole numbers"),
        ({"confidence": 7}, "confidence 7.0"),
        ({"confidence": "high"}, "wrong confidence"),
        ({"mode": "guess"}, "wrong mode"),
        ({"text": None}, "wrong text"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], said: str) -> None:
    """What cannot be measured is said, not guessed."""
    with pytest.raises(ServiceUnreachable, match=said):
        asked(lambda _: Reply({**answer_body(), **change}))


PROBLEM = {"content-type": "application/problem+json"}


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(b"<html>hello</html>"), "not a Newsdesk service.*gave no JSON object"),
        (Reply([1]), "not a Newsdesk service.*gave no JSON object"),
        (Reply(b"[" * 100_000), "not a Newsdesk service.*gave no JSON object"),
        (Reply({"detail": "Not Found"}, 404), "not a Newsdesk service.*status 404"),
        (Reply({"detail": "x"}, 422), "not a Newsdesk service.*status 422"),
        (Reply(status=307, headers={"location": "http://elsewhere.invalid/"}), "not a Newsdesk service.*status 307"),
        (Reply({"detail": "Add the name to allowed_hosts."}, 421, PROBLEM), "status 421.*: Add the name to allowed_hosts"),
        (Reply({"detail": "It is damaged."}, 500, PROBLEM), r"could not answer /api/ask \(status 500\): It is damaged"),
        (Reply(b"oh no", 500), r"status 500.*Its log may say why"),
        (Reply({"detail": "Busy."}, 503, {**PROBLEM, "retry-after": "0"}), r"status 503.*Busy"),
    ],
)  # fmt: skip
def test_what_is_no_newsdesk_service_or_fails(reply: Reply, said: str) -> None:
    """The error says which address, what came back and what was expected."""
    with pytest.raises(ServiceUnreachable, match=said):
        asked(lambda _: reply)


def test_problem_documents_about_a_question_are_repeated() -> None:
    """400 and 422 are about the question, not about the service."""
    for status in (400, 422):
        with pytest.raises(QuestionError, match="too odd"):
            asked(lambda _, status=status: Reply({"detail": "too odd"}, status, PROBLEM))  # type: ignore[misc]


def test_paragraphs_are_fetched_once() -> None:
    """A thousand quotes of one article are one request."""
    body = {"id": "a", "paragraphs": ["one", "two"]}
    with ScriptedServer(lambda _: Reply(body)) as server, closing(RemoteEngine(server.url)) as engine:
        assert engine.paragraphs("a") == engine.paragraphs("a") == ("one", "two")
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", [{}, {"paragraphs": "text"}, {"paragraphs": [1]}])
def test_an_article_without_paragraphs_is_no_article(body: dict[str, Any]) -> None:
    """A quote is never called altered because the service could not be understood."""
    with (
        ScriptedServer(lambda _: Reply(body)) as server,
        closing(RemoteEngine(server.url)) as engine,
        pytest.raises(ServiceUnreachable, match="its article “a”"),
    ):
        engine.paragraphs("a")


def test_stats_of_something_else() -> None:
    """A wrong address is noticed before a question is asked."""
    with (
        ScriptedServer(lambda _: Reply({"articles": 5})) as server,
        closing(RemoteEngine(server.url)) as engine,
        pytest.raises(ServiceUnreachable, match="has no 'model'"),
    ):
        engine.about()


def test_a_service_with_keys_is_shown_one(sample_data: Path, tmp_path: Path) -> None:
    """From the setting; without, or with a wrong one, the error says what to set and repeats no key. `ask --batch` needs none."""
    catalogue = Catalogue(sample_data / "catalogue.sqlite3")
    key = catalogue.keys.add("Ada Merrow", "read")
    catalogue.close()
    process, url = start_service(sample_data, tmp_path / "log", NEWSDESK_EMBED_IN_BACKGROUND="false")
    try:
        evaluate = ("eval", ROOT / "eval" / "sample", "--url", url, "--limit", "2")
        wrong = newsdesk(*evaluate, NEWSDESK_SERVICE_KEY=f"{key[:-4]}abcd")
        assert wrong.returncode == 3
        assert "NEWSDESK_SERVICE_KEY" in wrong.stderr
        assert "NEWSDESK_SERVICE_KEY" in newsdesk(*evaluate).stderr
        done = newsdesk(*evaluate, NEWSDESK_SERVICE_KEY=key)
        assert done.returncode == 0, done.stderr
        table = tmp_path / "q.csv"
        table.write_text(f"question\n{ASKED}\n", encoding="utf-8")
        asked_here = newsdesk("ask", "--batch", table, "--data", sample_data)
        assert asked_here.returncode == 0, asked_here.stderr
    finally:
        stop_service(process)
    said = wrong.stderr + done.stdout + done.stderr + (tmp_path / "log").read_text()
    assert key[8:] not in said
