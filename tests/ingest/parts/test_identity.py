"""Identity: the source's own id, else the canonical address, else what the article says."""

from __future__ import annotations

import re

import pytest

from ingest.parts.identity import article_id
from newsdesk.address import canonical_url

PARAGRAPHS = ("The ferry sank at noon.", "Nobody was hurt.")


def test_the_own_id_is_kept_to_the_letter() -> None:
    """An id of the source is never changed, whatever it holds."""
    assert article_id("tag:Herald/2021 05/Ferry#1", "https://herald.example/ferry", "Ferry", PARAGRAPHS) == (
        "tag:Herald/2021 05/Ferry#1"
    )


def test_blank_values_are_absent() -> None:
    """A blank id gives way to the address, a blank address to the content."""
    assert article_id(" ", "https://herald.example/ferry", "Ferry", PARAGRAPHS) == "https://herald.example/ferry"
    assert re.fullmatch(r"sha256:[0-9a-f]{16}", article_id("", " \n", "Ferry", PARAGRAPHS))


def test_content_decides_where_nothing_else_does() -> None:
    """The same words give the same id, other words another; a relative address does not count."""
    own = article_id("", "", "Ferry", PARAGRAPHS)
    assert article_id("", "/news/1", "Ferry", list(PARAGRAPHS)) == own
    assert article_id("", "", "Ferry sinks", PARAGRAPHS) != own
    assert article_id("", "", "Ferry", PARAGRAPHS[:1]) != own


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://WWW.Herald.Example/News/Ferry", "https://www.herald.example/News/Ferry"),
        ("https://herald.example:443/ferry/", "https://herald.example/ferry"),
        ("http://herald.example:80", "http://herald.example/"),
        ("http://herald.example:8080/ferry", "http://herald.example:8080/ferry"),
        ("https://herald.example/ferry#comments", "https://herald.example/ferry"),
        (
            "https://herald.example/ferry?id=7&utm_source=x&UTM_Medium=y&fbclid=1&gclid=2&page=2",
            "https://herald.example/ferry?id=7&page=2",
        ),
        ("https://herald.example/?utm_campaign=x", "https://herald.example/"),
        ("https://reader:secret@herald.example/ferry", "https://herald.example/ferry"),
        ("https://[2001:DB8::1]:443/ferry", "https://[2001:db8::1]/ferry"),
        ("  https://herald.example/a%20b?q=a+b  ", "https://herald.example/a%20b?q=a+b"),
    ],
)
def test_spellings_of_one_address_meet(url: str, canonical: str) -> None:
    """Case of scheme and host, default port, fragment, tracking and trailing slash do not make another article."""
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url", ["", "/news/1", "herald.example/ferry", "javascript:alert(1)", "https://", "http://[::1", "http://a:b/"]
)
def test_what_is_no_web_address_is_none(url: str) -> None:
    """Only a full http(s) address identifies an article."""
    assert canonical_url(url) == ""
