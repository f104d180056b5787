"""Reads sitemaps, news sitemaps and lists of sitemaps: they name pages and hold none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ingest.parts.clean import one_line
from ingest.parts.dates import parse_date
from ingest.parts.markup import local_name
from newsdesk.address import without_login
from newsdesk.types import Elsewhere, Place, Rejected
from newsdesk.wording.counted import counted

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_SITEMAP_BYTES = 50 * 1024 * 1024
"""By the protocol (sitemaps.org), unpacked."""
HOLDS_NONE = "and holds none"
"""How a reason ends of what names pages that would have to be fetched."""


def pages_of_sitemap(root: _Element, origin: str) -> Rejected:
    """The pages, or the sitemaps, that a sitemap names."""
    of_lists = local_name(root) == "sitemapindex"
    places = tuple(place for entry in root if (place := _place(entry, of_lists)))
    what = "sitemap" if of_lists else "page"
    if not places:
        return Rejected(origin, "", f"is a sitemap without {what}s")
    reason = f"is a sitemap: it names {counted(len(places), what)} {HOLDS_NONE}"
    return Elsewhere(origin, "", reason, places)


def _place(entry: _Element, of_lists: bool) -> Place | None:
    # Pictures and films of a page have elements of the same names deeper down: its own go first.
    told: dict[str, str] = {}
    for element in (*entry, *entry.iter()):
        if isinstance(element.tag, str):
            told.setdefault(local_name(element), one_line(element.text or ""))
    address = without_login(told.get("loc", ""))
    if not address:
        return None
    return Place(address, of_lists, parse_date(told.get("publication_date", "")), _moment(told.get("lastmod", "")))


def _moment(text: str) -> datetime | None:
    """A time with its zone; a day alone says nothing of what changed on that day, and is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
