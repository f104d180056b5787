"""The pieces of a question that are a time: "last week", "5 March", "2021".

Each kind of expression is a pattern, what it means, and a look at the words around it (`index/understand/days/context.py`).
What a date or a count of days means is dateparser's work.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from index.understand.days.calendar import (
    FEASTS,
    SEASONS,
    Days,
    around,
    feast,
    month_from,
    read,
    season,
    spoken,
    week_from,
    weekend_from,
    year,
    yearly,
)
from index.understand.days.context import always, in_month, in_season, never, no_of, on_day, placed
from newsdesk.wording.dateline import MONTHS, WEEKDAYS

LATELY = 30
"""Days up to the day of asking that "now" and "recently" stand for: a convention, nobody means a number."""

Meaning = Callable[[re.Match[str], date], Days | None]
"""The days that the words mean, given the day of asking; None when there are none, as of 31 June."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters [start:end] of a question that may be a time."""

    start: int
    end: int
    days: Callable[[date], Days | None]
    """The days meant, given the day of asking."""
    stands_alone: bool
    """Whether the words around it make it a time. As an end of "between ... and ..." it need not."""
    is_deictic: bool
    to_come: bool
    """Whether it speaks of the days after the day of asking."""


_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”")


def pieces(question: str) -> list[Piece]:
    """Everything that may be a time, in order, without overlap; what an earlier rule takes, a later one does not see.

    What stands in quotation marks is somebody's words or a title, and no time of the question.
    """
    question = _QUOTED.sub(lambda match: "_" * len(match.group()), question)
    found: list[Piece] = []
    for pattern, meaning, stands_alone, says_lately in _RULES:
        for match in pattern.finditer(question):
            start, end = match.span()
            if all(end <= other.start or other.end <= start for other in found):
                found.append(_piece(match, meaning, stands_alone(question[:start], question[end:]), says_lately))
    return sorted(found, key=lambda piece: piece.start)


def _piece(match: re.Match[str], meaning: Meaning, stands_alone: bool, says_lately: bool) -> Piece:
    to_come = bool(_TO_COME.search(match.group()))
    is_deictic = says_lately or bool(_THIS.match(match.group()))
    return Piece(*match.span(), lambda as_of: meaning(match, as_of), stands_alone, is_deictic, to_come)


# --- What is meant --------------------------------------------------------------------------------------------------

_NUMBERS = {"couple of": 2, "few": 5, "several": 7}  # generous: too wide a window loses nothing
_STEPS = {"last": -1, "previous": -1, "next": 1, "coming": 1, "following": 1}
_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_WINTER_IS_REMEMBERED = timedelta(120)  # past its end as "this winter"; in summer that is the next one


def _step(match: re.Match[str]) -> int:
    return _STEPS.get(match["step"].casefold().split()[-1], 0)


def _as_written(match: re.Match[str], as_of: date) -> Days | None:
    return spoken(match.group().rstrip("."), as_of)


def _numeric(match: re.Match[str], as_of: date) -> Days | None:
    """13/4/2022 and 4/13/2022 are plain; 3/4/2022 is one day in London and another in New York."""
    one, other = int(match["one"]), int(match["other"])
    return None if one != other and max(one, other) <= 12 else spoken(match.group(), as_of)


def _days(match: re.Match[str], as_of: date) -> Days | None:
    """ "3 and 29 January": from the one to the other of one month."""
    written = [spoken(f"{match[day]} {match['m']} {match['y'] or ''}", as_of) for day in ("from", "to")]
    one, other = written
    return Days(one.first, other.last) if one and other else None


def _of_year(match: re.Match[str], as_of: date) -> Days | None:
    """ "March last year", "the summer of next year"."""
    number = as_of.year + _step(match)
    return season(number, match["s"]) if match["s"] else spoken(f"{match['what']} {number}", as_of)


def _nth(match: re.Match[str], as_of: date) -> Days | None:
    """ "on the 4th": of this month, or else of the one before."""
    for days in (month_from(as_of, 0), month_from(as_of, -1)):
        nth = days.first + timedelta(int(match["d"]) - 1)
        if days.first <= nth <= min(days.last, as_of):
            return Days(nth, nth)
    return None


def _weekday_of_month(match: re.Match[str], as_of: date) -> Days | None:
    """ "the last Friday of May 2022", "the second Sunday of last month"."""
    month = month_from(as_of, _step(match)) if match["step"] else spoken(f"{match['m']} {match['y'] or ''}", as_of)
    if month is None:
        return None
    first = month.first + timedelta((WEEKDAYS.index(match["w"].capitalize()) - month.first.weekday()) % 7)
    days = [first + timedelta(7 * weeks) for weeks in range(5) if first + timedelta(7 * weeks) <= month.last]
    day = days[_PLACES[match["place"].casefold()]]
    return Days(day, day)


def _day_of_month(match: re.Match[str], as_of: date) -> Days | None:
    """ "the 4th of last month"."""
    month = month_from(as_of, _step(match))
    day = month.first + timedelta(int(match["d"]) - 1)
    return Days(day, day) if month.first <= day <= month.last else None


def _weekday(match: re.Match[str], as_of: date) -> Days | None:
    """The latest such day; asked on a Friday, "on Friday" is today."""
    return spoken(match["w"], as_of + timedelta(1))


def _weekday_of_week(match: re.Match[str], as_of: date) -> Days | None:
    return spoken(match["w"], week_from(as_of, _step(match)).last + timedelta(1))


def _stepped(match: re.Match[str], as_of: date) -> Days | None:
    """ "last week", "this month", "next Friday", "last summer"."""
    unit, step = match["u"].casefold(), _step(match)
    if unit in SEASONS or unit.capitalize() in MONTHS:
        return _stepped_in_year(unit, step, as_of)
    if unit == "weekend":
        return weekend_from(as_of, step)
    if unit == "quarter":
        return month_from(as_of, 3 * step - (as_of.month - 1) % 3, 3)
    if unit == "week" and step == 0:
        # Said on a Monday, "this week" means the days just gone too.
        return Days(min(as_of - timedelta(6), week_from(as_of, 0).first), week_from(as_of, 0).last)
    if unit == "week":
        return week_from(as_of, step)
    if unit == "month":
        return month_from(as_of, step)
    if unit == "year":
        return year(as_of.year + step)
    word = {-1: "last", 0: "", 1: "next"}[step]
    return spoken(f"{word} {unit}", as_of if step else as_of + timedelta(1))


def _stepped_in_year(name: str, step: int, as_of: date) -> Days | None:
    """ "Last March" is over, "next March" comes, "this winter" may have ended in February but not in last year."""

    def in_year(number: int) -> Days:
        return season(number, name) if name in SEASONS else month_from(date(number, 1, 1), _month(name) - 1)

    days = yearly(in_year, as_of, step or None)
    may_be_this = days.last.year >= as_of.year and (
        days.first.year == days.last.year or as_of - days.last < _WINTER_IS_REMEMBERED
    )
    return days if step or may_be_this else None


def _month(name: str) -> int:
    return MONTHS.index(name.capitalize()) + 1


def _season(match: re.Match[str], as_of: date) -> Days | None:
    name = match["s"]
    return season(int(match["y"]), name) if match["y"] else yearly(lambda number: season(number, name), as_of)


def _feast(match: re.Match[str], as_of: date) -> Days | None:
    name = match["feast"].casefold().replace("'", "’")
    return feast(int(match["y"]), name) if match["y"] else yearly(lambda number: feast(number, name), as_of)


def _decade(match: re.Match[str], as_of: date) -> Days | None:
    begins = int(match["y"])
    return Days(year(begins).first, year(begins + 9).last)


def _lately(match: re.Match[str], as_of: date) -> Days | None:
    return Days(as_of - timedelta(LATELY), as_of)


def _ago(match: re.Match[str], as_of: date) -> Days | None:
    """A day when days are counted, or to the day; else the week, month or year around it."""
    found = _counted_back(match, as_of)
    if found is None:
        return None
    day, period = found
    return around(day, "day" if match["to_the_day"] else period)


def _counted_back(match: re.Match[str], as_of: date) -> tuple[date, str] | None:
    number = match["n"] or "1"
    return read(f"{_NUMBERS.get(number, number)} {match['u']}s ago", as_of)


def _last_days(match: re.Match[str], as_of: date) -> Days | None:
    """ "the last ten days": today is not over, so it is counted beside them."""
    found = _counted_back(match, as_of)
    return Days(found[0], as_of) if found else None


# --- The rules ------------------------------------------------------------------------------------------------------

_TO_COME = re.compile(r"\b(?:next|tomorrow|coming|following)\b", re.I)
_THIS = re.compile(rf"this (?!(?:coming|\w+day|{'|'.join(MONTHS)})\b)|today|tonight|over the weekend", re.I)
_NTH = r"(?:st|nd|rd|th)?\b"
_MONTH_NAMES = "|".join(name for name in MONTHS)
_SHORT = r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
_ANY_CASE = rf"(?P<m>(?i:{_MONTH_NAMES}|{_SHORT}))"  # with a year, small letters will do
_M = rf"(?P<m>(?!may|mar)(?i:{_MONTH_NAMES})|{_SHORT})"  # "may 20 people" does not
_WEEKDAY = "(?i:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_W = f"(?P<w>{_WEEKDAY})"
_ON_W = rf"(?:\b{_WEEKDAY},? (?:the )?)?"
_SEASON = "|".join(SEASONS)
_Y = r"(?P<y>(?:1[89]|20)\d\d)\b(?![.,/–-]\d|%)"
_YEAR_OR_NOT = rf"(?:,? {_Y}|(?!\w))"
_D = rf"(?<![\d.,/:$£€#–-])(?P<d>\d{{1,2}}){_NTH}(?![.,:/]\d|%)"
_FROM_TO = rf"(?<![\d.,$])(?P<from>\d{{1,2}}){_NTH}(?: (?:and|to|until|till|through) | ?[–-] ?)(?P<to>\d{{1,2}}){_NTH}"
_N = rf"(?:an? )?(?P<n>\d{{1,3}}|{'|'.join(_NUMBERS)}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty) "
_U = "(?P<u>hour|day|week|fortnight|month|year|decade)s?"
_LAST = "(?i:last|past|previous|preceding)"
_UNIT = rf"week|weekend|month|quarter|year|{_WEEKDAY}|{_SEASON}|{_MONTH_NAMES}"

_Rule = tuple[re.Pattern[str], Meaning, Callable[[str, str], bool], bool]


def _rule(
    pattern: str, meaning: Meaning, stands_alone: Callable[[str, str], bool] = always, *, says_lately: bool = False
) -> _Rule:
    return re.compile(pattern), meaning, stands_alone, says_lately


_RULES = (
    # Days with a date, months, seasons and years.
    _rule(rf"\b(?P<place>(?i:{'|'.join(_PLACES)})) {_W} (?:of|in) (?:(?P<step>last|this|next) month\b|{_ANY_CASE}{_YEAR_OR_NOT})", _weekday_of_month),
    _rule(rf"{_D} of (?P<step>last|this|next) month\b", _day_of_month),
    _rule(r"\b\d{4}-\d\d-\d\d\b", _as_written),
    _rule(r"(?<![\d/.])(?P<one>\d{1,2})[/.](?P<other>\d{1,2})[/.](?:19|20)\d\d\b", _numeric),
    _rule(rf"{_FROM_TO} (?:of )?{_M}{_YEAR_OR_NOT}", _days, on_day),
    _rule(rf"{_ON_W}{_D} (?:of )?{_ANY_CASE},? {_Y}", _as_written),
    _rule(rf"{_ON_W}\b{_ANY_CASE} {_D},? {_Y}", _as_written),
    _rule(rf"\b(?P<what>(?:{_D} (?:of )?)?{_M}|(?P<s>{_SEASON})) (?:of )?(?P<step>last|this|next) year\b", _of_year),
    _rule(rf"{_ON_W}{_D} (?:of )?{_M}(?!\w)", _as_written, on_day),
    _rule(rf"{_ON_W}\b{_M} {_D}(?!\w)", _as_written, on_day),
    _rule(rf"\b{_ANY_CASE},? (?:of |in )?{_Y}", _as_written),
    _rule(rf"\b(?P<s>{_SEASON}) (?:of |in )?{_Y}", _season),
    _rule(rf"\b(?P<feast>(?i:{'|'.join(FEASTS)}))(?: {_Y}|\b)".replace("’", "[’']"), _feast, placed),
    # Counted from today.
    _rule(rf"\b{_W} (?:of )?(?P<step>last|this|next) week\b", _weekday_of_week),
    _rule(r"(?i)\bover (?P<step>the) (?P<u>weekend)\b", _stepped, no_of),
    _rule(r"\b(?P<step>the) (?P<u>week|month|quarter|year)\b(?! \d)", _stepped, never),
    _rule(rf"\b(?:[Tt]he )?{_LAST} (?P<n>few|couple of|several) {_U}\b", _last_days, no_of, says_lately=True),
    _rule(rf"\b{_LAST} {_N}{_U}\b", _last_days, no_of),
    _rule(rf"\b(?:[Tt]he {_LAST}|[Pp]ast) (?P<n>)(?P<u>week|fortnight|month|year|decade)\b", _last_days, no_of),
    _rule(rf"(?i)\b(?P<step>last|previous|this coming|this|next|coming) (?P<u>{_UNIT})\b(?! (?:few|couple|several)\b)", _stepped, no_of),
    _rule(rf"\b(?:{_N}|an? ){_U} ago\b(?P<to_the_day> (?:today|to the day)\b)?", _ago),
    _rule(r"\b(?:[Tt]he day before )?yesterday\b|^Yesterday\b|\b[Ll]ast night\b|\btomorrow\b|^Tomorrow\b", _as_written),
    _rule(r"\btoday\b|\btonight\b|^(?:Today|Tonight)\b|\b[Tt]his (?:morning|afternoon|evening)\b", lambda match, as_of: Days(as_of, as_of)),
    _rule(r"(?<!from )(?<!until )(?<!till )\b(?:now|[Cc]urrently|[Rr]ecently|[Ll]ately|nowadays|these days|at the moment|at present|[Ii]n recent (?:days|weeks|months))\b(?!-)", _lately, says_lately=True),
    _rule(rf"\b{_W}\b", _weekday, on_day),
    # Bare months, seasons, years and days.
    _rule(r"\b(?P<y>(?:1[89]|20)\d0)s\b", _decade, placed),
    _rule(rf"\b(?!may|march)(?i:{_MONTH_NAMES})\b", _as_written, in_month),
    _rule(rf"\b(?P<s>{_SEASON})\b(?P<y>)", _season, in_season),
    _rule(rf"(?<![\d.,$£€#/–-]){_Y}", _as_written, placed),
    _rule(r"(?<=\b[Oo]n the )(?P<d>\d{1,2})(?:st|nd|rd|th)\b", _nth, placed),
)  # fmt: skip
