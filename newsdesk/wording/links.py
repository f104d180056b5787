"""Addresses of article pages: `/article/{id}?mark=PARAGRAPH-START-END#pPARAGRAPH`."""

from __future__ import annotations

import re
from urllib.parse import quote

from newsdesk.types import Span

_MARK = re.compile(r"(\d{1,9})-(\d{1,9})-(\d{1,9})", re.ASCII)


def article_link(article_id: str, *, paragraph: int | None = None, mark: Span | None = None) -> str:
    """Path of an article's page, scrolled to `paragraph`; with `mark` its characters are highlighted.

    A browser keeps the part after # to itself, so `mark` names its paragraph too. `parse_mark` reads it back.
    """
    # Browsers resolve "." and ".." between slashes before they ask, so such an id keeps its slashes encoded.
    dotted = any(part in (".", "..") for part in article_id.split("/"))
    link = f"/article/{quote(article_id, safe='' if dotted else '/')}"
    if mark is not None:
        link += f"?mark={mark.paragraph}-{mark.start}-{mark.end}"
        paragraph = mark.paragraph
    return link if paragraph is None else f"{link}#p{paragraph}"


def parse_mark(value: str | None) -> Span | None:
    """The span that a link's `mark` names; None when there is none or it cannot be read."""
    match = _MARK.fullmatch(value or "")
    return Span(*map(int, match.groups())) if match else None
