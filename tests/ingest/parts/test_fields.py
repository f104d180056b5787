"""Fields as others name them: understood where the name is usual, told, and left to the user where it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ingest.parts.fields import known, mapping_of
from ingest.record import article_of
from newsdesk.errors import Unreadable, WrongUse
from newsdesk.types import Article

STORY = "The mill of Varn was sold on Friday."


def read(**record: object) -> tuple[Article, list[str]]:
    """The article of a record, and what was told about it."""
    told: list[str] = []
    return article_of(record, "test", told.append), told


@pytest.mark.parametrize(
    "record",
    [
        {"headline": "Mill sold", "body": STORY, "pubDate": "Fri, 04 Jun 2021 10:00:00 GMT", "byline": "By Ina Rohl", "publisher": "Varn Post"},
        {"hed": "Mill sold", "maintext": STORY, "date_publish": "2021-06-04 10:00:00", "creator": "Ina Rohl", "siteName": "Varn Post"},
        {"webTitle": "Mill sold", "bodyText": STORY, "webPublicationDate": "2021-06-04T10:00:00Z", "authorName": "Ina Rohl", "outlet": "Varn Post"},
        {"headline": {"main": "Mill sold"}, "content": {"rendered": f"<p>{STORY}</p>"}, "pub_date": 1622800800, "byline": {"original": "By Ina Rohl"}, "source": {"id": 3, "name": "Varn Post"}},
        {"title": "Mill sold", "content": [STORY], "publishedAt": {"$date": "2021-06-04T10:00:00Z"}, "authors": {"name": "Ina Rohl"}, "Publication": "Varn Post"},
    ],
)  # fmt: skip
def test_usual_names_are_understood_and_told(record: dict[str, object]) -> None:
    """Exports of others keep headline, text, day, author and outlet, and it is said what was taken for what."""
    article, told = read(**record)
    assert (article.title, article.paragraphs, article.authors) == ("Mill sold", (STORY,), ("Ina Rohl",))
    assert (article.published, article.source) == (date(2021, 6, 4), "Varn Post")
    assert told
    assert "took" in told[0]


def test_our_own_names_go_first() -> None:
    """A record that says "title" keeps it, whatever else it holds, and there is nothing to tell."""
    article, told = read(
        title="Mill sold", headline="MILL", text=STORY, body="x", published="2021-06-04", source="Post"
    )
    assert (article.title, article.paragraphs, told) == ("Mill sold", (STORY,), [])


def test_what_is_missed_is_told() -> None:
    """A field that nobody knows is named if it may be the headline, the day or the outlet that was not found."""
    _, told = read(text=STORY, schlagzeile="Mühle verkauft")
    assert "no title, published, source" in told[0]
    assert "“schlagzeile”" in told[0]


def test_a_record_without_text_names_its_fields() -> None:
    """The reason says which fields were seen and which names are usual; it is read by callers who have no options."""
    with pytest.raises(Unreadable, match=r"no field with the text; there is “inhalt”; the usual names are text, body"):
        read(title="Mill sold", inhalt=STORY)


def test_a_summary_is_no_article() -> None:
    """A teaser is not stored as if it were the story."""
    with pytest.raises(Unreadable):
        read(title="Mill sold", description=STORY, summary=STORY)


def test_the_users_names_go_before_all_others() -> None:
    """--map reaches into objects and replaces what stood under our name."""
    record = {"title": "x", "felder": {"titel": "Mühle verkauft"}, "inhalt": STORY}
    found, _ = known(record, mapping_of("title=felder.titel, text=inhalt"))
    assert (found["title"], found["text"]) == ("Mühle verkauft", STORY)


@pytest.mark.parametrize("given", ["title", "title=", "headline=title", "=x"])
def test_a_mapping_that_cannot_be_meant_is_refused(given: str) -> None:
    """The message names the pair and the fields there are."""
    with pytest.raises(WrongUse, match=r"--map .*title"):
        mapping_of(given)


def test_tags_in_a_text_become_paragraphs() -> None:
    """A body in HTML is read as HTML, so that no tag is ever quoted."""
    article, _ = read(
        title="Mill", text="<p>The <b>mill</b> is sold.</p>\n<p>Buyers: Blad &amp; Sons.</p><script>x()</script>"
    )
    assert article.paragraphs == ("The mill is sold.", "Buyers: Blad & Sons.")


@pytest.mark.parametrize("case", [str.upper, str.title])
def test_our_own_names_are_understood_in_any_case(case: Callable[[str], str]) -> None:
    """What a spreadsheet calls "Date" or "AUTHOR" is not lost."""
    record = {"title": "Mill sold", "text": STORY, "date": "2021-06-04", "author": "Ina Rohl", "source": "Varn Post"}
    article, _ = read(**{case(name): value for name, value in record.items()})
    assert (article.title, article.published, article.authors) == ("Mill sold", date(2021, 6, 4), ("Ina Rohl",))
    assert article.source == "Varn Post"
