"""One JSON object of a source as an article."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

from ingest.parts.byline import agency_of, authors_of
from ingest.parts.clean import one_line, paragraphs_of, without_boilerplate
from ingest.parts.dates import parse_date
from ingest.parts.identity import article_id, canonical_url
from ingest.parts.limits import check_article, check_paragraphs, check_text
from newsdesk.errors import Unreadable
from newsdesk.types import Article

_log = logging.getLogger("newsdesk.ingest")

SHOWN = 200  # characters of a value in a message


# Control characters and lone surrogates: an id is kept to the letter, and with these it could not be stored or linked.
_UNFIT_FOR_ID = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def article_of(record: Mapping[str, object], origin: str, warn: Callable[[str], None] | None = None) -> Article:
    """The article that a JSON object describes; null and "" are absent, unknown fields are ignored.

    `warn` is told what was left out, such as a date that cannot be read; without it that goes into the log, where
    `origin` names the object. Raises Unreadable if there is no text or a field has the wrong type.
    """
    warn = warn or partial(_log.warning, "%s: %s", origin)
    own_id = _own_id(record)
    title = one_line(_string(record, "title"))
    paragraphs = _paragraphs(record)
    if not paragraphs:
        raise Unreadable("has no text: neither 'text' nor 'paragraphs' holds a paragraph")
    authors = _authors(record)
    url = _url(record, warn)
    article = Article(
        id=article_id(own_id, url, title, paragraphs),
        title=title,
        paragraphs=paragraphs,
        source=one_line(_string(record, "source")),
        authors=authors,
        published=_published(record, warn),
        url=url,
        agency=one_line(_string(record, "agency")) or agency_of(authors, paragraphs),
        section=one_line(_string(record, "section")),
        language=one_line(_string(record, "language")),
    )
    check_article(article)
    return article


def _own_id(record: Mapping[str, object]) -> str:
    own_id = record.get("id")
    if isinstance(own_id, int) and not isinstance(own_id, bool):
        return str(own_id)  # many exports number their articles
    own_id = _string(record, "id")
    if _UNFIT_FOR_ID.search(own_id):
        raise Unreadable(f"the id {storable(own_id[:SHOWN])!r} holds characters that cannot be stored or linked")
    return own_id


def _paragraphs(record: Mapping[str, object]) -> tuple[str, ...]:
    listed = record.get("paragraphs")
    if listed is None or listed == "":
        listed = []
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise Unreadable(f"'paragraphs' is {kind_of(listed)}, not a list of strings")
    check_paragraphs(listed)
    paragraphs = tuple(filter(None, map(one_line, listed)))
    if not paragraphs:
        text = _string(record, "text")
        check_text(text)
        paragraphs = paragraphs_of(text)
        check_paragraphs(paragraphs)
    return without_boilerplate(paragraphs)


def _authors(record: Mapping[str, object]) -> tuple[str, ...]:
    """From `authors` or `author`: a string, or a list of strings or of objects with a `name` (JSON Feed)."""
    given = record.get("authors") or record.get("author") or ""
    names: list[str] = []
    for item in given if isinstance(given, list) else [given]:
        name = item.get("name") if isinstance(item, dict) else item
        if not isinstance(name, str | None):
            raise Unreadable(f"an author is {kind_of(item)}, not a string")
        names.extend(authors_of(one_line(name or "")))
    return tuple(dict.fromkeys(names))


def _published(record: Mapping[str, object], warn: Callable[[str], None]) -> date | None:
    given = record.get("published") or record.get("date")
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    day = parse_date(given) if isinstance(given, str) else None
    if day is None:
        warn(f"the date {repr(given)[:SHOWN]} cannot be read; the article is kept undated")
    return day


def _url(record: Mapping[str, object], warn: Callable[[str], None]) -> str:
    url = one_line(_string(record, "url"))
    if url and not canonical_url(url):
        # Links are shown to readers: "javascript:..." must never become one, and "/news/1" leads nowhere.
        warn(f"{url[:SHOWN]!r} is not a web address; the article is kept without it")
        return ""
    return url


def _string(record: Mapping[str, object], field: str) -> str:
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{field!r} is {kind_of(value)}, not a string")
    return value


def kind_of(value: object) -> str:
    """What JSON calls the type of `value`, for messages."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return "a string" if isinstance(value, str) else "a number"


def storable(text: str) -> str:
    return _UNFIT_FOR_ID.sub("\N{REPLACEMENT CHARACTER}", text)
