"""When a version of a story was made, and which one it is, as far as its publisher says so."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ingest.parts.dates import parse_date

_LONGEST = 80
_EPOCH_SECONDS = range(10**8, 10**10)
_EPOCH_MILLISECONDS = range(10**11, 10**13)
_MOST_EDITIONS = 1_000_000
_AHEAD = timedelta(days=1)  # clocks and zones differ; what is later would keep out every later version


def moment_of(given: object) -> str:
    """The moment that a publisher's text or number of seconds names, as `newsdesk.types.Article.modified` has it.

    Without a zone it counts as UTC. Of a text that names a day alone it is the day; "" when it cannot be read, or is
    still to come.
    """
    moment = exact_moment(given)
    if moment is not None:
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment <= datetime.now(UTC) + _AHEAD else ""
    day = parse_date(given) if isinstance(given, str) else None
    return day.isoformat() if day and day <= (datetime.now(UTC) + _AHEAD).date() else ""


def exact_moment(given: object) -> datetime | None:
    """The same to its fraction of a second, in UTC, also of a time to come; None when it names a day alone or cannot be read."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        seconds = given / 1000 if int(given) in _EPOCH_MILLISECONDS else given
        return datetime.fromtimestamp(int(seconds), UTC) if int(seconds) in _EPOCH_SECONDS else None
    text = given.strip() if isinstance(given, str) else ""
    if not text or len(text) > _LONGEST or (":" not in text and "T" not in text):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            moment = read(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment.astimezone(UTC)
    return None


def edition_of(given: object) -> int:
    """The number of a version ("3", 3); 0 for everything else, such as the version of a format ("1.1")."""
    if isinstance(given, str) and given.strip().isascii() and given.strip().isdigit() and len(given.strip()) < 8:
        given = int(given)
    is_number = isinstance(given, int) and not isinstance(given, bool)
    return given if is_number and isinstance(given, int) and 0 < given <= _MOST_EDITIONS else 0
