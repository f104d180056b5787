"""Spans of days: what dateparser reads in a few words, and the spans that it does not know. No question is read here."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The month in which each begins: northern seasons of whole months, as weather services count them."""
FEASTS = {
    "christmas eve": (12, 24, 1),
    "christmas day": (12, 25, 1),
    "christmas": (12, 24, 3),
    "boxing day": (12, 26, 1),
    "new year’s eve": (12, 31, 1),
    "new year’s day": (1, 1, 1),
    "halloween": (10, 31, 1),
    "valentine’s day": (2, 14, 1),
}
"""Feasts that are on the same days each year: month, first day, how many days."""


class Days(NamedTuple):
    """From one day to another, both included."""

    first: date
    last: date


@lru_cache(maxsize=1024)
def read(text: str, as_of: date) -> tuple[date, str] | None:
    """The day that "5 March", "last week" or "3 years ago" leads to, and what is meant: that day, or its week, month, year.

    None when there is none, such as 31 June. Without a year it is the latest that has begun.
    """
    from dateparser.date import (
        DateDataParser,
    )  # here: its import and first call take 0.2 s, which not all questions pay

    settings = {
        "TIMEZONE": "UTC",  # else the machine's is looked up, which may warn
        "PREFER_DATES_FROM": "past",
        "RELATIVE_BASE": datetime(as_of.year, as_of.month, as_of.day, 12),
    }
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(text)
    return (found.date_obj.date(), found.period) if found.date_obj else None


def spoken(text: str, as_of: date) -> Days | None:
    """The span that dateparser reads in the text."""
    found = read(text, as_of)
    if found is None:
        return None
    return around(*found)


def around(day: date, period: str) -> Days:
    """The week, month or year of a day; the day alone for any other period."""
    if period == "week":
        return week_from(day, 0)
    if period == "month":
        return month_from(day, 0)
    return year(day.year) if period == "year" else Days(day, day)


def year(number: int) -> Days:
    """A calendar year."""
    return Days(date(number, 1, 1), date(number, 12, 31))


def month_from(day: date, months: int, length: int = 1) -> Days:
    """So many calendar months, of which the first is so many after that of `day`, or before it."""
    years, index = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, index + 1, 1)
    if length > 1:
        return Days(first, month_from(first, length - 1).last)
    return Days(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))


def season(year_number: int, name: str) -> Days:
    """The season that begins in that year: winter 2021 ends in February 2022."""
    return month_from(date(year_number, SEASONS[name], 1), 0, 3)


def feast(year_number: int, name: str) -> Days:
    """The days of a feast."""
    number, first, length = FEASTS[name]
    begins = date(year_number, number, first)
    return Days(begins, begins + timedelta(length - 1))


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


def yearly(in_year: Callable[[int], Days], as_of: date, step: int | None = None) -> Days:
    """Of something yearly the latest that has begun by `as_of`; with a step the latest that is over, or the next one."""
    years = range(as_of.year + 1, as_of.year - 3, -1)
    if step == 1:
        return next(days for days in map(in_year, reversed(years)) if days.first > as_of)
    return next(days for days in map(in_year, years) if (days.last < as_of if step == -1 else days.first <= as_of))


def part_of(days: Days, number: int, parts: int) -> Days:
    """Part `number`, from 0, of so many equal ones: by months of a whole year, by days of anything else."""
    if days == year(days.first.year):
        length = 12 // parts
        return month_from(days.first, number * length, length)
    length = (days.last - days.first).days + 1
    first, end = length * number // parts, length * (number + 1) // parts
    return Days(days.first + timedelta(first), days.first + timedelta(max(first, end - 1)))
