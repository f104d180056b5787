"""Feeds: stories that they carry whole are articles, summaries are not."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from ingest.sources import read_sources
from newsdesk.types import Article, Rejected

LEAD = "The lighthouse of Nes is for sale again, its keeper said."
SECOND = "Two bids came in before noon."
HTML = f"<p>{LEAD}</p><p>{SECOND}</p>"
LONG = " ".join([LEAD] * 9)

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Nes Courier</title><language>en-gb</language>
<item><title>Lighthouse &lt;i&gt;for sale&lt;/i&gt;</title><link>https://nes.example/light</link><guid isPermaLink="false">n-1</guid>
<dc:creator>Ina Rohl</dc:creator><pubDate>Mon, 03 May 2021 23:30:00 -0500</pubDate>{body}</item></channel></rss>"""
CONTENT = f"<description>A teaser.</description><content:encoded><![CDATA[{HTML}]]></content:encoded>"
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Nes Courier</title><entry><id>n-1</id>
<title>Lighthouse for sale</title><link href="https://nes.example/light"/><author><name>Ina Rohl</name></author>
<published>2021-05-03T23:30:00-05:00</published><content type="html">{HTML.replace("<", "&lt;")}</content></entry></feed>"""
JSON = {"version": "https://jsonfeed.org/version/1.1", "title": "Nes Courier", "language": "en", "items": [{"id": "n-1", "title": "Lighthouse for sale", "url": "https://nes.example/light", "authors": [{"name": "Ina Rohl"}], "date_published": "2021-05-03T23:30:00-05:00", "content_html": HTML}]}  # fmt: skip


def read(folder: Path, content: str, name: str = "feed") -> list[Article | Rejected]:
    path = folder / name
    path.write_text(content)
    return list(read_sources([path]))


@pytest.mark.parametrize(
    "content", [RSS.replace("{body}", CONTENT), ATOM, json.dumps(JSON), json.dumps(JSON, indent=1)]
)
@pytest.mark.parametrize("name", ["feed", "feed.xml", "feed.json"])
def test_a_story_that_a_feed_carries_is_an_article(tmp_path: Path, content: str, name: str) -> None:
    """RSS, Atom and JSON Feed give the same, known by their content alone."""
    assert read(tmp_path, content, name) == [
        Article(
            id="n-1",
            title="Lighthouse for sale",
            paragraphs=(LEAD, SECOND),
            source="Nes Courier",
            authors=("Ina Rohl",),
            published=date(2021, 5, 3),
            url="https://nes.example/light",
            language="en",
        )
    ]


@pytest.mark.parametrize("text", [LEAD, LONG + " [&amp;#8230;]", LONG + " Continue reading"])
def test_a_summary_is_not_stored_as_the_article(tmp_path: Path, text: str) -> None:
    """A teaser, and a story that is cut, are rejects that say where the article is."""
    [item] = read(tmp_path, RSS.replace("{body}", f"<description>{text}</description>"))
    assert isinstance(item, Rejected)
    assert item.id == "n-1"
    assert "a summary" in item.reason
    assert "https://nes.example/light" in item.reason


def test_a_long_description_is_the_story(tmp_path: Path) -> None:
    """Many feeds carry the whole story under the name of a description."""
    [article] = read(tmp_path, RSS.replace("{body}", f"<description>{LONG}</description>"))
    assert isinstance(article, Article)


def test_one_bad_entry_leaves_the_others(tmp_path: Path) -> None:
    """Each entry stands for itself."""
    items = [JSON["items"][0], 7, {"id": "n-2"}]
    kinds = [type(item) for item in read(tmp_path, json.dumps(JSON | {"items": items}))]
    assert kinds == [Article, Rejected, Rejected]


@pytest.mark.parametrize(
    "content", [RSS.replace("{body}", CONTENT)[:-14], "<rss><channel><title>x</title></channel></rss>"]
)
def test_a_broken_feed_gives_what_it_has_or_a_reason(tmp_path: Path, content: str) -> None:
    """A feed that breaks off keeps its whole entries; one without any is a reject."""
    [item] = read(tmp_path, content)
    assert isinstance(item, Article) or "without entries" in item.reason


@pytest.mark.parametrize("day", ["", "some day", "<b>3 May</b>"])
def test_a_day_that_nobody_can_read_is_no_other(tmp_path: Path, day: str) -> None:
    """The entry is kept undated, and nothing is taken for when it was changed."""
    [article] = read(tmp_path, ATOM.replace("2021-05-03T23:30:00-05:00", day))
    assert isinstance(article, Article)
    assert (article.published, article.modified) == (None, "")


def test_entities_are_not_expanded_without_end(tmp_path: Path) -> None:
    """A feed that is a bomb of entities is read in no time, and no file is opened."""
    bomb = (
        '<!DOCTYPE rss [<!ENTITY a "'
        + "x" * 999
        + '"><!ENTITY b "'
        + "&a;" * 999
        + '"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    )
    text = RSS.replace('<?xml version="1.0"?>', '<?xml version="1.0"?>' + bomb).replace(
        "{body}", f"<description>{LONG} &b;&b;&c;</description>"
    )
    [item] = read(tmp_path, text)
    assert "root:" not in str(item)
    assert len(str(item)) < 10_000
