"""Reads ninjs, IPTC's news in JSON, of versions 1 to 3: what one version nests or capitalises, another does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.formats.iptc.nitf import record_of_nitf
from ingest.formats.iptc.wire import (
    Record,
    article_or_reason,
    language_of,
    named,
    names_of_byline,
    parse_xml,
    web_address,
)
from ingest.parts.markup import paragraphs_of_markup
from newsdesk.types import Article, Rejected

_OF_NINJS = frozenset(
    "versioncreated firstcreated pubstatus bodies headlines descriptions representationtype usageterms copyrightholder infosource"
    " infosources altids renditions trustindicators rightsinfo eventdetails plannedcoverage associations body_xhtml body_text"
    " body_html $standard urgency".split()
)
_BODY_KINDS = ("xhtml", "html", "main", "nitf", "text")
"""Of 1.x as `body_xhtml`, of later versions as roles; those that keep paragraphs go first."""


def is_ninjs(record: Mapping[str, object]) -> bool:
    """True if a JSON object is an item of ninjs: it has a `uri`, and fields that only ninjs calls so."""
    if not isinstance(record.get("uri"), str) or "text" in record or "body" in record:
        return False
    standard = record.get("standard") or record.get("$standard")
    names = {name.lower() for name in record}
    return bool(
        "ninjs" in str(standard).lower() or _OF_NINJS & names or any(name.startswith("body_") for name in names)
    )


def article_of_ninjs(item: Mapping[str, object], origin: str) -> Article | Rejected:
    """The article of an item, or why it is none (a picture, withdrawn, embargoed, without text). Raises Unreadable."""
    item = {name.lower(): value for name, value in item.items()}  # 3.x writes what 2.x does in camel case
    record = _story(item)
    uri, language = str(item["uri"]), language_of(item.get("language"))
    said = {
        "id": uri,
        "title": _headline(item),
        "authors": names_of_byline(named(item, "byline", "by"), language) or _people(item),
        "published": named(item, "firstcreated", "contentcreated", "versioncreated"),
        "source": _source(item),
        "language": language,
        "url": web_address(uri),
        "version": item.get("version"),
        "modified": named(item, "versioncreated", "contentmodified"),
    }
    for name, value in said.items():
        if value:
            record[name] = value
    record.status = named(item, "pubstatus")
    record.embargoed = named(item, "embargoed")
    record.kind = named(item, "type")
    return article_or_reason(record, origin)


def _listed(item: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    value = item.get(name)
    yield from (entry for entry in value if isinstance(entry, Mapping)) if isinstance(value, list) else ()


def _headline(item: Mapping[str, object]) -> str:
    """The main headline; else the first, the one in a field of its own, or the title."""
    listed = sorted(_listed(item, "headlines"), key=lambda entry: entry.get("role") != "main")
    others = [value for name, value in item.items() if name.startswith("headline_") and isinstance(value, str)]
    found = [named(entry, "value") for entry in listed] + [named(item, "headline"), *others, named(item, "title")]
    return next(filter(None, found), "")


def _bodies(item: Mapping[str, object]) -> list[tuple[str, str]]:
    """(kind, text) of each body, the best kind first."""
    found = [(f"{entry.get('role')} {entry.get('contenttype') or entry.get('contentType')}".lower(), named(entry, "value"))
             for entry in _listed(item, "bodies")]  # fmt: skip
    found += [(name, value) for name, value in item.items() if name.startswith("body_") and isinstance(value, str)]
    found += [("text", named(entry, "value")) for entry in _listed(item, "descriptions") if entry.get("role") == "text"]
    return sorted(((kind, text) for kind, text in found if text.strip()), key=lambda body: _rank(body[0]))


def _rank(kind: str) -> int:
    return next((place for place, name in enumerate(_BODY_KINDS) if name in kind), len(_BODY_KINDS))


def _story(item: Mapping[str, object]) -> Record:
    """What the best body says: its paragraphs, and if it is NITF its head, too."""
    for kind, text in _bodies(item):
        is_nitf = "nitf" in kind or "<nitf" in text[:500]
        found = (
            record_of_nitf(parse_xml(text.encode())) if is_nitf else Record(paragraphs=list(paragraphs_of_markup(text)))
        )
        if found["paragraphs"]:
            return found
    return Record()


def _people(item: Mapping[str, object]) -> list[str]:
    people = [*_listed(item, "people"), *_listed(item, "person")]
    return [name for person in people if "author" in str(person.get("rel")).lower() and (name := named(person, "name"))]


def _source(item: Mapping[str, object]) -> str:
    sources = [*_listed(item, "infosources"), *_listed(item, "infosource")]
    return next((name for source in sources if (name := named(source, "name"))), "") or named(item, "copyrightholder")
