"""The pieces of a question that are a time: "last week", "5 March", "2021".

Each kind of expression is a pattern, what it means, and a look at the words around it (`index/understand/days/context.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from index.understand.days.calendar import (
    SEASONS,
    WEEKDAYS,
    Days,
    ago,
    latest,
    month,
    month_from,
    season,
    week_from,
    weekday_from,
    weekend_from,
    written_day,
    year,
)
from index.understand.days.context import (
    always,
    dated,
    dated_without_year,
    in_march_or_may,
    in_month,
    in_season,
    in_year,
    never,
    no_of,
    not_asked_when,
    not_from_on,
    not_later,
    on_weekday,
)
from newsdesk.wording.dateline import MONTHS

LATELY = 30
"""Days up to the day of asking that "now" and "recently" stand for: a convention, nobody means a number."""

Meaning = Callable[[date], Days | None]
"""The days meant, given the day of asking; None when there are none, as of 31 June."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters [start:end] of a question that may be a time."""

    start: int
    end: int
    days: Meaning
    stands_alone: bool
    """Whether the words around it make it a time. As an end of "between ... and ..." it need not."""
    is_deictic: bool
    to_come: bool
    """Whether it speaks of the days after the day of asking."""


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    meaning: Callable[[re.Match[str]], Meaning]
    stands_alone: Callable[[str, str], bool]
    """Given the question before and after it."""
    is_deictic: bool
    to_come: bool


_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”")


def pieces(question: str) -> list[Piece]:
    """Everything that may be a time, in order, without overlap; what an earlier rule takes, a later one does not see.

    What stands in quotation marks is somebody's words or a title, and no time of the question.
    """
    question = _QUOTED.sub(lambda match: "_" * len(match.group()), question)
    found: list[Piece] = []
    for rule in _RULES:
        for match in rule.pattern.finditer(question):
            start, end = match.span()
            if all(end <= other.start or other.end <= start for other in found):
                alone = rule.stands_alone(question[:start], question[end:])
                found.append(Piece(start, end, rule.meaning(match), alone, rule.is_deictic, rule.to_come))
    return sorted(found, key=lambda piece: piece.start)


# --- What is meant --------------------------------------------------------------------------------------------------

_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split(), start=1
    )
}
_NUMBER_WORDS |= {"a": 1, "an": 1, "couple of": 2, "few": 5, "several": 7, "dozen": 12, "twenty": 20, "thirty": 30}
# "Few" and "several" are generous: too wide a window loses nothing.

_STEPS = {"last": -1, "previous": -1, "this": 0, "the": 0, "next": 1, "coming": 1}
_WINTER_IS_REMEMBERED = timedelta(120)  # past its end as "this winter"; in summer that is the next one
_DAY_STEPS = {"the day before yesterday": -2, "yesterday": -1, "last night": -1, "tomorrow": 1}


def _number(word: str | None) -> int:
    return int(word) if word and word.isdigit() else _NUMBER_WORDS[word or "one"]


def _month_number(word: str) -> int:
    return next(number for number, name in enumerate(MONTHS, start=1) if name.startswith(word[:3].capitalize()))


def _step(match: re.Match[str]) -> int:
    return _STEPS[match["step"].casefold()]


def _yearly(match: re.Match[str], in_year: Callable[[int], Days | None]) -> Meaning:
    """What `in_year` gives for the year written, for last, this or next year, or for the latest that has begun."""
    if written := match["y"]:
        return lambda as_of: in_year(int(written))
    if relative := match["of_year"]:
        return lambda as_of: in_year(as_of.year + _STEPS[relative])
    return lambda as_of: latest(in_year, as_of)


def _mean_day(match: re.Match[str]) -> Meaning:
    day, name = int(match["d"]), MONTHS[_month_number(match["m"]) - 1]
    return _yearly(match, lambda number: written_day(f"{day} {name} {number}"))


def _mean_days(match: re.Match[str]) -> Meaning:
    """ "3 and 29 January": the last day as it stands, the first one in the same month."""
    last = _mean_day(match)

    def days(as_of: date) -> Days | None:
        end = last(as_of)
        if end is None or not 1 <= int(match["from"]) <= end.last.day:
            return None
        return Days(end.last.replace(day=int(match["from"])), end.last)

    return days


def _mean_iso(match: re.Match[str]) -> Meaning:
    return lambda as_of: written_day(match.group())


def _mean_numeric(match: re.Match[str]) -> Meaning:
    """13/4/2022 and 4/13/2022 are plain; 3/4/2022 is one day in London and another in New York."""
    one, other = int(match["one"]), int(match["other"])
    if min(one, other) > 12 or (max(one, other) <= 12 and one != other):
        return lambda as_of: None
    return lambda as_of: written_day(f"{match['y']}-{min(one, other):02}-{max(one, other):02}")


def _mean_month(match: re.Match[str]) -> Meaning:
    return _yearly(match, lambda number: month(number, _month_number(match["m"])))


def _mean_season(match: re.Match[str]) -> Meaning:
    return _yearly(match, lambda number: season(number, match["s"]))


def _mean_year(match: re.Match[str]) -> Meaning:
    return lambda as_of: year(int(match["y"]))


def _mean_relative_month_or_season(match: re.Match[str]) -> Meaning:
    """ "last March" is over, "this March" may have begun, "next March" comes."""
    name, step = match["name"], _step(match)

    def in_year(number: int) -> Days:
        return season(number, name) if name in SEASONS else month(number, _month_number(name))

    def days(as_of: date) -> Days | None:
        if step < 0:
            return latest(in_year, as_of, over=True)
        if step == 0:
            return _of_this_year(latest(in_year, as_of), as_of)
        this = in_year(as_of.year)
        return this if this.first > as_of else in_year(as_of.year + 1)

    return days


def _of_this_year(days: Days | None, as_of: date) -> Days | None:
    """The season if it may be "this" one, else None: in September spring may, the winter that ended in February not."""
    if days is None or days.last.year < as_of.year:
        return None
    return days if days.first.year == days.last.year or as_of - days.last < _WINTER_IS_REMEMBERED else None


def _mean_weekday(match: re.Match[str]) -> Meaning:
    weekday = WEEKDAYS.index(match["w"].capitalize())
    return lambda as_of: weekday_from(as_of, weekday, 0)


def _mean_relative_weekday(match: re.Match[str]) -> Meaning:
    weekday = WEEKDAYS.index(match["w"].capitalize())
    return lambda as_of: weekday_from(as_of, weekday, _step(match))


def _mean_weekday_of_week(match: re.Match[str]) -> Meaning:
    weekday = WEEKDAYS.index(match["w"].capitalize())
    return lambda as_of: weekday_from(week_from(as_of, _step(match)).last, weekday, 0)


def _mean_relative_day(match: re.Match[str]) -> Meaning:
    step = timedelta(_DAY_STEPS.get(match.group().casefold(), 0))
    return lambda as_of: Days(as_of + step, as_of + step)


def _mean_lately(match: re.Match[str]) -> Meaning:
    return lambda as_of: Days(as_of - timedelta(LATELY), as_of)


def _mean_calendar_unit(match: re.Match[str]) -> Meaning:
    """ "last week", "this month", "next year", "the weekend"."""
    unit, step = match["u"], _step(match)
    if unit == "week" and step == 0:
        # Said on a Monday, "this week" means the days just gone too.
        return lambda as_of: Days(min(as_of - timedelta(6), week_from(as_of, 0).first), week_from(as_of, 0).last)
    by_unit: dict[str, Meaning] = {
        "week": lambda as_of: week_from(as_of, step),
        "weekend": lambda as_of: weekend_from(as_of, step),
        "month": lambda as_of: month_from(as_of, step),
        "year": lambda as_of: year(as_of.year + step),
    }
    return by_unit[unit]


def _mean_last_days(match: re.Match[str]) -> Meaning:
    """ "the last ten days": today is not over, so it is counted beside them."""

    def days(as_of: date) -> Days | None:
        first = ago(_number(match["n"]), match["u"], as_of)
        return Days(first.first, as_of) if first else None

    return days


def _mean_next_days(match: re.Match[str]) -> Meaning:
    """ "the next ten days" are as long as the last ten."""
    before = _mean_last_days(match)

    def days(as_of: date) -> Days | None:
        past = before(as_of)
        return Days(as_of + timedelta(1), as_of + (as_of - past.first)) if past and past.first < as_of else None

    return days


def _mean_ago(match: re.Match[str]) -> Meaning:
    """A day when days are counted, else the week, month or year around it."""
    unit = match["u"]

    def days(as_of: date) -> Days | None:
        found = ago(_number(match["n"]), unit, as_of)
        if found is None or unit in ("hour", "day"):
            return found
        if unit in ("week", "fortnight"):
            return week_from(found.first, 0)
        return month_from(found.first, 0) if unit == "month" else year(found.first.year)

    return days


# --- The rules ------------------------------------------------------------------------------------------------------

_SHORT = r"[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ept?|[Oo]ct|[Nn]ov|[Dd]ec"
_FULL = "|".join(f"[{name[0]}{name[0].lower()}]{name[1:]}" for name in MONTHS if name not in ("March", "May"))
_ANY_MONTH = rf"(?P<m>{_FULL}|[Mm]arch|[Mm]ay|(?:{_SHORT})\b\.?)"  # with a year, small letters will do
_NEAR_DAY = rf"(?P<m>{_FULL}|March|May|(?:{_SHORT})\b\.?)"  # "may 20 people" does not
_W = "(?P<w>" + "|".join(f"[{name[0]}{name[0].lower()}]{name[1:]}" for name in WEEKDAYS) + ")"
_S = f"(?P<s>{'|'.join(SEASONS)})"
_Y = r"(?P<y>(?:1[89]|20)\d\d)\b(?![.,/–-]\d|%)"
_NTH = r"(?:st|nd|rd|th)?\b"
_D = rf"(?<![\d.,/:$£€#–-])(?P<d>\d{{1,2}}){_NTH}(?![.,:/]\d|%)"
_ON_W = rf"(?:\b{_W},? (?:the )?)?"
_TO = r"(?: (?:and|to|until|till|through) | ?[–-] ?)"
_YEAR_OR_NOT = rf"(?:,? {_Y}|,? (?:of )?(?P<of_year>last|this) year\b|(?![\w]))"
_N = rf"(?:a )?(?P<n>\d{{1,3}}|{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))}) "
_U = "(?P<u>hour|day|week|fortnight|month|year|decade)s?"
_LAST = "(?:[Ll]ast|[Pp]ast|[Pp]revious|[Pp]receding)"


def _rule(
    pattern: str,
    meaning: Callable[[re.Match[str]], Meaning],
    stands_alone: Callable[[str, str], bool] = always,
    *,
    is_deictic: bool = False,
    to_come: bool = False,
) -> _Rule:
    return _Rule(re.compile(pattern), meaning, stands_alone, is_deictic, to_come)


_RULES = (
    # Days with a date.
    _rule(r"\b\d{4}-\d\d-\d\d\b", _mean_iso),
    _rule(r"(?<![\d/.])(?P<one>\d{1,2})[/.](?P<other>\d{1,2})[/.](?P<y>(?:19|20)\d\d)\b", _mean_numeric),
    _rule(rf"(?<![\d.,$])(?P<from>\d{{1,2}}){_NTH}{_TO}(?P<d>\d{{1,2}}){_NTH} (?:of )?{_NEAR_DAY}{_YEAR_OR_NOT}", _mean_days, dated),
    _rule(rf"\b{_NEAR_DAY} (?P<from>\d{{1,2}}){_NTH}{_TO}(?P<d>\d{{1,2}}){_NTH}{_YEAR_OR_NOT}", _mean_days, dated),
    _rule(rf"{_ON_W}{_D} (?:of )?{_ANY_MONTH},? {_Y}(?P<of_year>)?", _mean_day, dated),
    _rule(rf"{_ON_W}\b{_ANY_MONTH} {_D},? {_Y}(?P<of_year>)?", _mean_day, dated),
    _rule(rf"{_ON_W}{_D} (?:of )?{_NEAR_DAY}{_YEAR_OR_NOT}", _mean_day, dated_without_year),
    _rule(rf"(?<!\b[Ii]n ){_ON_W}\b{_NEAR_DAY} {_D}{_YEAR_OR_NOT}", _mean_day, dated_without_year),
    # Months, seasons and years.
    _rule(rf"\b{_ANY_MONTH},? (?:of |in )?{_Y}(?P<of_year>)?", _mean_month, dated),
    _rule(rf"\b{_NEAR_DAY} (?:of )?(?P<of_year>last|this|next) year\b(?P<y>)?", _mean_month),
    _rule(rf"\b{_S} (?:of |in )?{_Y}(?P<of_year>)?", _mean_season, dated),
    _rule(rf"\b{_S} (?:of )?(?P<of_year>last|this) year\b(?P<y>)?", _mean_season),
    _rule(rf"\b(?P<step>[Ll]ast|[Tt]his) (?P<name>{'|'.join(MONTHS)})\b", _mean_relative_month_or_season),
    _rule(rf"\b(?P<step>next) (?P<name>{'|'.join([*MONTHS, *SEASONS])})\b", _mean_relative_month_or_season, to_come=True),
    _rule(rf"\b(?P<step>[Ll]ast) (?P<name>{'|'.join(SEASONS)})\b", _mean_relative_month_or_season, not_asked_when),
    _rule(rf"\b(?P<step>[Tt]his) (?P<name>{'|'.join(SEASONS)})\b", _mean_relative_month_or_season, not_later, is_deictic=True),
    # Weekdays, and days counted from today.
    _rule(rf"\b{_W} (?:of )?(?P<step>last|this) week\b", _mean_weekday_of_week),
    _rule(rf"\b{_W} (?:of )?(?P<step>next) week\b", _mean_weekday_of_week, to_come=True),
    _rule(rf"\b(?P<step>[Ll]ast|[Tt]his) {_W}\b", _mean_relative_weekday),
    _rule(rf"\b(?P<step>next) {_W}\b", _mean_relative_weekday, to_come=True),
    _rule(rf"\b{_W}\b", _mean_weekday, on_weekday),
    _rule(r"\b[Tt]he day before yesterday\b|(?<!^)\byesterday\b|^\W*[Yy]esterday\b|\b[Ll]ast night\b", _mean_relative_day),
    _rule(r"(?<!^)\btomorrow\b|^Tomorrow\b", _mean_relative_day, to_come=True),
    _rule(r"(?<!^)\b(?:today|tonight)\b|^(?:Today|Tonight)\b|\b[Tt]his (?:morning|afternoon|evening)\b", _mean_relative_day, is_deictic=True),
    _rule(r"(?<!^)\bnow\b|^Now\b|\b(?:[Cc]urrently|[Rr]ecently|[Ll]ately|nowadays|these days|at the moment|at present)\b", _mean_lately, not_from_on, is_deictic=True),
    _rule(r"\b[Ii]n recent (?:days|weeks|months)\b", _mean_lately, is_deictic=True),
    # Weeks, months and years counted from this one.
    _rule(rf"\b[Tt]he {_LAST} (?P<n>few|couple of|several) {_U}\b", _mean_last_days, no_of, is_deictic=True),
    _rule(rf"\b{_LAST} {_N}{_U}\b", _mean_last_days, no_of),
    _rule(rf"\b(?:[Tt]he {_LAST}|[Pp]ast) (?P<n>)?(?P<u>week|fortnight|month|year|decade)\b", _mean_last_days, no_of),
    _rule(rf"\b(?:next|coming|following) {_N}{_U}\b", _mean_next_days, to_come=True),
    _rule(rf"\b{_N}{_U} ago\b", _mean_ago),
    _rule(r"\b(?P<step>[Ll]ast|[Pp]revious) (?P<u>week|weekend|month|year)\b", _mean_calendar_unit, no_of),
    _rule(r"\b(?P<step>[Tt]his) (?P<u>week|weekend|month|year)\b", _mean_calendar_unit, not_later, is_deictic=True),
    _rule(r"\b(?P<step>next|coming) (?P<u>week|weekend|month|year)\b", _mean_calendar_unit, no_of, to_come=True),
    _rule(r"\b[Oo]ver (?P<step>the) (?P<u>weekend)\b", _mean_calendar_unit, no_of, is_deictic=True),
    _rule(r"\b(?P<step>the) (?P<u>week|month|year)\b(?! \d)", _mean_calendar_unit, never),
    # Bare months, seasons and years.
    _rule(rf"\b(?P<m>{_FULL})\b(?P<y>)?(?P<of_year>)?", _mean_month, in_month),
    _rule(r"\b(?P<m>March|May)\b(?P<y>)?(?P<of_year>)?", _mean_month, in_march_or_may),
    _rule(rf"\b{_S}\b(?P<y>)?(?P<of_year>)?", _mean_season, in_season),
    _rule(rf"(?<![\d.,$£€#/–-]){_Y}", _mean_year, in_year),
)  # fmt: skip
