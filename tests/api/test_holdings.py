"""What filters are chosen from, and searching by words, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.routes import build_api
from app.service.web import stats
from index.archive import Archive
from newsdesk.settings import Settings
from tests.support import article, day, one_each

TEXTS = (
    ("g1", "The lock gate at Wenlow was repaired on Friday.", "Canal Times", "2021-03-01"),
    ("g2", "A gate with a lock was stolen in Wenlow.", "Canal Times", "2021-03-04"),
    ("g3", "“The lock gate is safe”, said the keeper.", "Heron", "2021-05-09"),
    ("g4", "Nothing about it.", "", None),
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Four articles of two outlets, one without a day."""
    opened = Archive(Settings(data=tmp_path))
    articles = [
        article(id_, text, source=source, published=day(published) if published else None)
        for id_, text, source, published in TEXTS
    ]
    opened.catalogue.put(articles, one_each)
    opened.keyword.catch_up()
    yield opened
    opened.close()


@pytest.fixture
def client(archive: Archive) -> Iterator[TestClient]:
    """The API."""
    with TestClient(build_api(archive.engine, lambda: stats(archive), lambda: True)) as opened:
        yield opened


def test_outlets_are_counted(client: TestClient, archive: Archive) -> None:
    """Most articles first, within days where some are named, and anew when the archive has changed."""
    whole = client.get("/api/outlets").json()
    assert whole["total"] == 3
    assert [(each["source"], each["articles"]) for each in whole["outlets"]] == [
        ("Canal Times", 2),
        ("", 1),
        ("Heron", 1),
    ]
    in_march = client.get("/api/outlets", params={"published_to": "2021-03-31"}).json()["outlets"]
    assert in_march == [{"source": "Canal Times", "articles": 2}]
    archive.catalogue.remove(["g3"])
    assert client.get("/api/outlets").json()["total"] == 2


def test_articles_are_counted_over_time(client: TestClient) -> None:
    """By day, week or month, of all outlets or some; the undated are counted apart."""
    line = client.get("/api/timeline", params={"step": "month"}).json()
    assert [(span["start"], span["articles"]) for span in line["spans"]] == [("2021-03-01", 2), ("2021-05-01", 1)]
    assert (line["first"], line["last"], line["undated"]) == ("2021-03-01", "2021-05-09", 1)
    assert client.get("/api/timeline").json()["step"] == "day"
    week = client.get("/api/timeline", params={"step": "week", "source": "Heron"}).json()
    assert week["spans"] == [{"start": "2021-05-03", "articles": 1}]


def test_a_phrase_is_found_to_the_letter(client: TestClient) -> None:
    """What stands in quotation marks has to stand so in a passage; words alone need not."""

    def found(**asked: str) -> list[str]:
        return [each["article_id"] for each in client.get("/api/search", params=asked).json()["results"]]

    assert set(found(q="lock gate")) == {"g1", "g2", "g3"}
    assert set(found(q='"lock gate"')) == {"g1", "g3"}
    assert found(q='"lock gate" keeper') == ["g3"]
    assert found(q='"gate lock"') == []
    assert found(q='"lock gate"', source="Canal Times") == ["g1"]


def test_the_newest_come_first_when_asked(client: TestClient) -> None:
    """By day, with the same filters, and only what holds all the words."""
    asked = {"q": "gate", "sort": "day"}
    found = [each["article_id"] for each in client.get("/api/search", params=asked).json()["results"]]
    assert found == ["g3", "g2", "g1"]
    before = client.get("/api/search", params={**asked, "as_of": "2021-04-01", "limit": "1"}).json()
    assert (before["total"], before["results"][0]["article_id"]) == (2, "g2")
    assert client.get("/api/search", params={"q": "gate nowhere", "sort": "day"}).json()["total"] == 0
