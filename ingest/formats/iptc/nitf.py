"""Reads NITF, the News Industry Text Format: the text of a story with its headline, byline and day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.formats.iptc.wire import Record, elements, first, language_of, text_of
from ingest.parts.markup import paragraphs_of_element
from ingest.parts.moments import moment_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def record_of_nitf(root: _Element) -> Record:
    """What a `nitf` element says, under our own names; what it does not say is "" or missing."""
    record = Record()
    body = first(root, "body.content")
    headline = first(root, "hedline", "hl1")
    record["title"] = text_of(headline if headline is not None else first(root, "head", "title"))
    record["paragraphs"] = list(paragraphs_of_element(body)) if body is not None else []
    record["authors"] = [_person(byline) for byline in elements(root, "byline")]
    record["source"] = _source(root)
    record["published"] = _day(root, "date.issue") or _day(root, "date.release")
    record["id"] = _attribute(first(root, "doc-id"), "id-string") or _attribute(first(root, "du-key"), "key")
    said = (element.get(_XML_LANGUAGE) for element in (root, first(root, "body"), body) if element is not None)
    record["language"] = language_of(next(filter(None, said), ""))
    record["version"] = _attribute(first(root, "du-key"), "version")
    revisions = (_attribute(element, "norm") for element in elements(root, "revision-history"))
    record["modified"] = max(map(moment_of, revisions), default="")
    data = first(root, "docdata")
    record.status = _attribute(data, "management-status")
    record.embargoed = _attribute(first(root, "date.release"), "norm") if record.status == "embargoed" else ""
    return record


def _person(byline: _Element) -> str:
    """The persons that a byline marks, or else all of it but the title of a post."""
    persons = [text_of(person) for person in elements(byline, "person")]
    if persons:
        return "; ".join(persons)
    post = first(byline, "byttl")
    line = text_of(byline)
    return line.replace(text_of(post), "").rstrip(" ,") if post is not None else line


def _source(root: _Element) -> str:
    holder = _attribute(first(root, "doc.copyright"), "holder")
    return text_of(first(root, "distributor")) or _attribute(first(root, "pubdata"), "name") or holder


def _day(root: _Element, name: str) -> str:
    """ "20080219T101500+0100" and "20080219+0100" as they are: `ingest.parts.dates` reads both."""
    return _attribute(first(root, name), "norm")


def _attribute(element: _Element | None, name: str) -> str:
    return (element.get(name) or "") if element is not None else ""
