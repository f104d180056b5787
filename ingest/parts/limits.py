"""How much one article may hold. What is larger was never one article, and would take the memory of all others."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.errors import Unreadable
from newsdesk.types import Article

MAX_BYTES = 16 * 1024 * 1024
"""The most that one article (one line of JSON, one page, one text) may take, unpacked: a page with its pictures in it."""
MAX_CHARACTERS = 1_000_000
"""Of text: a thick book. The longest of 2,831 web articles has 100,000."""
MAX_PARAGRAPHS = 20_000
"""A thick book has about 10,000, the longest web article 1,077."""
MAX_FIELD = 2_000
"""Characters of an id, a headline or an address: each passage is found by its headline too, and each citation names it."""
MAX_AUTHORS = 1_000
MAX_ELEMENTS = 50_000
"""Of a page. With 40,000 trafilatura took 1.5 to 8 s on a busy core, by kind; ten times as many, more than a minute."""
MAX_ATTRIBUTES = 1_000
"""Of one element. The time lxml takes grows with their square: 500,000 were not read in 40 s."""


def check_text(text: str) -> None:
    """Raises Unreadable if it is more than one article's; before any work on it."""
    _check("characters of text", len(text), MAX_CHARACTERS)


def check_paragraphs(paragraphs: Sequence[str]) -> None:
    """Raises Unreadable if they are too many, or too long together."""
    _check("paragraphs", len(paragraphs), MAX_PARAGRAPHS)
    _check("characters of text", sum(map(len, paragraphs)), MAX_CHARACTERS)


def check_article(article: Article) -> None:
    """Raises Unreadable, naming the part, if any part of the article is larger than an article's can be."""
    check_paragraphs(article.paragraphs)
    _check("authors", len(article.authors), MAX_AUTHORS)
    for part in ("id", "title", "source", "url", "agency", "section", "language"):
        _check(f"characters in its {part}", len(getattr(article, part)), MAX_FIELD)
    _check("characters in an author's name", max(map(len, article.authors), default=0), MAX_FIELD)


def _check(what: str, number: int, most: int) -> None:
    if number > most:
        raise Unreadable(f"has {number:,} {what}, more than one article may have ({most:,})")
