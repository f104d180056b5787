"""When and where an article was published, in words: "17 January 2017, Harbour Courier"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
CALENDAR = frozenset((*MONTHS, *WEEKDAYS))
"""The names of months and weekdays."""


def dateline(published: date | None, source: str, authors: Sequence[str] = ()) -> str:
    """The day, or "undated", the outlet if it is known, and the authors if any are given."""
    by = f"by {', '.join(authors)}" if authors else ""
    return ", ".join(filter(None, (in_words(published) if published else "undated", source.strip(), by)))


def meant_in_words(said: str, first: date, last: date, how: str) -> str:
    """ "Saturday = 6 May 2023, from the article's date"; nothing where the words say it themselves (`how` is "written")."""
    if how == "written":
        return ""
    return f"{said} = {days_in_words(first, last)}" + ("" if "said" in how else ", from the article's date")


def days_in_words(first: date, last: date) -> str:
    """ "6 May 2023", or "1 May 2023 to 31 May 2023"."""
    return in_words(first) if first == last else f"{in_words(first)} to {in_words(last)}"


def in_words(day: date) -> str:
    """ "17 January 2017"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
