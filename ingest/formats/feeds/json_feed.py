"""Reads JSON Feed, versions 1 and 1.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from ingest.formats.feeds.entry import article_of_entry
from newsdesk.types import Article, Rejected


def is_json_feed(value: Mapping[str, object]) -> bool:
    """True if an object is a feed: it says so itself, or has a title and items as one has."""
    return "jsonfeed.org" in str(value.get("version")) and isinstance(value.get("items"), list)


def articles_of_json_feed(feed: Mapping[str, object], origin: str) -> Iterator[Article | Rejected]:
    """The article of each item, and a Rejected for each that holds none."""
    items = feed["items"]
    assert isinstance(items, list)
    if not items:
        yield Rejected(origin, "", "is a feed without entries")
    for number, item in enumerate(items):
        place = f"{origin}:{number + 1}"
        if not isinstance(item, Mapping):
            yield Rejected(place, "", "is not a JSON object")
            continue
        field = partial(_string, item)
        yield article_of_entry(
            {
                "id": field("id"),
                "title": field("title"),
                "authors": item.get("authors") or item.get("author") or feed.get("authors") or feed.get("author"),
                "published": field("date_published"),
                "modified": field("date_modified"),
                "url": field("url") or field("external_url"),
                "source": _string(feed, "title"),
                "language": (field("language") or _string(feed, "language"))[:2],
            },
            field("content_html") or field("content_text"),
            field("summary"),
            place,
        )


def _string(item: Mapping[str, object], name: str) -> str:
    value = item.get(name)
    return str(value) if isinstance(value, str | int) else ""
