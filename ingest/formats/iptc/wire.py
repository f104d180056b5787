"""What the wire formats share: XML read safely, and what a sender says about the use of an item."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, date, datetime, time
from functools import partial
from html.entities import html5
from typing import TYPE_CHECKING

from ingest.parts.byline import authors_of, is_agency
from ingest.parts.clean import one_line
from ingest.parts.dates import parse_date
from ingest.parts.markup import local_name
from ingest.parts.moments import edition_of, exact_moment, moment_of
from ingest.record import article_from, log, storable
from newsdesk.address import canonical_url
from newsdesk.errors import Unreadable
from newsdesk.types import Article, HeldArticle, Rejected, Withdrawn
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    from lxml.etree import _Element

_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_XML_OWN = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_CANCELLED = re.compile(r"(?:^|[:/])cancell?ed$|^kill(?:ed)?$|take-?down$", re.IGNORECASE)
_WITHHELD = re.compile(r"(?:^|[:/])withheld$", re.IGNORECASE)
_BY_IN = {
    "de": "von",
    "fr": "par",
    "es": "por",
    "pt": "por",
    "it": "di",
    "nl": "door",
    "sv": "av",
    "nb": "av",
    "no": "av",
    "da": "af",
}
_TEXT_CLASSES = frozenset(("", "text", "composite", "newsitem"))


class Record(dict[str, object]):
    """An item under our own names for its fields, as `ingest.record` reads them, and what its sender says of it."""

    status: str = ""
    embargoed: str = ""
    kind: str = ""


def parse_xml(data: bytes) -> _Element:
    """The root of a document. No file and no address that it names is opened. Raises Unreadable, saying what is wrong."""
    from lxml import etree

    if b"<!ENTITY" not in data[:4096]:
        data = _ENTITY.sub(_as_number, data)
    parser = etree.XMLParser(
        resolve_entities="internal", no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"is not well-formed XML: {one_line(str(error))[:200]}") from error


def _as_number(entity: re.Match[bytes]) -> bytes:
    """HTML's named characters, which XML without its DTD does not know."""
    name = entity.group(1)
    text = None if name in _XML_OWN else html5.get(name.decode() + ";")
    return entity.group() if text is None else "".join(f"&#{ord(character)};" for character in text).encode()


def article_or_reason(record: Record, origin: str) -> Article | Rejected:
    """The article of an item, or why it is none: not a text, taken back, or without what an article needs.

    One that must not be read yet is a HeldArticle.
    """
    warn: Callable[[str], None] = partial(log.warning, "%s: %s", origin)
    own_id = storable(str(record.get("id") or ""))[:200]
    if _CANCELLED.search(record.status):
        return Withdrawn(
            origin,
            own_id,
            f"was withdrawn by its sender (status {record.status})",
            edition_of(record.get("version")),
            moment_of(record.get("modified")),
        )
    if record.kind.lower() not in _TEXT_CLASSES:
        return Rejected(origin, own_id, f"is no text but of the kind {quoted(record.kind)}")
    paragraphs = record.get("paragraphs")
    if isinstance(paragraphs, list):
        record["paragraphs"] = paragraphs[1:] if paragraphs[:1] == [record.get("title")] else paragraphs
    if not record.get("paragraphs"):
        return Rejected(origin, own_id, "has no text in it, only what describes one")
    try:
        return _with_its_time(article_from(record, warn), record)
    except Unreadable as error:
        return Rejected(origin, own_id, str(error))


def _with_its_time(article: Article, record: Record) -> Article:
    """The article with the time that its sender sets. Raises Unreadable for a time that nobody can tell."""
    embargo = record.embargoed.strip()
    is_withheld = _WITHHELD.search(record.status) is not None
    if not embargo and not is_withheld:
        return article
    until = None if is_withheld else _moment(embargo)
    if until is not None and until <= datetime.now(UTC):
        return article
    given = {field.name: getattr(article, field.name) for field in fields(Article)}
    return HeldArticle(**given, until=until)


def _moment(embargo: str) -> datetime:
    """In UTC where it names no zone; a day alone ends when it begins."""
    moment = exact_moment(embargo)
    day = parse_date(embargo) if moment is None else None
    if moment is None and day is None:
        raise Unreadable(f"is embargoed until {quoted(embargo, 80)}, which cannot be read; correct it, or leave it out")
    return moment or datetime.combine(day or date.max, time(), UTC)


def web_address(uri: str) -> str:
    """`uri` if a browser may open it, else ""."""
    return uri if canonical_url(uri) else ""


def elements(root: _Element, *names: str) -> Iterator[_Element]:
    """The elements with one of these local names, in document order."""
    return (element for element in root.iter() if local_name(element) in names)


def first(root: _Element | None, *path: str) -> _Element | None:
    """The first element below `root` that a path of local names leads to."""
    for name in path:
        if root is None:
            return None
        root = next((element for element in root.iter() if element is not root and local_name(element) == name), None)
    return root


def text_of(element: _Element | None) -> str:
    """All text of an element on one line; "" for None."""
    return one_line(" ".join(element.itertext())) if element is not None else ""


def language_of(tag: object) -> str:
    """The language of a tag such as "nb-NO"."""
    return tag.split("-")[0].lower() if isinstance(tag, str) else ""


def names_of_byline(byline: str, language: str) -> list[str]:
    """The authors that a byline names in its language, and the agency behind a comma ("Von Jane Doe, dpa")."""
    words = one_line(byline)
    by = _BY_IN.get(language)
    if by and words.lower().startswith(f"{by} "):
        words = words[len(by) + 1 :]
    before, _, behind = words.rpartition(", ")
    return [*authors_of(before), behind] if before and is_agency(behind) else list(authors_of(words))


def named(value: object, *names: str) -> str:
    """The first non-empty string of an object under one of these names."""
    if not isinstance(value, Mapping):
        return ""
    return next((text for name in names if isinstance(text := value.get(name), str) and text), "")
