"""Reads JSON lines: one article a line, as feeds, exports and evaluation folders hold them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from io import BufferedIOBase
from pathlib import Path

from ingest.byline import agency_of, authors_of
from ingest.clean import one_line, paragraphs_of, without_boilerplate
from ingest.dates import parse_date
from ingest.files import GZIP_ERRORS, open_unpacked, shown
from ingest.identity import article_id, canonical_url
from ingest.limits import MAX_BYTES, check_article, check_paragraphs, check_text
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_log = logging.getLogger("newsdesk.ingest")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SHOWN = 200  # characters of a value in a message
# Control characters and lone surrogates: an id is kept to the letter, and with these it could not be stored or linked.
_UNFIT_FOR_ID = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def read_jsonl(path: Path) -> Iterator[Article | Rejected]:
    """The articles of a file, plain or gzipped, and a Rejected for every line that holds none.

    Reads line by line, never the whole file. Damaged gzip data end the reading with one Rejected; what came before
    is kept. Raises OSError if the file cannot be opened or read.
    """
    number, empty = 0, True
    with open_unpacked(path) as file:
        try:
            while line := file.readline(MAX_BYTES + 1):
                number += 1
                origin = f"{shown(path)}:{number}"
                if len(line) > MAX_BYTES and not line.endswith(b"\n"):
                    _skip_line(file)
                    empty = False
                    yield Rejected(origin, "", f"the line is longer than {MAX_BYTES // 2**20} MiB")
                elif line := line.removeprefix(_BYTE_ORDER_MARK).strip():
                    empty = False
                    yield _read_line(line, origin)
        except GZIP_ERRORS as error:
            yield Rejected(f"{shown(path)}:{number + 1}", "", f"the gzip data are damaged from here on ({error})")
        else:
            if empty:
                yield Rejected(shown(path), "", "holds nothing but white space")


def _skip_line(file: BufferedIOBase) -> None:
    while (part := file.readline(MAX_BYTES)) and not part.endswith(b"\n"):
        pass


def _read_line(line: bytes, origin: str) -> Article | Rejected:
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError as error:
        return Rejected(origin, "", f"is not UTF-8: byte {error.object[error.start]:#04x} at {error.start}")
    except json.JSONDecodeError as error:
        return Rejected(origin, "", f"is not JSON: {error}")
    except ValueError:  # the only other one: Python refuses numbers of more than 4,300 digits
        return Rejected(origin, "", "holds a number of more than 4,300 digits")
    except RecursionError:
        return Rejected(origin, "", "is nested too deeply to be read")
    if not isinstance(record, dict):
        return Rejected(origin, "", f"is {_kind(record)}, not a JSON object")
    try:
        return article_of(record, origin)
    except Unreadable as error:
        own_id = record.get("id")
        return Rejected(origin, _storable(own_id[:_SHOWN]) if isinstance(own_id, str) else "", str(error))


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
        raise Unreadable(f"the id {_storable(own_id[:_SHOWN])!r} holds characters that cannot be stored or linked")
    return own_id


def _paragraphs(record: Mapping[str, object]) -> tuple[str, ...]:
    listed = record.get("paragraphs")
    if listed is None or listed == "":
        listed = []
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise Unreadable(f"'paragraphs' is {_kind(listed)}, not a list of strings")
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
            raise Unreadable(f"an author is {_kind(item)}, not a string")
        names.extend(authors_of(one_line(name or "")))
    return tuple(dict.fromkeys(names))


def _published(record: Mapping[str, object], warn: Callable[[str], None]) -> date | None:
    given = record.get("published") or record.get("date")
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    day = parse_date(given) if isinstance(given, str) else None
    if day is None:
        warn(f"the date {repr(given)[:_SHOWN]} cannot be read; the article is kept undated")
    return day


def _url(record: Mapping[str, object], warn: Callable[[str], None]) -> str:
    url = one_line(_string(record, "url"))
    if url and not canonical_url(url):
        # Links are shown to readers: "javascript:..." must never become one, and "/news/1" leads nowhere.
        warn(f"{url[:_SHOWN]!r} is not a web address; the article is kept without it")
        return ""
    return url


def _string(record: Mapping[str, object], field: str) -> str:
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{field!r} is {_kind(value)}, not a string")
    return value


def _kind(value: object) -> str:
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


def _storable(text: str) -> str:
    return _UNFIT_FOR_ID.sub("\N{REPLACEMENT CHARACTER}", text)
