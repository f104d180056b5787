"""What new articles answered to a saved question, as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from newsdesk.saved import Finding, SavedQuestion
from newsdesk.types import Span
from newsdesk.wording.dateline import dateline
from newsdesk.wording.links import article_link

MEDIA_TYPE = "application/atom+xml"

_ATOM = "http://www.w3.org/2005/Atom"
_UNFIT = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold, however they are written."""


def atom_feed(saved: SavedQuestion, findings: Sequence[Finding], base: str, own: str) -> bytes:
    """The feed, the newest finding first. `base` is where the service is reached, `own` the feed's own address.

    The ids depend on nothing but the question and the finding, so that readers know an entry again wherever it comes from.
    """
    register_namespace("", _ATOM)
    feed = Element(f"{{{_ATOM}}}feed")
    _text(feed, "id", _id(saved.key))
    _text(feed, "title", saved.question)
    _text(feed, "updated", findings[0].found_at if findings else saved.saved_at)
    _text(SubElement(feed, f"{{{_ATOM}}}author"), "name", "Newsdesk")
    _link(feed, "self", own, MEDIA_TYPE)
    _link(feed, "alternate", f"{base}/desk/questions/{saved.key}", "text/html")
    for finding in findings:
        _entry(feed, saved, finding, base)
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _entry(feed: Element, saved: SavedQuestion, finding: Finding, base: str) -> None:
    found = finding.found
    entry = SubElement(feed, f"{{{_ATOM}}}entry")
    _text(entry, "id", _id(f"{saved.key}/{finding.number}"))
    _text(entry, "title", f"{found.short_answer}: {finding.title}" if found.short_answer else finding.title)
    _text(entry, "updated", finding.found_at)
    mark = Span(found.paragraph, found.start, found.end)
    _link(entry, "alternate", base + article_link(found.article_id, mark=mark), "text/html")
    _text(entry, "summary", f"{dateline(finding.published, finding.source)}: {found.quote}")


def _id(name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'newsdesk:saved-question:{name}')}"


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{_ATOM}}}{name}").text = _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def _link(parent: Element, relation: str, address: str, kind: str) -> None:
    SubElement(parent, f"{{{_ATOM}}}link", {"rel": relation, "href": _UNFIT.sub("", address), "type": kind})
