"""A conversation of three turns about al-Bab, and what every client must be told in it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx
from markdown_it import MarkdownIt

from tests.support import RunningService

TURNS = (
    ("Which air forces bombed al-Bab together?", "Russia and Turkey", "al-bab"),
    ("How many planes took part?", "Seventeen planes", "el-bab-raid"),
    ("When did they bomb it?", "on Wednesday", "russia-turkey-al-bab"),
)
"""What is asked, words of the answer, and of the id of an article that it cites."""


def check_sources(service: RunningService, said: dict[str, Any]) -> None:
    """Every citation is what its article says there, and its address opens the article with the quote marked."""
    assert said["citations"]
    for cited in said["citations"]:
        article = httpx.get(f"{service.url}/api/articles/{cited['article_id']}", timeout=60).json()
        paragraph = article["paragraphs"][cited["paragraph"]]
        assert paragraph[cited["start_char_index"] : cited["end_char_index"]] == cited["cited_text"]
        assert cited["url"].startswith(f"{service.url}/article/")
        assert cited["url"].endswith(f"#p{cited['paragraph']}")
        check_address(service, cited["url"])


def check_address(service: RunningService, url: str) -> None:
    """It leads to a paragraph of an article of this service, in which words are marked."""
    assert url.startswith(f"{service.url}/article/")
    page = httpx.get(url, timeout=60)
    assert page.status_code == 200
    assert "<mark>" in page.text
    assert f'id="{urlsplit(url).fragment}"' in page.text


def linked(content: str) -> list[str]:
    """Where the markers of an answer lead once its Markdown is rendered, in their order."""
    found: dict[str, str] = {}
    for url, marker in re.findall(r'<a href="([^"]+)"[^>]*>(\d+)</a>', MarkdownIt("commonmark").render(content)):
        found[marker] = unescape(url)
    return [found[marker] for marker in sorted(found, key=int)]
