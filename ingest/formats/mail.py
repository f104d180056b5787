"""Reads a page that a browser saved as one file (MHTML), and a story that came as a mail."""

from __future__ import annotations

import email
import email.policy
from email.errors import MessageError
from email.message import EmailMessage
from functools import partial

from ingest.formats.html import article_of_page, decoded_page
from ingest.parts.clean import one_line
from ingest.parts.markup import paragraphs_of_markup
from ingest.record import article_from, log
from newsdesk.errors import Unreadable
from newsdesk.types import Article

_MOST_PARTS = 5_000
_DAMAGED = (MessageError, LookupError, ValueError, RecursionError, AttributeError, OverflowError)
"""What Python's own parser of mails raises, most of it only when a field is asked for."""


def article_of_mail(data: bytes, name: str) -> Article:
    """The article of a saved page, or of a mail's text with its subject as headline. Raises Unreadable."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        parts = [part for part in message.walk() if not part.is_multipart()]
        if len(parts) > _MOST_PARTS:
            raise Unreadable(f"has {len(parts):,} parts, more than a page or a mail may have ({_MOST_PARTS:,})")
        saved = one_line(message.get("Snapshot-Content-Location") or "")
        pages = [part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")]
        if pages and (
            saved or (message.get_content_type() == "multipart/related" and not message.get("Date-Received"))
        ):
            address = saved or one_line(pages[0].get("Content-Location") or "")
            return article_of_page(_decoded(pages[0]), address)
        return _story(message, parts, name)
    except _DAMAGED as error:
        raise Unreadable(f"is a mail or a saved page that cannot be read ({one_line(str(error))[:100]})") from error


def _story(message: EmailMessage, parts: list[EmailMessage], name: str) -> Article:
    body = next(
        (part for kind in ("text/plain", "text/html") for part in parts if part.get_content_type() == kind), None
    )
    if body is None:
        raise Unreadable("is a mail without text")
    record = {
        "id": _field(message, "Message-ID").strip("<>"),
        "title": _field(message, "Subject"),
        "authors": _senders(message),
        "published": _field(message, "Date"),
        "paragraphs": list(paragraphs_of_markup(_decoded(body))),
    }
    return article_from(record, partial(log.warning, "%s: %s", name))


def _field(message: EmailMessage, name: str) -> str:
    """A field of the head, as it stands there if it cannot be understood: a damaged one must not cost the story."""
    try:
        return one_line(message.get(name) or "")
    except _DAMAGED:
        return next((one_line(str(value)) for key, value in message.raw_items() if key.lower() == name.lower()), "")


def _senders(message: EmailMessage) -> list[str]:
    try:
        return [address.display_name for address in getattr(message.get("From"), "addresses", ())]
    except _DAMAGED:
        return []


def _decoded(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise Unreadable("holds a part that cannot be decoded")
    return decoded_page(payload, part.get_content_charset() or "")
