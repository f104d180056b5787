"""The calendar day that a publisher's date string names.

A wrong date is worse than none: answers are limited to a window of days, and a story filed under the day
it was read would look like today's news. So nothing is filled in, and what can be read in two ways is not read.
"""

from __future__ import annotations

import re
from datetime import date, datetime

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
    r"(\d{4})(\d\d)(\d\d)(?:Z|[+-]\d\d:?\d\d|T\d{2,6}(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII | re.IGNORECASE
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
        |\d{{1,2}}(?:\.\d\d)?\s*[ap]\.?m\b\.?|\d{{1,2}}\.\d\d(?=\s*{_ZONE}\b))  # 3pm, 3.04pm, 10.30 BST
        (?:\s*{_ZONE}\b)?(?:\s*[+-]\d\d:?\d\d\b)?(?:\s*\([A-Za-z ]+\))?""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_DIGITS = re.compile(r"\d+", re.ASCII)
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
    day = _iso_day(text) or _worded_day(text)
    return day if day and _EARLIEST_YEAR <= day.year <= date.today().year + 1 else None


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
    text = _CLOCK.sub(" ", text).replace(",", " ")  # dateutil takes "18,2017" for a decimal number
    numbers = _DIGITS.findall(text)
    years = [number for number in numbers if len(number) == 4]
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
        return None
    return readings.pop() if len(readings) == 1 and next(iter(readings)).year == int(years[0]) else None
