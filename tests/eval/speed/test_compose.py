"""A larger archive, composed of a smaller one."""

from __future__ import annotations

from datetime import date

from eval.speed.compose import grown
from newsdesk.types import Article

ARTICLES = [
    Article(
        f"a/{number}",
        f"Title {number}",
        (f"First of {number}.", f"Second of {number}."),
        published=date(2022, 6, number),
    )
    for number in range(1, 9)
]


def test_it_grows_by_what_is_there() -> None:
    """The real ones come first and unchanged; the composed have ids of their own, and paragraphs as long of the same words."""
    records = list(grown(ARTICLES, 3))
    assert [record["id"] for record in records[:8]] == [article.id for article in ARTICLES]
    assert records[0]["text"] == "First of 1.\n\nSecond of 1."
    assert len({record["id"] for record in records}) == 24
    known = {word for article in ARTICLES for text in article.paragraphs for word in text.split()}
    for record in records:
        paragraphs = record["text"].split("\n\n")
        assert [len(text.split()) for text in paragraphs] == [3, 3]
        assert {word for text in paragraphs for word in text.split()} <= known
    assert {record["published"] for record in records[8:]} == {
        article.published.isoformat() for article in ARTICLES if article.published
    }


def test_it_is_the_same_each_time() -> None:
    """So that two runs measure the same archive."""
    assert list(grown(ARTICLES, 4)) == list(grown(ARTICLES, 4))
