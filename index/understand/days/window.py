"""Which days a question speaks of, without an LLM: "last week", "in March 2022", "since Monday".

Decided where English leaves it open:

- A date without a year is the latest one that is not after the day of asking; so is "on Monday".
- "Last quarter" is the calendar quarter before, "the 1990s" ten years, "on the 4th" the latest one.
- A year or date that goes with a noun is a name ("the 2022 World Cup", "the January 6 committee"), and names no days.
- Weeks run from Monday to Sunday. "Last week" is the calendar week before; "the last week" and "the past week" are the
  seven days up to now. So with months and years.
- 3/4/2022 is one day in London and another in New York, and names none; 13/4/2022 does.
- Days to come are no window, because the archive has nothing of them, unless the question says "next" or "tomorrow".
- Feasts on the same days each year are known; others ("at Easter") and events ("since the election") are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from index.understand.days.calendar import Days, part_of
from index.understand.days.expressions import Piece, pieces


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """The days that a question speaks of, both ends included: when it happened, not when it was printed.

    News of a day is printed on it and in the next few; what looks back ("the riot on 6 January 2021"), years later.
    """

    first: date
    """`date.min` when no beginning is named: "before 2020"."""
    last: date
    """Not after the day of asking, unless the question speaks of days to come."""
    text: str
    """The words of the question, to the letter."""
    is_deictic: bool = False
    """True for "today", "this week", "now", "recently": in news they only say "lately", and exclude nothing."""


def time_window(question: str, as_of: date) -> TimeWindow | None:
    """The days that the question speaks of when asked on `as_of`; None when it names none.

    Of several windows, the newest that is not to come; of those that lie within it, the narrowest. So "Who said this
    week what was stolen on 6 January 2021?" is about this week. Named days apart from each other are compared: "Did
    the report of 3 May contradict that of 9 June?" is about all from the first to the last; `text` is that of the last.
    """
    try:
        windows = list(_windows(question, as_of))
    except (ValueError, OverflowError):  # next to the first or the last year of the calendar
        return None
    if not windows:
        return None
    newest = max(windows, key=lambda window: (window.last <= as_of, window.last, window.first))
    within = [window for window in windows if newest.first <= window.first and window.last <= newest.last]
    narrowest = min(within, key=lambda window: (window.last - window.first, window.is_deictic))
    if narrowest.is_deictic or narrowest.last > as_of:
        return narrowest
    named = [window.first for window in windows if not window.is_deictic and window.last < narrowest.first]
    return replace(narrowest, first=min([narrowest.first, *named]))


def _windows(question: str, as_of: date) -> Iterator[TimeWindow]:
    found = pieces(question)
    paired: set[Piece] = set()
    for one, other in pairwise(found):
        window = None if one in paired else _range(question, one, other, as_of)
        if window is not None:
            paired |= {one, other}
            yield window
    for piece in found:
        window = None if piece in paired else _single(question, piece, as_of)
        if window is not None:
            yield window


# --- From one to another --------------------------------------------------------------------------------------------

_BETWEEN = re.compile(r"\bbetween (?:the )?$", re.I)
_FROM = re.compile(r"\b(?:from|in|during|over) (?:the )?$", re.I)
_AND = re.compile(r" and (?:the )?")
_TO = re.compile(r" (?:to|until|till|through|up to) (?:the )?| ?[–-] ?")


def _range(question: str, one: Piece, other: Piece, as_of: date) -> TimeWindow | None:
    """ "between March and May 2022", "from Monday to Wednesday": the first is the latest one before the second."""
    middle = question[one.end : other.start]
    for before, joint in ((_BETWEEN, _AND), (_FROM, _TO)):
        opening = before.search(question, 0, one.start)
        if opening and joint.fullmatch(middle):
            last = other.days(as_of)
            first = one.days(as_of)
            if last and first and first.first > last.last:
                first = one.days(last.last)
            if last and first and first.first <= last.last:
                to_come = one.to_come or other.to_come
                text = question[opening.start() : other.end]
                return _clipped(Days(first.first, last.last), text, as_of, to_come=to_come)
    return None


# --- A single time, with the words before it ------------------------------------------------------------------------

_PART = re.compile(
    r"\b(?:(?P<third>early|mid|late)(?:-| in | )|(?P<edge>start|beginning|middle|end) of |"
    r"(?P<half>first|second) half of |(?P<quarter>first|second|third|fourth|last) quarter of |Q(?P<q>[1-4]) (?:of )?|"
    r"(?P<week>first|last) week of )"
    r"(?:the )?$",
    re.I,
)
_PARTS = {
    "third": {"early": (0, 3), "mid": (1, 3), "late": (2, 3)},
    "edge": {"start": (0, 3), "beginning": (0, 3), "middle": (1, 3), "end": (2, 3)},
    "half": {"first": (0, 2), "second": (1, 2)},
    "quarter": {"first": (0, 4), "second": (1, 4), "third": (2, 4), "fourth": (3, 4), "last": (3, 4)},
    "q": {"1": (0, 4), "2": (1, 4), "3": (2, 4), "4": (3, 4)},
}
_PREPOSITION = re.compile(
    r"\b(between|since|after|before|until|till|up to|by|through|week of|in|on|during|from|over|within|throughout|earlier) "
    r"(?:the )?(?:year )?$",
    re.I,
)


def _single(question: str, piece: Piece, as_of: date) -> TimeWindow | None:
    part = _PART.search(question, 0, piece.start)
    if not (piece.stands_alone or part):
        return None
    days = piece.days(as_of)
    if days is None:
        return None
    start, edge = piece.start, ""
    if part:
        start, edge = part.start(), (part["edge"] or "").casefold()
        days = _part(days, part)
    preposition = _PREPOSITION.search(question, 0, start)
    word = preposition[1].casefold() if preposition else ""
    start = preposition.start() if preposition else start
    if not piece.to_come:
        word = "" if piece.is_deictic and word != "since" else word
        days = _bounded(word, _at_edge(days, edge) if word in _BOUNDS else days, as_of)
    is_deictic = piece.is_deictic and not part and word not in _BOUNDS
    return _clipped(days, question[start : piece.end], as_of, to_come=piece.to_come, is_deictic=is_deictic)


def _part(days: Days, part: re.Match[str]) -> Days:
    if part["week"]:
        week = timedelta(6)
        return Days(days.first, days.first + week) if part["week"] == "first" else Days(days.last - week, days.last)
    kind = next(kind for kind in _PARTS if part[kind])
    return part_of(days, *_PARTS[kind][part[kind].casefold()])


def _at_edge(days: Days, edge: str) -> Days:
    """ "since the end of 2021" is since its last day, "before the start of 2021" before its first."""
    if edge == "end":
        return Days(days.last, days.last)
    return Days(days.first, days.first) if edge in ("start", "beginning") else days


_BOUNDS = frozenset({"since", "after", "before", "until", "till", "up to", "by", "through"})


def _bounded(word: str, days: Days, as_of: date) -> Days:
    """What a preposition makes of the days."""
    if word == "since":
        return Days(days.first, as_of)
    if word == "after":
        return Days(days.last + timedelta(1), as_of)
    if word == "before":
        return Days(date.min, days.first - timedelta(1))
    if word == "week of":
        return Days(days.first, days.first + timedelta(6))
    return Days(date.min, days.last) if word in _BOUNDS else days


def _clipped(days: Days, text: str, as_of: date, *, to_come: bool, is_deictic: bool = False) -> TimeWindow | None:
    """The days as a window that ends by `as_of`; None when nothing is left, or for "by 2050" when that is to come."""
    last = days.last if to_come else min(days.last, as_of)
    if days.first > last or (days.first == date.min and days.last > as_of):
        return None
    return TimeWindow(days.first, last, text, is_deictic)
