"""What a page's metadata name, and whether the page was read so."""

from __future__ import annotations

import json
from datetime import date

import pytest

from eval.run.own_words import Agreement, OwnWords, days_agree, headlines_agree, own_words
from newsdesk.types import Article

HEAD = "Otters return to the weir"


def page(*tags: str) -> str:
    return f"<html><head><title>x</title>{''.join(tags)}</head><body><h1>y</h1></body></html>"


def json_ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def article(title: str = HEAD, day: date | None = None) -> Article:
    return Article(id="a", title=title, paragraphs=("Text.",), published=day)


def test_headline_and_day_come_from_all_metadata() -> None:
    """JSON-LD at any depth and with several types, Open Graph and other names, entities resolved; nothing else."""
    about = {
        "@graph": [{"@type": ["Thing", "NewsArticle"], "headline": "A &amp; B", "datePublished": "2022-04-05T23:10Z"}]
    }
    tags = (
        json_ld(about),
        json_ld({"@type": "Person", "headline": "Z"}),
        '<script type="application/ld+json">{</script>',
    )
    found = own_words(page(*tags, meta("og:title", "C"), meta("date", "2022-04-06"), meta("author", "D")))
    assert found == OwnWords(("A & B", "C"), (date(2022, 4, 5), date(2022, 4, 6)))
    assert own_words(page()) == OwnWords()


@pytest.mark.parametrize("day", ["0001-01-01T00:00:00Z", "5 April 2022", "2022-02-30", "today"])
def test_what_is_no_day_is_passed_over(day: str) -> None:
    """A stamp that stands where a system had none, and what is not ISO 8601."""
    assert own_words(page(meta("article:published_time", day))).days == ()


@pytest.mark.parametrize(
    ("own", "same"),
    [
        (HEAD, True),
        (f"{HEAD} | The Ferryman", True),
        ("Otters return – to the weir — Ferryman", True),
        (f"{HEAD.upper()}!", True),
        (f"{HEAD} again", False),
        ("Badgers", False),
    ],
)
def test_only_the_name_of_the_site_may_be_missing(own: str, same: bool) -> None:
    """A headline that is longer by words of its own is another one."""
    said = {"p": OwnWords((own,))}
    assert headlines_agree({"p": article()}, said) == Agreement(1, int(same), () if same else ("p",))


def test_pages_that_say_nothing_do_not_count() -> None:
    """Only where there is something to compare with; a page that was read without a day disagrees."""
    said = {"a": OwnWords(), "b": OwnWords((), (date(2022, 4, 5),)), "c": OwnWords((), (date(2022, 4, 5),))}
    pages = {"a": article(), "b": article(day=date(2022, 4, 5)), "c": article()}
    assert days_agree(pages, said) == Agreement(2, 1, ("c",))
    assert headlines_agree(pages, said) == Agreement(0, 0, ())
