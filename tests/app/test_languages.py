"""Articles in other languages: taken in, found by their own words, shown and quoted to the letter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.routes import build_api
from app.service.web import stats
from index.archive import Archive
from ingest.pipeline import ingest
from ingest.sources import read_sources
from newsdesk.settings import Settings


class Story(NamedTuple):
    """An article as its outlet printed it, and what its readers type to find it."""

    language: str
    title: str
    paragraphs: tuple[str, ...]
    searched: tuple[str, ...]


STORIES = (
    Story(
        "ar",
        "افتتاح جسر جديد فوق نهر دجلة",
        (
            "افتتحت بلدية الموصل يوم الأحد الجسر الجديد فوق نهر دجلة بعد ثلاث سنوات من العمل.",
            "وقال المهندس سامي الحيالي إن المدرسة القريبة من الجسر ستبقى مغلقة حتى نهاية الشهر.",
        ),
        ("جسر دجلة", "المُهَنْدِس سامي", "مدرسة", "الموصـل"),  # without the article, with vowel points, with a stretched stroke
    ),
    Story(
        "he",
        "הגשר הישן בחיפה נסגר",
        ("עיריית חיפה סגרה ביום שלישי את הגשר הישן לאחר שנמצאו בו סדקים.", "מעבורת תפעל במקומו מדי עשר דקות."),
        ("חֵיפָה", "מעבורת"),
    ),
    Story(
        "zh",
        "滨海市新图书馆周六开放",
        (
            "滨海市新图书馆将于周六向市民开放。馆长陈立群说：“孩子们可以免费借书。”",
            "图书馆耗资三亿元，藏书超过五十万册。",
        ),
        ("图书馆", "陈立群", "免费借书", "藏书"),
    ),
    Story(
        "ja",
        "横浜港で新しい客船ターミナルが開業",
        ("横浜港で二十四日、新しい客船ターミナルが開業した。市長は「観光の玄関口になる」と述べた。",),
        ("横浜港", "ターミナル", "ﾀｰﾐﾅﾙ", "観光の玄関口"),  # half-width kana, as old systems send them
    ),
    Story(
        "ko",
        "부산항 새 여객터미널 개장",
        ("부산시는 수요일 새 여객터미널을 열었다고 밝혔다. 시장은 관광객이 늘어날 것이라고 말했다.",),
        ("여객터미널", "관광객"),  # with and without the particle behind it
    ),
    Story(
        "de",
        "Förderverein rettet Mühle in Großräschen",
        (
            "Der Förderverein hat die alte Mühle an der Hauptstraße vor dem Abriss bewahrt.",
            "Bürgermeisterin Jutta Schroeder übergab am Freitag die Schlüssel.",
        ),
        ("Muehle", "Mühle", "muhle", "Grossraeschen", "Hauptstrasse", "Schröder", "Schroeder"),
    ),
    Story(
        "es",
        "La alcaldesa inaugura el tranvía de Logroño",
        (
            "La alcaldesa inauguró el martes la primera línea de tranvía de Logroño.",
            "Los vecinos pedían desde hace años más autobuses por las mañanas.",
        ),
        ("tranvía", "tranvia", "Logrono", "autobús"),
    ),
    Story(
        "ru",
        "В Твери открыли мост через Волгу",
        (
            "Губернатор открыл во вторник новый мост через Волгу, строительство которого заняло четыре года.",
            "Строители пообещали отремонтировать и набережную.",
        ),
        ("мосты Волги", "строителями", "набережная", "губернатора"),  # in other cases than they stand in
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API over the stories, read from a file of JSON lines that does not say their language; by keyword alone."""
    folder = tmp_path_factory.mktemp("languages")
    records = [{"id": story.language, "title": story.title, "paragraphs": story.paragraphs} for story in STORIES]
    (folder / "in.jsonl").write_text(
        "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8"
    )
    archive = Archive(Settings(data=folder / "data"))
    assert ingest(archive.catalogue, read_sources([folder / "in.jsonl"])).outcomes == {"added": len(STORIES)}
    archive.load()
    with TestClient(build_api(archive.engine, lambda: stats(archive), lambda: True)) as client:
        yield client
    archive.close()


def found(client: TestClient, words: str) -> list[dict[str, Any]]:
    """What a search gives."""
    results: list[dict[str, Any]] = client.get("/api/search", params={"q": words}).json()["results"]
    return results


@pytest.mark.parametrize(("story", "words"), [(story, words) for story in STORIES for words in story.searched])
def test_a_story_is_found_by_its_own_words(client: TestClient, story: Story, words: str) -> None:
    """However their readers may write them, and first of all that are found."""
    assert [result["article_id"] for result in found(client, words)][:1] == [story.language]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
def test_a_story_is_shown_as_it_was_printed(client: TestClient, story: Story) -> None:
    """Every character of its headline and paragraphs."""
    shown = client.get(f"/api/articles/{story.language}").json()
    assert (shown["title"], tuple(shown["paragraphs"])) == (story.title, story.paragraphs)
    assert all(paragraph in found(client, story.title)[0]["text"] for paragraph in story.paragraphs)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
def test_what_is_quoted_stands_in_the_story(client: TestClient, story: Story) -> None:
    """Whatever an answer cites is where it says, to the letter."""
    answer = client.post("/api/ask", json={"question": story.paragraphs[0]}).json()
    assert [result["article_id"] for result in answer["evidence"]][:1] == [story.language]
    for citation in answer["citations"]:
        stored = client.get(f"/api/articles/{quote(citation['article_id'])}").json()["paragraphs"]
        assert stored[citation["paragraph"]][citation["start"] : citation["end"]] == citation["quote"]
        assert citation["quote"] in answer["text"]


def test_a_word_of_one_script_finds_nothing_of_another(client: TestClient) -> None:
    """Pairs of characters are compared in their order: 馆书 is no word of the library's."""
    assert found(client, "馆书") == []
    assert found(client, "пароход") == []
