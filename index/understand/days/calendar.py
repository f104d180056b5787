"""Spans of days: weeks, months, seasons, and what a written date means. Arithmetic only; no question is read here."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The month in which each begins: northern seasons of whole months, as weather services count them."""
_YEARS_BACK = 8  # a 29 February can be as far


class Days(NamedTuple):
    """From one day to another, both included."""

    first: date
    last: date


@lru_cache(maxsize=1024)
def written_day(text: str) -> Days | None:
    """The one day that "5 March 2022" or "2022-03-05" names; None when there is none, such as 31 June."""
    return _parse(text, PARSERS=["absolute-time"], REQUIRE_PARTS=["day", "month", "year"], STRICT_PARSING=True)


def ago(count: int, unit: str, as_of: date) -> Days | None:
    """The day that lies so many days, weeks, months, ... before `as_of`; None before the year 1."""
    base = datetime(as_of.year, as_of.month, as_of.day)
    return _parse(f"{count} {unit}s ago", PARSERS=["relative-time"], RELATIVE_BASE=base)


def _parse(text: str, **settings: object) -> Days | None:
    import dateparser  # here: its import and first call take 0.2 s, which a question without a date never pays

    # Without a time zone given, the machine's is looked up, which may warn.
    parsed = dateparser.parse(text, languages=["en"], settings={"TIMEZONE": "UTC", **settings})
    return Days(parsed.date(), parsed.date()) if parsed else None


def year(number: int) -> Days:
    """A calendar year."""
    return Days(date(number, 1, 1), date(number, 12, 31))


def month(year_number: int, number: int) -> Days:
    """A calendar month."""
    return Days(date(year_number, number, 1), date(year_number, number, calendar.monthrange(year_number, number)[1]))


def month_from(day: date, months: int) -> Days:
    """The calendar month so many months after that of `day`, or before it."""
    years, index = divmod(day.month - 1 + months, 12)
    return month(day.year + years, index + 1)


def season(year_number: int, name: str) -> Days:
    """The season that begins in that year: winter 2021 ends in February 2022."""
    begins = date(year_number, SEASONS[name], 1)
    return Days(begins, month_from(begins, 2).last)


def week_from(day: date, weeks: int) -> Days:
    """The week, Monday to Sunday, so many weeks after that of `day`, or before it."""
    monday = day + timedelta(7 * weeks - day.weekday())
    return Days(monday, monday + timedelta(6))


def weekend_from(day: date, step: int) -> Days:
    """0: the latest weekend that has begun by `day`; -1: the latest that was over; 1: the one that comes next."""
    saturday = day - timedelta((day.weekday() - 5) % 7)
    if step > 0:
        saturday += timedelta(7)
    elif step < 0 and saturday + timedelta(1) >= day:
        saturday -= timedelta(7)
    return Days(saturday, saturday + timedelta(1))


def weekday_from(day: date, weekday: int, step: int) -> Days:
    """0: the latest such weekday up to `day`; -1: the latest before it; 1: the first after it."""
    if step > 0:
        found = day + timedelta((weekday - day.weekday() - 1) % 7 + 1)
    else:
        last = day + timedelta(step)
        found = last - timedelta((last.weekday() - weekday) % 7)
    return Days(found, found)


def latest(in_year: Callable[[int], Days | None], as_of: date, *, over: bool = False) -> Days | None:
    """The latest of something yearly that has begun by `as_of`, or is over before it."""
    for number in range(as_of.year, max(0, as_of.year - _YEARS_BACK - 1), -1):
        days = in_year(number)
        if days is not None and (days.last < as_of if over else days.first <= as_of):
            return days
    return None


def part_of(days: Days, number: int, parts: int) -> Days:
    """Part `number`, from 0, of so many equal ones: by months of a whole year, by days of anything else."""
    if days == year(days.first.year):
        length = 12 // parts
        begins = date(days.first.year, 1 + number * length, 1)
        return Days(begins, month_from(begins, length - 1).last)
    length = (days.last - days.first).days + 1
    first, end = length * number // parts, length * (number + 1) // parts
    return Days(days.first + timedelta(first), days.first + timedelta(max(first, end - 1)))
