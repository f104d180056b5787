"""Reads a file that is one JSON value: a list of articles, or an object that is one or holds such a list."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from io import BufferedIOBase
from pathlib import Path

from ingest.files import GZIP_ERRORS, open_unpacked, read_whole, shown
from ingest.formats.feeds.json_feed import articles_of_json_feed, is_json_feed
from ingest.formats.jsonl import parsed
from ingest.formats.wire_or_record import WireOrRecord
from ingest.parts.limits import MAX_BYTES
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected

_PIECE = 256 * 1024
_LISTS = (
    "articles",
    "items",
    "results",
    "docs",
    "documents",
    "stories",
    "news",
    "entries",
    "posts",
    "data",
    "response",
    "hits",
)
"""Under which names exports and answers of services keep their articles."""
_MOST_DEPTH = 3


def read_json(path: Path, mapping: Mapping[str, str] | None = None, name: str = "") -> Iterator[Article | Rejected]:
    """The articles of a file, plain or gzipped, and a Rejected for each item that is none.

    A list is read item by item, whatever its length; an object is read whole. Raises Unreadable if the file is no
    JSON at all or an object too large for one, and OSError.
    """
    name, records = name or shown(path), WireOrRecord(mapping)
    with open_unpacked(path) as file:
        begins = file.read(_PIECE).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if begins == b"[":
        yield from _read_list(path, name, records)
        return
    value = parsed(read_whole(path).removeprefix(codecs.BOM_UTF8))
    if isinstance(value, dict) and is_json_feed(value):
        yield from articles_of_json_feed(value, name)
    elif isinstance(value, dict) and (inner := _list_in(value, _MOST_DEPTH)):
        for number, item in enumerate(inner):
            yield records.read(item, f"{name}:{number + 1}")
        records.end(name)
    else:
        yield records.read(value, name)
        records.end(name)


def _list_in(value: Mapping[str, object], depth: int) -> list[object]:
    """The list of objects under one of the usual names, at most so deep; [] if there is none."""
    if any(field in value for field in ("text", "paragraphs", "body", "uri", "headline")):
        return []  # an article of its own, whatever it lists beside
    for name in _LISTS:
        inner = value.get(name)
        if isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            return inner
        if isinstance(inner, dict) and depth > 1 and (found := _list_in(inner, depth - 1)):
            return found
    return []


def _read_list(path: Path, name: str, records: WireOrRecord) -> Iterator[Article | Rejected]:
    number, broken = 0, False
    with open_unpacked(path) as file:
        try:
            for item in _items(file):
                number += 1
                yield records.read(item, f"{name}:{number}")
        except Unreadable as error:
            broken = True
            yield Rejected(f"{name}:{number + 1}", "", f"{error}; what follows in the list was not read")
        except GZIP_ERRORS as error:
            broken = True
            yield Rejected(f"{name}:{number + 1}", "", f"the gzip data are damaged from here on ({error})")
    if not number and not broken:
        yield Rejected(name, "", "is an empty list")
    elif number:
        records.end(name)


class _Text:
    """The characters of a file that are not used up yet; more are read when they are asked for."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.rest = ""
        self.ended = False

    def more(self) -> None:
        """Reads as much again as there is, so that the time stays in proportion to the size."""
        data = self._file.read(max(_PIECE, len(self.rest)))
        self.ended = not data
        try:
            self.rest += self._decoder.decode(data, final=self.ended)
        except UnicodeDecodeError as error:
            raise Unreadable(f"is not UTF-8: byte {error.object[error.start]:#04x}") from error


def _items(file: BufferedIOBase) -> Iterator[object]:
    """The items of the list that begins a file, one after the other. Raises Unreadable where it breaks off."""
    text, decoder, place = _Text(file), json.JSONDecoder(), 0
    text.more()
    text.rest = text.rest.lstrip()[1:]
    while True:
        while (mark := text.rest[place : place + 1]).isspace() or mark == ",":
            place += 1
        if mark == "]":
            return
        try:
            item, end = decoder.raw_decode(text.rest, place)
        except RecursionError:
            raise Unreadable("is nested too deeply to be read") from None
        except ValueError as error:
            if text.ended or len(text.rest) - place > MAX_BYTES:
                raise Unreadable(f"is not JSON, or longer than {MAX_BYTES // 2**20} MiB: {str(error)[:80]}") from None
            text.rest, place = text.rest[place:], 0
            text.more()
            continue
        if end == len(text.rest) and not text.ended:  # a number may go on
            text.more()
            continue
        place = end
        yield item
