"""The days that one shard covers."""

from __future__ import annotations

from datetime import date, timedelta

UNDATED = (0, 0)
"""Days of the shard for articles without a day."""

Days = tuple[int, int]
"""First and last day, as proleptic Gregorian ordinals."""


def year_of(day: int) -> Days:
    """The year of a day; UNDATED of 0."""
    if not day:
        return UNDATED
    year = date.fromordinal(day).year
    return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()


def quarter_of(day: int) -> Days:
    """The quarter of a day; UNDATED of 0."""
    if not day:
        return UNDATED
    on = date.fromordinal(day)
    first = 3 * ((on.month - 1) // 3) + 1
    last = date(on.year, 12, 31) if first == 10 else date(on.year, first + 3, 1) - timedelta(1)
    return date(on.year, first, 1).toordinal(), last.toordinal()


def in_words(days: Days) -> str:
    """How a period is called: "2016", "2016, July to September", "undated articles"."""
    if days == UNDATED:
        return "undated articles"
    first, last = map(date.fromordinal, days)
    return f"{first.year}" if days == year_of(days[0]) else f"{first.year}, {first:%B} to {last:%B}"
