"""Reads RSS of every version, Atom and CDF from a file, well-formed or not; feedparser finds the entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

from ingest.formats.feeds.entry import article_of_entry
from ingest.parts.clean import one_line
from ingest.parts.dates import parse_date
from ingest.parts.markup import paragraphs_of_markup
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_MOST_ENTRIES = 50_000


def articles_of_feed(data: bytes, origin: str) -> Iterator[Article | Rejected]:
    """The article of each entry, and a Rejected for each that carries none. Raises Unreadable if there is no entry."""
    import feedparser

    try:
        feed = feedparser.parse(BytesIO(data), sanitize_html=True, resolve_relative_uris=False)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError) as error:
        raise Unreadable(f"is a feed that cannot be read ({one_line(str(error))[:100]})") from error
    if len(feed.entries) > _MOST_ENTRIES:
        raise Unreadable(f"has {len(feed.entries):,} entries, more than a feed may have ({_MOST_ENTRIES:,}); split it")
    if not feed.entries:
        raise Unreadable("is a feed without entries")
    about = feed.feed
    for number, entry in enumerate(feed.entries):
        contents = [item.get("value") or "" for item in entry.get("content") or []]
        yield article_of_entry(
            {
                "id": _text(entry.get("id")),
                "title": _plain(entry.get("title")),
                "authors": [_text(author.get("name")) for author in entry.get("authors") or [] if author.get("name")],
                "published": _day(entry),
                "modified": _text(dict.get(entry, "updated")),  # entry.get takes another day where it is missing
                "url": _text(entry.get("link")),
                "source": _plain(about.get("title")),
                "language": _text(about.get("language"))[:2].lower(),
                "section": _text((entry.get("tags") or [{}])[0].get("term")),
            },
            max(contents, key=len, default=""),
            _text(entry.get("summary")),
            f"{origin}:{number + 1}",
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _plain(value: object) -> str:
    """A title without tags: feeds mark them up, too."""
    return " ".join(paragraphs_of_markup(_text(value)))


def _day(entry: Any) -> str:
    """The day as it is written, else as feedparser understood it, which knows odder forms."""
    for name in ("published", "created", "updated"):
        # dict's own get: feedparser's takes `published` for `updated`, with a warning.
        written, parsed = _text(dict.get(entry, name)), dict.get(entry, f"{name}_parsed")
        if written or parsed:
            if not parse_date(written) and parsed and parsed.tm_year > 1:
                return date(parsed.tm_year, parsed.tm_mon, parsed.tm_mday).isoformat()
            return written
    return ""
