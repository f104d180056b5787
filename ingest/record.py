"""One JSON object of a source as an article."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

from ingest.parts.byline import agency_of, authors_of
from ingest.parts.clean import one_line, paragraphs_of, without_boilerplate
from ingest.parts.dates import day_of_epoch, parse_date
from ingest.parts.fields import OF_FIELDS, Told, known, value_within, why_no_text
from ingest.parts.identity import article_id
from ingest.parts.language import with_language
from ingest.parts.limits import check_article, check_paragraphs, check_text
from ingest.parts.markup import is_markup, paragraphs_of_markup
from ingest.parts.moments import edition_of, moment_of
from ingest.parts.repair import without_entities
from newsdesk.address import canonical_url, without_login
from newsdesk.errors import Unreadable
from newsdesk.types import Article, Rejected
from newsdesk.wording.quoted import quoted

log = logging.getLogger("newsdesk.ingest")
"""Where the readers tell what they left out."""

SHOWN = 200  # characters of a value in a message
_MOST_TOLD = 20  # names that are guessed in one file


_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}", re.ASCII)
# Control characters and lone surrogates: an id is kept to the letter, and with these it could not be stored or linked.
_UNFIT_FOR_ID = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def article_of(record: Mapping[str, object], origin: str, warn: Callable[[str], None] | None = None) -> Article:
    """The article that a JSON object describes; null and "" are absent.

    Usual names of others ("headline", "pubDate") are understood. `warn` is told which were taken for what, and what was
    left out, such as a date that cannot be read; without it that goes into the log, where `origin` names the object.
    Raises Unreadable if there is no text or a field has the wrong type.
    """
    warn = warn or partial(log.warning, "%s: %s", origin)
    found, told = known(record)
    if any(told):
        warn(str(told))
    if why := why_no_text(record, found):
        raise Unreadable(why)
    return with_language(article_from(found, warn))


def article_from(record: Mapping[str, object], warn: Callable[[str], None]) -> Article:
    """The article that a record under our own names describes; `warn` is told what was left out. Raises Unreadable."""
    own_id = _own_id(record)
    title = one_line(without_entities(_string(record, "title")))
    paragraphs = _paragraphs(record)
    if not paragraphs:
        raise Unreadable("has no text: neither 'text' nor 'paragraphs' holds a paragraph")
    authors = _authors(record)
    url = _url(record, warn)
    article = Article(
        id=article_id(own_id, url, title, paragraphs),
        title=title,
        paragraphs=paragraphs,
        source=one_line(without_entities(_string(record, "source"))),
        authors=authors,
        published=_published(record, warn),
        url=url,
        agency=one_line(_string(record, "agency")) or agency_of(authors, paragraphs),
        section=one_line(_string(record, "section")),
        language=one_line(_string(record, "language")),
        edition=edition_of(record.get("version")),
        modified=moment_of(record.get("modified")),
    )
    check_article(article)
    return article


class Records:
    """Makes articles of the records of one file; what is to be told about their fields is told once a file."""

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        self.mapping = mapping
        self.head: Sequence[str] = ()
        """The fields that each record of a table has, those included that are left out of it for being empty."""
        self._guesses: set[str] = set()
        self._missed = False
        self._unseen = dict(mapping or {})

    def read(self, record: object, origin: str) -> Article | Rejected:
        """The article of a record that `origin` names, or why it is none."""
        if not isinstance(record, Mapping):
            return Rejected(origin, "", f"is {kind_of(record)}, not a JSON object")
        warn = partial(log.warning, "%s: %s", origin)
        found, told = known(record, self.mapping)
        self._tell(told, warn)
        if self._unseen:
            self._unseen = {
                ours: theirs for ours, theirs in self._unseen.items() if value_within(record, theirs) is None
            }
        try:
            if why := why_no_text(record, found, self.mapping, self.head):
                raise Unreadable(why)
            return article_from(found, warn)
        except Unreadable as error:
            own_id = record.get("id")
            return Rejected(origin, storable(own_id[:SHOWN]) if isinstance(own_id, str) else "", str(error))

    def _tell(self, told: Told, warn: Callable[[str], None]) -> None:
        """Tells what is new: a name that was not guessed before in this file, and once what is missing."""
        new = tuple(guess for guess in told.guesses if guess not in self._guesses)
        missed = "" if self._missed else told.missed
        if (new or missed) and len(self._guesses) < _MOST_TOLD:
            self._guesses.update(new)
            self._missed |= bool(missed)
            warn(f"{OF_FIELDS}{Told(new, missed)}")

    def end(self, name: str) -> None:
        """Tells, when all records of the file `name` were read, which names of --map none of them has."""
        for ours, theirs in self._unseen.items():
            log.warning("%s: --map says %s=%s, but no record has anything under %s", name, ours, theirs, quoted(theirs))


def _own_id(record: Mapping[str, object]) -> str:
    own_id = record.get("id")
    if isinstance(own_id, int) and not isinstance(own_id, bool):
        return str(own_id)  # many exports number their articles
    own_id = _string(record, "id")
    if _UNFIT_FOR_ID.search(own_id):
        raise Unreadable(f"the id {quoted(storable(own_id[:SHOWN]))} holds characters that cannot be stored or linked")
    return own_id


def _paragraphs(record: Mapping[str, object]) -> tuple[str, ...]:
    listed = record.get("paragraphs")
    if listed is None or listed == "":
        listed = []
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise Unreadable(f"“paragraphs” is {kind_of(listed)}, not a list of strings")
    check_paragraphs(listed)
    paragraphs = tuple(filter(None, map(one_line, map(without_entities, listed))))
    if not paragraphs:
        text = _string(record, "text")
        check_text(text)
        paragraphs = paragraphs_of_markup(text) if is_markup(text) else paragraphs_of(without_entities(text))
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
    day = _day_of(given)
    if day is None:
        warn(f"the date {quoted(given, SHOWN)} cannot be read; the article is kept undated")
    return day


def _day_of(given: object) -> date | None:
    if isinstance(given, str):
        return day_of_epoch(int(float(given))) if _EPOCH.fullmatch(given) else parse_date(given)
    if isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < 2**63:
        return day_of_epoch(int(given))
    return None


def _url(record: Mapping[str, object], warn: Callable[[str], None]) -> str:
    url = without_login(one_line(_string(record, "url")))
    if url and not canonical_url(url):
        # Links are shown to readers: "javascript:..." must never become one, and "/news/1" leads nowhere.
        warn(f"{quoted(url, SHOWN)} is not a web address; the article is kept without it")
        return ""
    return url


def _string(record: Mapping[str, object], field: str) -> str:
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"{quoted(field)} is {kind_of(value)}, not a string")
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
