"""Articles that are posted: told apart, read by the rules for files, and stored while the service goes on."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from fastapi.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.models import RejectedOut, TakenInOut, WarningOut
from api.problems import is_json
from ingest.pipeline import ingest
from ingest.record import article_of
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.rows import Outcome
from newsdesk.errors import NewsdeskError, Unreadable, WrongUse
from newsdesk.types import Article, Rejected, is_whole

logger = logging.getLogger("newsdesk.api")

T = TypeVar("T")

ORIGIN = "POST /api/articles"
"""Where posted articles come from, on the list of rejects."""

MAX_ARTICLES = 10_000
"""Articles in one post. A body of empty lines could name millions otherwise, each with its own reason."""

LINES = ("application/x-ndjson", "application/jsonl")
"""Content types of JSON lines. That of plain text is left out: any web page may send it without asking."""

MAX_BRACKETS = 1_000_000
"""In one post. Each may open an object of 70 to 250 bytes: 32 MiB of "{}," took 863 MiB. A text has a few hundred."""

_AT_ONCE = 4  # posts whose bodies are read: each may keep 32 MiB on the disk
_IN_MEMORY = 1024**2  # bytes of a body that are kept in memory while it comes; the rest goes to a temporary file
_SHOWN = 200  # characters of a rejected article's id
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SPACE = re.compile(r"[ \t\n\r]*+")
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
"""Control characters that are no white space, and halves of characters."""


class Intake:
    """Takes posted articles into the catalogue, one post at a time: SQLite has one writer, and memory is bounded."""

    def __init__(self, catalogue: Catalogue, catch_up: Callable[[], object] = lambda: None) -> None:
        """`catch_up` makes what was stored findable; a post is answered behind it."""
        self._catalogue = catalogue
        self._catch_up = catch_up
        self._few_at_a_time = CapacityLimiter(_AT_ONCE)
        self._one_at_a_time = CapacityLimiter(1)  # of its own: posts that wait take no thread from questions

    async def take_in(self, request: Request) -> TakenInOut:
        """Stores what the body holds, in small transactions; the answer comes when the last one is committed.

        Raises WrongUse, with nothing stored, for a body that cannot be told apart into articles.
        """
        given = request.headers.get("content-type", "")
        if not is_json(given) and given.partition(";")[0].strip().lower() not in LINES:
            raise HTTPException(
                415,
                f"The content type is {given or 'none'}. Send a JSON list with the header content-type: application/json, "
                f"or JSON lines with {LINES[0]}.",
            )
        packed = request.headers.get("content-encoding", "identity")
        if packed.lower() != "identity":
            raise HTTPException(415, f"The body is packed ({packed}). Send it as it is, without content-encoding.")
        async with self._few_at_a_time:  # the body of a post that waits stays with its client
            return await self._read_and_store(request)

    async def _read_and_store(self, request: Request) -> TakenInOut:
        # Starlette's file writes beside the event loop what is too large for memory.
        body = UploadFile(SpooledTemporaryFile(max_size=_IN_MEMORY))  # type: ignore[arg-type]  # noqa: SIM115
        try:
            async for part in request.stream():
                await body.write(part)
            await body.seek(0)
            # Abandoned when the service has to stop: what is committed stays, and nothing more was acknowledged.
            return await to_thread.run_sync(
                partial(self._store, body.file), limiter=self._one_at_a_time, abandon_on_cancel=True
            )
        except ClientDisconnect as error:
            raise HTTPException(400, "The client went away.") from error  # nobody reads it, and it is no fault of ours
        finally:
            await body.close()

    def _store(self, body: BinaryIO) -> TakenInOut:
        report = _Report()
        records = _records(body.read())
        summary = ingest(self._catalogue, self._articles(records, report), on_stored=report.stored)
        self._make_findable()
        outcomes = summary.outcomes
        return TakenInOut(
            added=outcomes["added"],
            updated=outcomes["updated"],
            unchanged=outcomes["unchanged"],
            older=outcomes["older"],
            held=outcomes["held"],
            withdrawn=outcomes["withdrawn"],
            duplicates=self._catalogue.duplicates(report.new),
            samples_left=summary.samples_left,
            rejected=report.rejected,
            warnings=report.warnings,
        )

    def _make_findable(self) -> None:
        """Else a question right after a correction would find neither what the article said nor what it says."""
        try:
            self._catch_up()
        except NewsdeskError as error:  # stored it is; the service tries again by itself
            logger.warning("What was posted cannot be found yet: %s", error)

    def _articles(self, records: Iterable[object], report: _Report) -> Iterator[Article | Rejected]:
        for index, record in enumerate(records):
            warnings: list[str] = []
            try:
                article = article_of(_checked(record), ORIGIN, warnings.append)
            except Unreadable as error:
                rejected = Rejected(ORIGIN, _own_id(record), str(error))
                report.rejected.append(RejectedOut(index=index, id=rejected.id, reason=rejected.reason))
                yield rejected
            else:
                report.warnings += [WarningOut(index=index, id=article.id, text=text) for text in warnings]
                yield article


@dataclass(slots=True)
class _Report:
    """What is said of single articles; their number is bounded by MAX_ARTICLES."""

    rejected: list[RejectedOut] = field(default_factory=list)
    warnings: list[WarningOut] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    """Ids that were not there before."""

    def stored(self, article: Article, outcome: Outcome) -> None:
        """Notes an article that was taken in."""
        if outcome == "added":
            self.new.append(article.id)


def _records(body: bytes) -> Iterable[object]:
    """The JSON values of a list, a single object, or lines; an Unreadable in the place of a line that is none.

    The first bytes and whether the whole can be parsed decide which it is; a wrong header does no harm. Raises WrongUse.
    """
    body = body.removeprefix(_BYTE_ORDER_MARK).strip()
    if not body:
        raise WrongUse("The body is empty. Send a JSON list of articles, or JSON lines.")
    if body.count(b"{") + body.count(b"[") > MAX_BRACKETS:
        raise WrongUse(
            f"The body holds more than {MAX_BRACKETS:,} brackets, which articles do not: they have texts. Send several "
            "posts, or leave out what is no part of an article. Nothing was stored."
        )
    whole = _parsed(body, _items)
    if isinstance(whole, list):
        return _few_enough(whole)
    lines = _few_enough(list(islice(filter(bytes.strip, BytesIO(body)), MAX_ARTICLES + 1)))
    if body.startswith(b"[") and isinstance(_parsed(lines[0]), Unreadable):
        raise WrongUse(
            f"The body begins as a JSON list but {whole}. Correct it, or send JSON lines, where a broken line does not "
            "hold up the others. Nothing was stored."
        )
    return map(_parsed, lines)


def _few_enough(records: list[T]) -> list[T]:
    if len(records) > MAX_ARTICLES:
        raise WrongUse(
            f"The body holds more than {MAX_ARTICLES:,} articles, the most that are taken at once. Send several posts, or "
            "put them in with `newsdesk ingest FILE`. Nothing was stored."
        )
    return records


def _items(text: str) -> list[object]:
    """The items of a JSON list, no more than one too many, or the one value. Raises ValueError."""
    if not text.startswith("["):
        return [json.loads(text)]
    decoder = json.JSONDecoder()
    items: list[object] = []
    place, mark = _next_mark(text, 1)
    if mark == "]":
        place += 1
    while mark != "]" and len(items) <= MAX_ARTICLES:
        item, place = decoder.raw_decode(text, place)
        items.append(item)
        place, mark = _next_mark(text, place)
        if mark not in ("]", ","):
            raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
        place += 1
        if mark == ",":
            place, _ = _next_mark(text, place)
    if mark == "]" and _next_mark(text, place)[1]:
        raise json.JSONDecodeError("Extra data", text, place)
    return items


def _next_mark(text: str, place: int) -> tuple[int, str]:
    """The first character from `place` on that is no white space, "" at the end, and where it is."""
    found = _SPACE.match(text, place)
    place = found.end() if found else place
    return place, text[place : place + 1]


def _parsed(text: bytes, parse: Callable[[str], object] = json.loads) -> object:
    """The JSON value, or the reason why it is none."""
    try:
        return parse(text.decode())
    except UnicodeDecodeError as error:
        return Unreadable(f"is not UTF-8: byte {text[error.start]:#04x} at {error.start}")
    except (ValueError, RecursionError) as error:  # RecursionError: brackets nested by the thousand
        return Unreadable(f"is not JSON: {error}")


def _checked(record: object) -> dict[str, object]:
    """The record as an object whose texts can be stored. Raises Unreadable."""
    if isinstance(record, Unreadable):
        raise record
    if not isinstance(record, dict):
        raise Unreadable("is not a JSON object")
    waiting: list[object] = [record]  # not by recursion: it may be nested by the hundred
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item, *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and (found := _UNFIT.search(item)):
            if not is_whole(found[0]):
                raise Unreadable("holds half a character (a lone surrogate)")
            raise Unreadable(f"holds the control character U+{ord(found[0]):04X}")
    return record


def _own_id(record: object) -> str:
    """What a rejected record calls itself, fit to be stored and shown."""
    own_id = record.get("id") if isinstance(record, dict) else None
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", own_id[:_SHOWN]) if isinstance(own_id, str) else ""
