"""What the pages of a benchmark say themselves about headline and day, and how often the reader of pages says the same.

Read here apart from the reader that is measured, and as plainly as can be: JSON-LD, Open Graph and other `<meta>`.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from lxml.html import HtmlElement, HTMLParser, fromstring

from newsdesk.types import Article

_ARTICLE = re.compile(r"Article|BlogPosting|Report$")
_HEADLINES = ("og:title", "twitter:title")
_DAYS = (
    "article:published_time",
    "datePublished",
    "date",
    "pubdate",
    "publishdate",
    "parsely-pub-date",
    "dc.date.issued",
)
_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Every headline and every day that a page names as its own."""

    headlines: tuple[str, ...] = ()
    days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the pages that say something: how many there are, how many were read so, and the others by name."""

    pages: int
    same: int
    other: tuple[str, ...]


def own_words(page: str) -> OwnWords:
    """The headlines and days in the metadata of a page; days that are not written as ISO 8601 are passed over."""
    tree = fromstring(page.encode(errors="replace"), parser=HTMLParser(encoding="utf-8"))
    articles = list(_articles(tree))
    headlines = [*_texts(articles, "headline"), *_metas(tree, _HEADLINES)]
    days = [*_texts(articles, "datePublished"), *_metas(tree, _DAYS)]
    return OwnWords(
        tuple(html.unescape(text) for text in headlines), tuple(day for text in days for day in _days(text))
    )


def headlines_agree(pages: Mapping[str, Article], said: Mapping[str, OwnWords]) -> Agreement:
    """A headline agrees with one that the page names if it is that, or that without the name of the site behind it."""
    right = {name: any(_begins(own, pages[name].title) for own in said[name].headlines) for name in pages}
    return _agreement({name: right[name] for name in pages if said[name].headlines})


def days_agree(pages: Mapping[str, Article], said: Mapping[str, OwnWords]) -> Agreement:
    """A day agrees if the page names it; zones move none."""
    return _agreement({name: pages[name].published in said[name].days for name in pages if said[name].days})


def _agreement(right: Mapping[str, bool]) -> Agreement:
    return Agreement(len(right), sum(right.values()), tuple(name for name, same in right.items() if not same))


def _begins(own: str, title: str) -> bool:
    """Letters and digits compared; what follows the title has to be parted from it by a dash or a bar."""
    parts = re.split(r"\s[|–—·-]\s", own)
    starts = ("".join(parts[:end]) for end in range(1, len(parts) + 1))
    return _bare(title) in map(_bare, starts)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _articles(tree: HtmlElement) -> Iterator[dict[str, object]]:
    for script in tree.xpath('//script[contains(@type, "ld+json")]'):
        try:
            found = json.loads(script.text or "", strict=False)
        except ValueError:
            continue
        for item in _objects(found):
            kinds = item.get("@type")
            if any(_ARTICLE.search(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])):
                yield item


def _objects(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for item in inner:
        yield from _objects(item)


def _texts(items: list[dict[str, object]], name: str) -> list[str]:
    return [value for item in items if isinstance(value := item.get(name), str) and value.strip()]


def _metas(tree: HtmlElement, names: tuple[str, ...]) -> Iterator[str]:
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        if name in names and (meta.get("content") or "").strip():
            yield meta.get("content")


def _days(text: str) -> Iterator[date]:
    """The day; none if it is before printing, which stands where a system had none."""
    if match := _ISO_DAY.match(text.strip()):
        try:
            day = date(*map(int, match.groups()))
        except ValueError:
            return
        if day.year > 1:
            yield day
