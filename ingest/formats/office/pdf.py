"""Reads PDF files that hold text; layout is kept only as far as it parts paragraphs."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

from ingest.formats.text import first_words
from ingest.parts.clean import blocks_of, one_line, unwrapped
from ingest.parts.limits import MAX_CHARACTERS
from ingest.record import article_from, log
from newsdesk.errors import Unreadable
from newsdesk.types import Article

_OPTIONAL = "is a PDF, and what reads them is not installed. Where Newsdesk runs: pip install 'newsdesk[office]'"
_MOST_PAGES = 500
_HYPHENS = ("-", "\N{SOFT HYPHEN}")


def read_pdf(path: Path, name: str) -> Article:
    """The article in a file. Raises Unreadable if it holds no text, is locked or damaged, or pypdf is not installed."""
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise Unreadable(_OPTIONAL) from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every flaw that it mends
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("is a PDF locked with a password")
        if len(reader.pages) > _MOST_PAGES:
            raise Unreadable(f"has {len(reader.pages)} pages, more than one article may have ({_MOST_PAGES})")
        pages, size = [], 0
        for page in reader.pages:
            pages.append(page.extract_text())
            size += len(pages[-1])
            if size > MAX_CHARACTERS:
                raise Unreadable(f"has more than {MAX_CHARACTERS:,} characters of text")
        about = reader.metadata
        title, author = (one_line(about.title or ""), one_line(about.author or "")) if about else ("", "")
    except (
        PyPdfError,
        AssertionError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        RecursionError,
        OverflowError,
    ) as error:
        raise Unreadable(f"is a damaged PDF ({one_line(str(error))[:100]})") from error
    paragraphs = _paragraphs(pages)
    if not paragraphs:
        raise Unreadable("is a PDF without text: pictures of pages, which Newsdesk does not read")
    record = {"title": title or first_words(paragraphs[0]), "paragraphs": paragraphs, "authors": author}
    return article_from(record, partial(log.warning, "%s: %s", name))


def _paragraphs(pages: list[str]) -> list[str]:
    """Lines joined to paragraphs: a short line that ends a sentence ends one, and so does a blank line."""
    lines: list[str] = []
    for block in blocks_of("\n".join(pages)):
        width = max(map(len, block))
        lines += unwrapped(_without_hyphens(block), width)
    return lines


def _without_hyphens(lines: list[str]) -> list[str]:
    """Words that are parted at the end of a line, joined again."""
    joined: list[str] = []
    for line in lines:
        if joined and joined[-1].endswith(_HYPHENS) and line[:1].islower():
            word, _, rest = line.partition(" ")
            joined[-1] = joined[-1][:-1] + word
            line = rest
        if line:
            joined.append(line)
    return joined
