"""The calendar day that a publisher's date string names.

A wrong date is worse than none: answers are limited to a window of days, and a story filed under the day
it was read would look like today's news. So nothing is filled in, and what can be read in two ways is not read.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_EARLIEST_YEAR = 1600  # before the first printed newspaper (Relation, Strasbourg, 1605) a year is a misprint
_MAX_LENGTH = 80

# 2017-01-18, 2017/1/18, with or without a time of day and a zone.
_ISO = re.compile(
    r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})"
    r"(?:Z|[+-]\d\d:\d\d|[T ]+\d{1,2}:\d\d.*|T\d{2,6}(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
# 20170118 and 20170118T101500Z, as NewsML writes them. Other bare numbers, such as epoch seconds, are not read.
_COMPACT = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:Z|[+-]\d\d:?\d\d|\d{6}|T\d{2,6}(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
# The time of day with its zone, which says nothing about the day as it is written. Taken out before reading, because
# a zone such as +0100 looks like a year.
_ZONE = (
    "(?:UTC|GMT|UT|Z|[ECMP][SD]?T|AK[SD]T|BST|WES?T|CES?T|EES?T|MSK|IST|JST|KST|HKT|SGT|PHT|SAST|AE[SD]T|AC[SD]T"
    "|AWST|NZ[SD]T)"
)
_CLOCK = re.compile(
    rf"""(?:\bat\s+)?\b
        (?:\d{{1,2}}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\s*[ap]\.?m\b\.?)?       # 10:15, 10:15:00.5, 3:04 p.m.
        |\d{{1,2}}(?:\.\d\d)?\s*[ap]\.?m\b\.?|\d{{1,2}}\.\d\d(?=\s*{_ZONE}\b)|\d{{1,2}}h\d\d\b)  # 3pm, 3.04pm, 10.30 BST
        (?:\s*{_ZONE}\b)?(?:\s*[+-]\d\d:?\d\d\b)?(?:\s*\([A-Za-z ]+\))?""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_HOUR_WORD = re.compile(r"\b(?:Uhr|hrs?)\b|\s-\s*$|\sà\s*$")
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_DIGITS = re.compile(r"\d+", re.ASCII)
_LABEL = re.compile(
    r"(?:first |last )?(?:published|posted|updated|modified|created|issued|released?|date)(?: on| at)?\s*[:\s]\s*",
    re.IGNORECASE,
)
_ONLY_NUMBERS = re.compile(r"[\d\s./-]*")
_MARKED_MONTH = re.compile(r"\d\s?[月월]")
# What stands behind the day of publication: the day on which it was changed.
_UPDATED_BEHIND = re.compile(r"(?<=\d)\W+(?:last )?(?:updated|modified)\b.*", re.IGNORECASE)
_SEPARATORS = re.compile(r"\s*[|•·]\s*")
# RFC 822 of 1982, which feeds still write: a year of two digits, and the weekday that tells which century.
_SHORT_YEAR = re.compile(
    r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? (\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d\d)(?: \d\d?:\d\d.*)?",
    re.ASCII | re.IGNORECASE,
)
_FIRST_MAIL_YEAR = 70
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Languages in which a month may be named. English is read by dateutil, which is twenty times as fast.
_LANGUAGES = "de fr es it pt nl sv da nb fi pl cs sk hu ro el ru uk tr ar fa he zh ja ko id".split()
_EPOCH_SECONDS = range(10**8, 10**10)  # from 1973 on
_EPOCH_MILLISECONDS = range(10**11, 10**13)
# Two days that share neither year, month nor day: a part that follows the default was filled in, not read.
_DEFAULTS = (datetime(2001, 1, 1), datetime(2002, 2, 2))


def parse_date(text: str) -> date | None:
    """The day `text` names, as written (a zone does not move it).

    None if it cannot be read, is relative ("9 days ago"), leaves out the day, the month or part of the year, can be
    read as two different days (01/02/2017), or lies outside the years 1600 to next year.
    """
    text = " ".join(text.split())
    if not text or len(text) > _MAX_LENGTH:
        return None
    text = _SEPARATORS.sub(" ", _UPDATED_BEHIND.sub("", _LABEL.sub("", text, count=1) if _LABEL.match(text) else text))
    return _within_range(_iso_day(text) or _short_year_day(text) or _worded_day(text))


def day_of_epoch(number: int) -> date | None:
    """The day (UTC) that a number of seconds or milliseconds since 1970 means; None if it is out of range.

    For a field that is known to be a date: any other number may be a telephone's.
    """
    seconds = number if number in _EPOCH_SECONDS else number // 1000 if number in _EPOCH_MILLISECONDS else None
    return None if seconds is None else _within_range(datetime.fromtimestamp(seconds, UTC).date())


def _within_range(day: date | None) -> date | None:
    return day if day and _EARLIEST_YEAR <= day.year <= date.today().year + 1 else None


def _short_year_day(text: str) -> date | None:
    """The day of "Wed, 18 Jan 17 10:00:00 +0100", if it was that weekday in this century or the last."""
    match = _SHORT_YEAR.fullmatch(text)
    if not match:
        return None
    weekday, day, month, year = match.groups()
    for century in ("20", "19") if int(year) >= _FIRST_MAIL_YEAR else ("20",):
        found = _worded_day(f"{day} {month} {century}{year}")
        if found and found.weekday() == _WEEKDAYS.index(weekday.lower()) and _within_range(found):
            return found
    return None


def _iso_day(text: str) -> date | None:
    if match := _ISO.fullmatch(text):
        year, _, month, day = match.groups()
    elif match := _COMPACT.fullmatch(text):
        year, month, day = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _worded_day(text: str) -> date | None:
    """Reads everything that is not ISO 8601: RFC 2822, "Jan 18,2017", "18th of January 2017", "18.01.2017"."""
    text = _HOUR_WORD.sub(" ", _CLOCK.sub(" ", text)).replace(",", " ")  # dateutil takes "18,2017" for a decimal number
    numbers = _DIGITS.findall(text)
    years = [number for number in numbers if len(number) == 4]
    if len(years) == 1 and len(numbers) in (2, 3) and not (_MONTH.search(text) or _ONLY_NUMBERS.fullmatch(text)):
        return _foreign_day(text, numbers, int(years[0]))
    # A whole year, a day and, unless it is named, a month: with fewer numbers something would be filled in, with more
    # the text names several days.
    if len(years) != 1 or len(numbers) != (2 if _MONTH.search(text) else 3) or max(map(len, numbers)) > 4:
        return None
    from dateutil import parser  # here: importing the readers stays cheap

    readings: set[date] = set()
    try:
        for default in _DEFAULTS:
            for day_first in (True, False):
                reading = parser.parse(text, default=default, dayfirst=day_first, ignoretz=True)
                readings.add(reading.date())
    except (ValueError, ArithmeticError):
        return _foreign_day(text, numbers, int(years[0])) if _MONTH.search(text) else None
    return readings.pop() if len(readings) == 1 and next(iter(readings)).year == int(years[0]) else None


def _foreign_day(text: str, numbers: list[str], year: int) -> date | None:
    """Reads a day whose month is named in another language than English, or marked by a sign ("2017年1月18日")."""
    import dateparser

    settings = {"STRICT_PARSING": True, "PARSERS": ["absolute-time"]}
    try:
        found = dateparser.parse(text, languages=_LANGUAGES, settings=settings)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    if found is None or found.year != year or (len(numbers) == 3 and not _MARKED_MONTH.search(text)):
        return None
    return found.date() if found.day in map(int, numbers) else None
