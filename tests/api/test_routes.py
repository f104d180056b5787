"""The HTTP contract that other tools rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from api.routes import build_api
from app.service.web import stats
from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import CANNOT_ANSWER, HeldArticle
from newsdesk.wording.quoted import quoted
from tests.support import RunningService, article, day, one_each

STRIKE = "Who conducted the joint strike on al-Bab?"
ANSWER = {
    "question", "standalone_question", "answerable", "text", "short_answer", "when", "confidence", "mode", "citations",
    "evidence", "notes", "checked", "removed", "narrowed", "coverage", "timings_ms",
}  # fmt: skip
CITATION = {
    "marker", "article_id", "paragraph", "quote", "start", "end", "verified", "title", "source", "authors",
    "published", "url", "permalink", "also_in", "cut_before", "cut_after",
    "version", "correction",
}  # fmt: skip
EVIDENCE = {"article_id", "paragraphs", "text", "score", "title", "source", "published", "url"}
ODD_IDS = [
    "a/b/c", "/begins/and/ends/", "double//slash", "with space", "q?x=1&y=2#z", "Ünïcode/字",
    "a/../b", "https://gazette.example/2017/raid?page=2", "+plus", "semi;colon", "'quote\"",
]  # fmt: skip


@pytest.fixture
def client(service: RunningService) -> Iterator[httpx.Client]:
    """Of the running service on the sample archive."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API over a few articles with awkward ids and texts, by keyword alone."""
    archive = Archive(Settings(data=tmp_path_factory.mktemp("small")))
    archive.catalogue.put([article(id_, f"Story number {n} of jets.") for n, id_ in enumerate(ODD_IDS)], one_each)
    archive.catalogue.put([article("html", '<script>alert("x")</script> said the tram & bus driver.')], one_each)
    archive.load()
    with TestClient(build_api(archive.engine, lambda: stats(archive), lambda: True)) as client:
        yield client
    archive.close()


def ask(client: httpx.Client, question: str, **more: Any) -> dict[str, Any]:
    """The answer to a question."""
    response = client.post("/api/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


# ---------------------------------------------------------------------------- asking


def test_an_answer_has_exactly_the_fields_of_the_contract(client: httpx.Client) -> None:
    """With the kinds of values it says; every quote is in its article where it says."""
    answer = ask(client, STRIKE)
    assert set(answer) == ANSWER
    assert answer["question"] == answer["standalone_question"] == STRIKE
    assert answer["answerable"] is True
    assert answer["mode"] == "extractive"
    assert 0 <= answer["confidence"] <= 1
    assert set(answer["timings_ms"]) >= {"retrieve", "read", "total"}
    assert all(set(note) == {"kind", "text"} for note in answer["notes"])

    assert answer["citations"]
    for marker, citation in enumerate(answer["citations"], start=1):
        assert set(citation) == CITATION
        assert citation["marker"] == marker
        assert f"[{marker}]" in answer["text"]
        assert citation["quote"] in answer["text"]
        stored = client.get(f"/api/articles/{quote(citation['article_id'])}").json()
        assert stored["paragraphs"][citation["paragraph"]][citation["start"] : citation["end"]] == citation["quote"]
        assert citation["verified"] in ("verbatim", "supported")
        assert isinstance(citation["authors"], list)
        assert day(citation["published"])
        assert all(set(copy) == {"article_id", "source", "url"} for copy in citation["also_in"])

    assert len(answer["evidence"]) == 8
    for found in answer["evidence"]:
        assert set(found) == EVIDENCE
        assert found["paragraphs"] == sorted(set(found["paragraphs"]))
        stored = client.get(f"/api/articles/{quote(found['article_id'])}").json()
        assert any(stored["paragraphs"][number] in found["text"] for number in found["paragraphs"])


def test_a_day_that_answers_comes_with_its_date(client: httpx.Client) -> None:
    """`short_answer` is what the archive says; `when` holds the ISO days it means and how they were found."""
    answer = ask(client, "When was the joint strike?")
    assert answer["short_answer"] == "Wednesday"
    assert answer["when"] == {
        "start": "2017-01-18", "end": "2017-01-18", "in_words": "18 January 2017", "how": "weekday before publication",
    }  # fmt: skip
    assert ask(client, STRIKE)["when"] is None


def test_the_days_of_an_answer_are_documented(client: httpx.Client) -> None:
    """The OpenAPI description says what `when` holds, each way of finding a day included."""
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert set(schemas["WhenOut"]["properties"]) == {"start", "end", "in_words", "how"}
    assert "weekday before publication" in schemas["WhenOut"]["properties"]["how"]["description"]
    assert "when" in schemas["AnswerOut"]["properties"]


def test_a_refusal_cites_nothing_and_shows_the_nearest(client: httpx.Client) -> None:
    """The one constant sentence, and evidence all the same."""
    answer = ask(client, "Who won the 2018 World Cup?")
    assert set(answer) == ANSWER
    assert (answer["answerable"], answer["text"], answer["citations"]) == (False, CANNOT_ANSWER, [])
    assert len(answer["evidence"]) == 8


def test_every_option_of_a_question_is_taken(client: httpx.Client) -> None:
    """History, day, filters, mode, caution and number of passages, all at once."""
    answer = ask(
        client,
        "How many jets did they use?",
        history=[{"question": STRIKE, "answer": "The Russian and Turkish air forces."}],
        as_of="2017-01-20",
        filters={"sources": ["Skarholm Post"], "published_from": "2017-01-19", "published_to": "2017-01-31"},
        mode="auto",
        caution="low",
        top_k=50,
    )
    assert "al-Bab" in answer["standalone_question"]
    assert answer["evidence"]
    for found in answer["evidence"]:
        assert found["source"] == "Skarholm Post"
        assert "2017-01-19" <= found["published"] <= "2017-01-20"


def test_asking_for_an_llm_is_answered_with_a_note(client: httpx.Client) -> None:
    """`mode` says how it was answered, a note why."""
    answer = ask(client, STRIKE, mode="llm")
    assert answer["mode"] == "extractive"
    assert [note["kind"] for note in answer["notes"]] == ["no_llm"]


def test_markup_is_data(small: TestClient) -> None:
    """HTML in a question or in an article comes back as it went in, as JSON."""
    question = 'What did <img src=x onerror="alert(1)"> the tram driver say?'
    response = small.post("/api/ask", json={"question": question, "caution": "low"})
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    assert answer["question"] == question
    assert answer["evidence"][0]["text"] == '<script>alert("x")</script> said the tram & bus driver.'


# ---------------------------------------------------------------------------- searching


def test_a_search_gives_pages_of_evidence(client: httpx.Client) -> None:
    """Pages fit together, and filters hold."""
    first = client.get("/api/search", params={"q": "al-Bab jets", "limit": 5}).json()
    assert set(first) == {"total", "results"}
    assert all(set(found) == EVIDENCE for found in first["results"])
    second = client.get("/api/search", params={"q": "al-Bab jets", "limit": 5, "offset": 5}).json()
    both = client.get("/api/search", params={"q": "al-Bab jets", "limit": 10}).json()
    assert first["results"] + second["results"] == both["results"]
    assert first["total"] == second["total"] == both["total"] >= 10

    narrow = {"q": "jets", "source": ["Skarholm Post", "Harbour Courier"], "published_from": "2017-01-18"}
    found = client.get("/api/search", params=narrow).json()["results"]
    assert {item["source"] for item in found} == {"Skarholm Post", "Harbour Courier"}
    assert all(item["published"] >= "2017-01-18" for item in found)


# ---------------------------------------------------------------------------- articles


def test_articles_are_listed_newest_first_by_page(client: httpx.Client) -> None:
    """Without their text; the total counts all that pass the filters; together the pages hold each once."""
    pages = [client.get("/api/articles", params={"limit": 30, "offset": offset}).json() for offset in (0, 30, 60)]
    assert {page["total"] for page in pages} == {73}
    listed = [item for page in pages for item in page["articles"]]
    assert len({item["id"] for item in listed}) == 73
    days = [item["published"] or "" for item in listed]
    assert days == sorted(days, reverse=True)
    assert {"id", "title", "source", "authors", "published", "url"} <= set(listed[0])
    assert "paragraphs" not in listed[0]

    one_day = {"published_from": "2017-01-18", "published_to": "2017-01-18", "source": "Harbour Courier"}
    narrowed = client.get("/api/articles", params=one_day).json()
    assert narrowed["total"] == len(narrowed["articles"]) >= 1
    assert {(item["published"], item["source"]) for item in narrowed["articles"]} == {("2017-01-18", "Harbour Courier")}


def test_an_article_has_its_paragraphs(client: httpx.Client) -> None:
    """And the fields of the contract."""
    stored = client.get("/api/articles/harbour-courier/2017-01-18/joint-strike").json()
    assert {"id", "title", "source", "authors", "published", "url", "paragraphs"} <= set(stored)
    assert stored["id"] == "harbour-courier/2017-01-18/joint-strike"
    assert all(isinstance(text, str) and text for text in stored["paragraphs"])


@pytest.mark.parametrize("id_", ODD_IDS)
def test_an_id_may_hold_anything(small: TestClient, id_: str) -> None:
    """Slashes, question marks and dots; the list gives it back to the letter, and so does its address."""
    assert id_ in {item["id"] for item in small.get("/api/articles", params={"limit": 100}).json()["articles"]}
    response = small.get(f"/api/articles/{quote(id_, safe='')}")
    assert response.status_code == 200
    assert response.json()["id"] == id_


@pytest.mark.parametrize("id_", [*ODD_IDS, "per%2Fcent"])
@pytest.mark.parametrize("safe", ["", "/"])
def test_an_id_arrives_as_it_was_sent(client: httpx.Client, id_: str, safe: str) -> None:
    """Over a real connection, its slashes encoded or not."""
    if safe and (id_.startswith("/") or ".." in id_):
        return  # such slashes have to be encoded, or the client resolves them
    response = client.get(f"/api/articles/{quote(id_, safe=safe)}")
    assert response.status_code == 404
    assert quoted(id_) in response.json()["detail"]


# ---------------------------------------------------------------------------- the service


def test_the_counts_are_those_of_the_archive(client: httpx.Client) -> None:
    """How much there is, and how much of it can be found by meaning."""
    counts = client.get("/api/stats").json()
    assert (counts["articles"], counts["samples"]) == (73, 73)
    assert counts["stories"] == 72, "two of them are one agency's report"
    assert counts["paragraphs"] > counts["passages"] > 73
    assert counts["vectors"] == {"done": counts["passages"], "total": counts["passages"]}


@pytest.mark.parametrize(("path", "status"), [("/healthz", "ok"), ("/readyz", "ready")])
def test_health_is_a_word_where_nothing_is_missing(path: str, status: str, client: httpx.Client) -> None:
    """Alive, and ready once questions can be answered by keyword; of parts that are missing nothing is said."""
    response = client.get(path)
    assert response.status_code == 200
    assert response.json() == {"status": status}


def test_it_is_not_ready_before_it_is(tmp_path: Path) -> None:
    """503 until the keyword view has caught up; alive all the same."""
    archive = Archive(Settings(data=tmp_path))
    with TestClient(build_api(archive.engine, lambda: stats(archive), lambda: False)) as client:
        assert client.get("/readyz").status_code == 503
        assert client.get("/readyz").json() == {"status": "starting"}
        assert client.get("/healthz").status_code == 200
    archive.close()


def foreign(base: str, text: str) -> set[str]:
    """Hosts other than the service's own that a page would load something from."""
    loads = re.findall(
        r"""<(?:script|link|img|iframe|source|video|audio)\b[^>]*?(?:src|href)\s*=\s*["']([^"']+)""", text
    )
    loads += re.findall(r"""(?:@import\s+(?:url\()?|url\()\s*["']?([^"')\s]+)""", text)
    own = urlsplit(base).netloc
    hosts = {urlsplit(urljoin(base, load)).netloc for load in loads if not load.startswith("data:")}
    return hosts - {own}


@pytest.mark.parametrize("path", ["/docs", "/", "/article/harbour-courier/2017-01-18/joint-strike"])
def test_pages_load_nothing_from_elsewhere(client: httpx.Client, path: str) -> None:
    """No network is needed: what a page loads comes from this machine."""
    page = client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert foreign(str(client.base_url), page.text) == set()


def test_the_documentation_is_served_whole(client: httpx.Client) -> None:
    """Its page names scripts and styles that are there, and the description names every path."""
    page = client.get("/docs").text
    for file in re.findall(r"""(?:src|href)="(/[^"]+\.(?:js|css|png))""", page):
        assert client.get(file).status_code == 200, file
    described = client.get("/openapi.json").json()["paths"]
    assert {"/api/ask", "/api/search", "/api/articles", "/api/articles/{id}", "/api/stats"} <= set(described)


def test_an_article_can_be_read_as_a_page(client: httpx.Client) -> None:
    """A citation's permalink leads to its paragraph, with the quotation marked; the page runs no script."""
    citation = ask(client, STRIKE)["citations"][0]
    link = citation["permalink"]
    assert link.endswith(f"#p{citation['paragraph']}")
    page = client.get(link)
    assert page.status_code == 200
    assert f'id="p{citation["paragraph"]}"' in page.text
    assert "<mark" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text


def test_a_missing_article_has_a_page_too(client: httpx.Client) -> None:
    """404, for people."""
    page = client.get("/article/no/such")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "no/such" in page.text


def test_a_filter_has_a_bounded_number_of_sources(small: TestClient) -> None:
    """1,000 outlets are taken; more are refused with the field named, however many they are."""

    def asked(number: int) -> Any:
        return small.post("/api/ask", json={"question": STRIKE, "filters": {"sources": ["x"] * number}})

    assert asked(1_000).status_code == 200
    for number in (1_001, 40_000):
        response = asked(number)
        assert response.status_code == 422
        assert "filters.sources" in response.json()["detail"]
    for path in ("/api/search?q=jets&", "/api/articles?"):
        assert small.get(path + "source=x&" * 1_000).status_code == 200
        response = small.get(path + "source=x&" * 1_001)
        assert response.status_code == 422
        assert "source" in response.json()["detail"]


# ------------------------------------------------------------------------------------------------ versions


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[TestClient]:
    """The API over a story that was corrected once, and one under embargo."""
    archive = Archive(Settings(data=tmp_path / "kept"))
    until = datetime(2100, 1, 1, tzinfo=UTC)
    archive.catalogue.put(
        [
            article("https://gazette.example/eel", "An eel of 40 kilos was caught.", "It was let go."),
            article(
                "https://gazette.example/eel", "An eel of 4 kilos was caught.", "It was let go.", modified="2021-05-02"
            ),
            article("https://gazette.example/eel/history", "Eels have been caught here since 1200."),
            HeldArticle("secret", "Secret", ("The eel has a name.",), until=until),
        ],
        one_each,
    )
    archive.load()
    with TestClient(build_api(archive.engine, lambda: stats(archive), lambda: True)) as client:
        yield client
    archive.close()


def test_the_history_of_an_article(kept: TestClient) -> None:
    """Each version with its times and what it changed; an article whose own id ends so is not hidden by it."""
    told = kept.get("/api/articles/https://gazette.example/eel/history").json()
    assert told["id"] == "https://gazette.example/eel/history"
    assert told["paragraphs"] == ["Eels have been caught here since 1200."]
    kept.delete("/api/articles/https://gazette.example/eel/history")
    told = kept.get("/api/articles/https://gazette.example/eel/history").json()
    first, second = told["versions"]
    assert (first["how"], second["how"], second["modified"]) == ("first", "corrected", "2021-05-02")
    assert second["seen_at"]
    [difference] = second["differences"]
    assert (difference["before"], difference["after"]) == (0, 0)
    assert {"kind": "removed", "text": "40"} in difference["pieces"]
    assert kept.get("/api/articles/never/history").status_code == 404


def test_a_citation_tells_of_the_correction(kept: TestClient) -> None:
    """With its version, its day and the words; `as_of` a day before gets a note."""
    asked = {"question": "How heavy was the eel that was caught?", "as_of": "2021-05-01", "caution": "low"}
    answer = kept.post("/api/ask", json=asked).json()
    cited = next(each for each in answer["citations"] if "4 kilos" in each["quote"])
    assert cited["version"] == 2
    assert cited["correction"] == {
        "kind": "corrected",
        "on": "2021-05-02",
        "before": "An eel of 40 kilos was caught.",
        "changes": [{"removed": "40", "added": "4"}],
        "in_words": "Corrected on 2 May 2021: “40” became “4”.",
    }
    assert "changed_later" in {note["kind"] for note in answer["notes"]}


def test_what_is_under_embargo_is_counted_and_nothing_else(kept: TestClient) -> None:
    """No route shows it; posted without an embargo it may be read."""
    assert kept.get("/api/stats").json()["under_embargo"] == 1
    assert kept.get("/api/articles/secret").status_code == 404
    assert kept.get("/api/articles/secret/history").status_code == 404
    assert "secret" not in kept.get("/api/articles").text.lower()
    assert "has a name" not in kept.get("/api/search", params={"q": "eel name"}).text
    told = kept.post(
        "/api/articles", json=[{"id": "secret", "title": "Secret", "text": "The eel is called Max."}]
    ).json()
    assert told["updated"] == 1
    assert kept.get("/api/articles/secret").json()["paragraphs"] == ["The eel is called Max."]
    assert kept.get("/api/stats").json()["under_embargo"] == 0


def test_posted_versions_say_which_they_are(kept: TestClient) -> None:
    """An older one is kept as history."""
    old = {
        "id": "https://gazette.example/eel",
        "text": "A fish was caught.",
        "dateModified": "2021-05-01T10:00:00+02:00",
    }
    assert kept.post("/api/articles", json=[old]).json()["older"] == 1
    assert (
        kept.get("/api/articles/https://gazette.example/eel").json()["paragraphs"][0] == "An eel of 4 kilos was caught."
    )
