"""Reads NewsML-G2 (news items alone, in messages and with their text inline) and NewsML 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.formats.iptc.nitf import record_of_nitf
from ingest.formats.iptc.wire import Record, article_or_reason, elements, first, language_of, text_of, web_address
from ingest.parts.byline import agency_of
from ingest.parts.markup import local_name, paragraphs_of_element, paragraphs_of_markup
from newsdesk.types import Article, Rejected

if TYPE_CHECKING:
    from lxml.etree import _Element

_NO_TEXT = {
    "packageitem": "is a package: a list of other items, without a text of its own",
    "planningitem": "plans a coverage and holds no story",
    "conceptitem": "describes a concept and holds no story",
    "knowledgeitem": "describes concepts and holds no story",
    "catalogitem": "is a catalogue of codes and holds no story",
    "catalog": "is a catalogue of codes and holds no story",
}
ROOTS = frozenset((*_NO_TEXT, "newsitem", "newsmessage", "newsml"))
_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def articles_of_newsml(root: _Element, origin: str) -> Iterator[Article | Rejected]:
    """The article of each text in a document, and a Rejected for each other item; one for a message that holds none."""
    items = list(elements(root, "newsitem") if local_name(root) == "newsml" else elements(root, "newsitem", *_NO_TEXT))
    if not items:
        yield Rejected(origin, "", "is a message without any item")
    for number, item in enumerate(items):
        place = f"{origin}:{number + 1}" if len(items) > 1 else origin
        if reason := _NO_TEXT.get(local_name(item)):
            yield Rejected(place, (item.get("guid") or "")[:200], reason)
        else:
            yield article_or_reason(_record(item), place)


def _record(item: _Element) -> Record:
    inner = first(item, "contentset") if item.get("guid") is not None else item
    nitf = first(inner, "nitf")
    record = record_of_nitf(nitf) if nitf is not None else Record(paragraphs=_paragraphs(inner))
    said = _said(item) if item.get("guid") is not None else _said_in_newsml_1(item)
    for name, value in said.items():
        if value:
            record[name] = value
    record.status, record.kind = said.status or record.status, said.kind
    record.embargoed = said.embargoed or record.embargoed
    return record


def _said(item: _Element) -> Record:
    """What the metadata of NewsML-G2 say."""
    about, content = first(item, "itemmeta"), first(item, "contentmeta")
    headlines = [element for element in elements(item, "headline") if (element.get("role") or "").find("deck") < 0]
    days = (first(content, "contentcreated"), first(about, "firstcreated"), first(about, "versioncreated"))
    bylines = [text_of(element) for element in elements(content, "by")] if content is not None else []
    creators = [_name(element) for element in elements(content, "creator")] if content is not None else []
    guid = item.get("guid") or ""
    said = Record(
        id=guid,
        title=text_of(headlines[0]) if headlines else text_of(first(about, "title")),
        authors=[name for name in bylines or creators if name],
        published=next((text for day in days if (text := text_of(day))), ""),
        source=_source(item, about),
        agency=agency_of([_name(first(content, "infosource"))]),
        language=language_of(_attribute(first(content, "language"), "tag") or item.get(_XML_LANGUAGE)),
        url=web_address(guid),
        version=item.get("version") or "",
        modified=text_of(first(about, "versioncreated")),
    )
    said.status = _code(first(about, "pubstatus"))
    said.embargoed = text_of(first(about, "embargoed"))
    said.kind = _code(first(about, "itemclass")).rpartition(":")[2]
    return said


def _source(item: _Element, about: _Element | None) -> str:
    """Who published it: the provider's name, or else the copyright holder's."""
    provider = first(about, "provider")
    literal = _attribute(provider, "literal") or _attribute(provider, "qcode").rpartition(":")[2]
    return _name(provider) or _name(first(item, "copyrightholder")) or literal


def _said_in_newsml_1(item: _Element) -> Record:
    status = first(item, "status")
    said = Record(
        id=text_of(first(item, "publicidentifier")),
        title=text_of(first(item, "headline")),
        authors=[text_of(element) for element in elements(item, "byline")],
        published=text_of(first(item, "firstcreated")) or text_of(first(item, "dateid")),
        source=_attribute(first(item, "provider", "party"), "formalname") or text_of(first(item, "providerid")),
        language=language_of(_attribute(first(item, "language"), "formalname")),
        version=text_of(first(item, "revisionid")),
        modified=text_of(first(item, "thisrevisioncreated")),
    )
    said.status = _attribute(status, "formalname")
    return said


def _paragraphs(content: _Element | None) -> list[str]:
    """The longest text that an item carries: XHTML or what names its paragraphs alike, plain text, or HTML in it.

    Other XML, such as the tables of results in SportsML, is no text.
    """
    found: list[list[str]] = [[]]
    for element in elements(content, "inlinexml", "inlinedata", "datacontent") if content is not None else ():
        body = first(element, "body")
        if body is not None or first(element, "p") is not None:
            found.append(list(paragraphs_of_element(body if body is not None else element)))
        elif not len(element):
            found.append(list(paragraphs_of_markup(element.text or "")))
    return max(found, key=lambda paragraphs: sum(map(len, paragraphs)))


def _name(element: _Element | None) -> str:
    """The name in an element, or its literal."""
    return text_of(first(element, "name")) or _attribute(element, "literal")


def _code(element: _Element | None) -> str:
    return _attribute(element, "qcode") or _attribute(element, "uri")


def _attribute(element: _Element | None, name: str) -> str:
    """An attribute, whatever case its name is written in."""
    if element is None:
        return ""
    return next((value for key, value in element.attrib.items() if key.lower() == name), "")
