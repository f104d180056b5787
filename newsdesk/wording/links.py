"""Addresses of article pages: `/article/{id}?mark=PARAGRAPH-START-END#pPARAGRAPH`."""

from __future__ import annotations

import re
from urllib.parse import quote as percent_encoded

from newsdesk.types import Span

_HTTP_URL = re.compile(r"https?://[^\s\x00-\x20\x7f]+", re.IGNORECASE)
_WORDS_AT_AN_END = 6
"""Of a long quotation a browser is told how it begins and how it ends."""

_MARK = re.compile(r"(\d{1,9})-(\d{1,9})-(\d{1,9})", re.ASCII)


def article_link(article_id: str, *, paragraph: int | None = None, mark: Span | None = None) -> str:
    """Path of an article's page, scrolled to `paragraph`; with `mark` its characters are highlighted.

    A browser keeps the part after # to itself, so `mark` names its paragraph too. `parse_mark` reads it back.
    """
    # Browsers resolve "." and ".." between slashes before they ask, so such an id keeps its slashes encoded.
    dotted = any(part in (".", "..") for part in article_id.split("/"))
    link = f"/article/{percent_encoded(article_id, safe='' if dotted else '/')}"
    if mark is not None:
        link += f"?mark={mark.paragraph}-{mark.start}-{mark.end}"
        paragraph = mark.paragraph
    return link if paragraph is None else f"{link}#p{paragraph}"


def parse_mark(value: str | None) -> Span | None:
    """The span that a link's `mark` names; None when there is none or it cannot be read."""
    match = _MARK.fullmatch(value or "")
    return Span(*map(int, match.groups())) if match else None


def http_url(url: str) -> str:
    """`url` when it may become a link, else nothing."""
    return url if _HTTP_URL.fullmatch(url) else ""


def original_link(url: str, quote: str) -> str:
    """A publisher's page, scrolled by the browser to the quotation where it stands there; nothing if `url` is no address."""
    words = quote.split()
    ends = [words] if len(words) <= 2 * _WORDS_AT_AN_END else [words[:_WORDS_AT_AN_END], words[-_WORDS_AT_AN_END:]]
    # A hyphen, a comma and an ampersand mean something in such a fragment.
    text = ",".join(percent_encoded(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    if not http_url(url) or not text:
        return http_url(url)
    return f"{url}{'' if '#' in url else '#'}:~:text={text}"
