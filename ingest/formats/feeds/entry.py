"""One entry of a feed as an article."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from ingest.parts.dates import parse_date
from ingest.parts.markup import paragraphs_of_markup
from ingest.record import article_from, log, storable
from newsdesk.address import without_login
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Elsewhere, Place, Rejected

_CUT = re.compile(
    r"(?:\[?(?:…|\.\.\.|&#8230;|&hellip;)\]?|(?:continue reading|read more|weiterlesen|lire la suite)\W*)$", re.I
)
IS_SUMMARY = "carries a summary, not the article"
"""How a reason begins of what would have to be fetched."""
_FULL_STORY = 80
"""Words. What calls itself a summary and is longer is the story all the same; teasers have 20 to 60."""


def article_of_entry(about: Mapping[str, object], content: str, summary: str, origin: str) -> Article | Rejected:
    """The article of an entry with these fields, or why it is none.

    `content` is the story as the feed carries it, `summary` what stands for it. A summary is never stored as the
    article when there is a page that holds the article.
    """
    about = {**about, "id": without_login(str(about.get("id") or ""))}
    own_id = storable(str(about["id"] or without_login(str(about.get("url") or ""))))[:200]
    try:
        paragraphs = paragraphs_of_markup(content) or ()
        if not paragraphs or _is_cut(paragraphs):
            told = paragraphs or paragraphs_of_markup(summary)
            address = without_login(str(about.get("url") or ""))
            if address and (_is_cut(told) or len(" ".join(told).split()) < _FULL_STORY):
                reason = f"{IS_SUMMARY}; that is at {address[:300]}"
                day = parse_date(str(about.get("published") or ""))
                return Elsewhere(origin, own_id, reason, (Place(address, published=day),))
            paragraphs = told
        if not paragraphs:
            return Rejected(origin, own_id, "is an entry without text")
        return article_from({**about, "paragraphs": list(paragraphs)}, partial(log.warning, "%s: %s", origin))
    except Unreadable as error:
        return Rejected(origin, own_id, str(error))


def _is_cut(paragraphs: tuple[str, ...]) -> bool:
    return bool(paragraphs) and _CUT.search(paragraphs[-1]) is not None
