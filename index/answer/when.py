"""Which days an answer such as "Saturday" means, from the date of the article that says so.

Pieces of time are read as in a question (`index/understand/days`); what differs is that news looks ahead as well as back.

- A weekday is the day of publication when that is one, else the last one before or the first one after it, as "last" or
  "next" says, or else the tense of its clause (`tense.py`). "Next Friday" in a week whose Friday is yet to come, and
  "last Friday" of a day or two after it, are used both ways and are left alone.
- A date without a year is the one nearest to publication; a weekday beside it has to fit.
- "Yesterday" and "last week" are counted from publication; in a quotation from the day that its sentence says it was
  said on, if it says so. Weeks run from Monday to Sunday.
- Days are those that the publisher wrote: neither a clock time beside them nor its zone moves them.
- Left alone are seasons, which depend on the hemisphere; "ten years ago", which is roughly meant; and whatever is no day
  of the calendar, or a name.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from index.answer.tense import tense_around
from index.text.places import sentence_around
from index.understand.days.calendar import SEASONS, Days, week_from
from index.understand.days.context import placed
from index.understand.days.expressions import Piece, pieces
from newsdesk.types import Evidence, Span, When
from newsdesk.wording.dateline import MONTHS, WEEKDAYS
from newsdesk.wording.sentences import CAPITALS

NEAR = timedelta(120)
"""Up to here a date without a year is taken for the nearest one; beyond, half a year away, only if the tense agrees."""
_JUST_GONE = timedelta(2)
"""So shortly after it, a day is called "Friday" or "yesterday", and "last Friday" may be the one before."""
_YEAR = timedelta(366)
_ANY_DAY = date(2001, 1, 1)  # what is written in full is counted from nothing

_PARTS = "morning|afternoon|evening|night|noon|midday|lunchtime"
_CLOCK = r"(?:\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?|\d{1,2}\s?[ap]\.?m\.?|noon)(?:\s+(?:[A-Z]{2,4}\b|local time))?"
_BESIDE = re.compile(
    rf"(?:(?:(?:shortly|just|soon|around|about|before|after|by|at|until|from)\s+)*{_CLOCK}|\b(?:on|in|at|the|of|during|early|late|earlier|"
    rf"later|{_PARTS})\b|[’']s\b|[\s,.])*+"
)
"""What may stand beside a day without making it another thing."""
_COUNTED = re.compile(
    r"\b(?:yesterday|today|tomorrow|tonight|last night|this (?:morning|afternoon|evening)|"
    r"(?:last|this|next|past|previous) (?:week|weekend|month|year|quarter)|days? ago)\b",
    re.I,
)
_WEEKDAY = re.compile("|".join(WEEKDAYS), re.I)
_STEP = re.compile(r"\b(last|next|coming|previous|past|this)\b", re.I)
_OF_WEEK = re.compile(r"\bweek$", re.I)
_MONTH = re.compile("|".join(month[:3] for month in MONTHS), re.I)
_SEASON = re.compile(rf"\b(?:{'|'.join(SEASONS)})\b", re.I)
_NARROWED = re.compile(
    r"(?:\b(?:early|mid|late|later|earlier|\w+ (?:half|quarter|part|weeks?|days?|weekend) (?:of|in)|(?:end|start|beginning|middle|rest) of)[ -](?:the )?)$",
    re.I,
)
_NAMES_NO_DAY = frozenset(
    "every each a an one any some that the following previous alternate most per another same first second third fourth fifth".split()
)
"""Before a weekday: "every Friday", "a Sunday", "the Monday after" count from something else than publication."""
_LEADING = frozenset(
    "on since until till by from before after late early last next this and for of through to between".split()
)
_FROM = re.compile(rf"\b(?:{'|'.join(WEEKDAYS)}) (?:to|through|till|until) $")  # "open Tuesday to Saturday", as a rule
_TO = re.compile(rf" (?:to|through|till|until) (?:{'|'.join(WEEKDAYS)})\b")
_CAPITAL = re.compile(rf"[{CAPITALS}]")
_MARKS = '“”"'


def when_of(evidence: Evidence, span: Span) -> When | None:
    """The days that these words of a passage mean; None when they are no days, or it is not plain which."""
    around = sentence_around(evidence, span)
    if around is None:
        return None
    place, sentence = around
    return when_said(sentence, span.start - place.start, span.end - place.start, evidence.published)


def whole_time(evidence: Evidence, span: Span) -> Span:
    """The words of an answer, with those around them without which they would mean another day.

    Of "the day before yesterday" the reader may take "yesterday" alone. Other words are returned as they are.
    """
    around = sentence_around(evidence, span)
    if around is None or evidence.published is None:
        return span
    place, sentence = around
    start, end = span.start - place.start, span.end - place.start
    whole = [piece for piece in pieces(sentence) if piece.start <= start and end <= piece.end]
    alone = pieces(sentence[start:end])
    if len(whole) != 1 or len(alone) != 1:
        return span
    try:
        meant, taken = whole[0].days(evidence.published), alone[0].days(evidence.published)
    except (ValueError, OverflowError):  # next to the first or the last year of the calendar
        return span
    if meant is None or taken is None or (meant.first <= taken.last and taken.first <= meant.last):
        return span
    return Span(span.paragraph, place.start + whole[0].start, place.start + whole[0].end)


def when_said(sentence: str, start: int, end: int, published: date | None) -> When | None:
    """The days that characters [start:end] of a sentence mean in an article of that date."""
    first, last = _quotation(sentence, start)
    said = sentence[first:last]
    start, end = start - first, min(end, last) - first
    quoted = (first, last) != (0, len(sentence))
    if quoted and said.strip(" ,.") == said[start:end]:
        return None  # a title
    found = [piece for piece in pieces(said) if piece.start < end and start < piece.end]
    if len(found) != 1 or not _is_all_of(said[start:end], found[0], start):
        return None
    base = _day_said(sentence, (first, last), published) if quoted and _is_counted(said, found[0]) else published
    try:
        when = _meant(said, found[0], base)
    except (ValueError, OverflowError):  # next to the first or the last year of the calendar
        return None
    if when and base != published:
        return When(when.start, when.end, "counted from the day it was said")
    return when


def _quotation(sentence: str, start: int) -> tuple[int, int]:
    """Where the quotation begins and ends in which a place lies; the whole sentence when it lies in none."""
    marks = [place for place, sign in enumerate(sentence) if sign in _MARKS]
    before = [place for place in marks if place < start]
    opens = bool(before) and (sentence[before[-1]] == "“" or (sentence[before[-1]] == '"' and len(before) % 2 == 1))
    if not opens:
        return 0, len(sentence)
    return before[-1] + 1, next((place for place in marks if place >= start), len(sentence))


def _is_all_of(answer: str, piece: Piece, start: int) -> bool:
    """Whether the answer is these days and nothing else but a time of day."""
    before, after = answer[: max(0, piece.start - start)], answer[max(0, piece.end - start) :]
    return bool(_BESIDE.fullmatch(before) and _BESIDE.fullmatch(after))


def _is_counted(text: str, piece: Piece) -> bool:
    return bool(_COUNTED.search(text[piece.start : piece.end]))


def _day_said(sentence: str, quotation: tuple[int, int], published: date | None) -> date | None:
    """The day on which a quotation was said: what its sentence gives, else the article's; None when it is not plain."""
    first, last = quotation
    outside = [piece for piece in pieces(sentence) if piece.end <= first or piece.start >= last]
    if not outside:
        return published
    when = when_said(sentence, outside[0].start, outside[0].end, published) if len(outside) == 1 else None
    return when.start if when and when.start == when.end else None


def _meant(text: str, piece: Piece, published: date | None) -> When | None:
    """The days of a piece of time; the first reading that its words fit decides."""
    words = text[piece.start : piece.end]
    if _SEASON.search(words):
        return None
    if re.search(r"\d{4}", words):
        return _written(text, piece)
    if published is None:
        return None
    if (
        _MONTH.search(words)
        and not _WEEKDAY.fullmatch(words)
        and not _COUNTED.search(words)
        and not _STEP.search(words)
    ):
        return _of_year(text, piece, published)
    if _WEEKDAY.search(words):
        return _weekday(text, piece, published)
    return _counted(text, piece, published)


def _written(text: str, piece: Piece) -> When | None:
    """A date, month or year in full; a weekday beside the date has to fit it."""
    days = piece.days(_ANY_DAY)
    bare_year = text[piece.start : piece.end].isdigit()
    if days is None or (bare_year and not piece.stands_alone) or _is_narrowed(text, piece, days):
        return None
    return _when(days, "written") if _weekday_fits(text, piece, days) else None


def _counted(text: str, piece: Piece, published: date) -> When | None:
    """ "Yesterday", "last week", "two days ago"."""
    words = text[piece.start : piece.end].casefold()
    if not _COUNTED.search(words) or not piece.stands_alone or "previous" in words:
        return None
    days = week_from(published, 0) if words == "this week" else piece.days(published)
    if days is None or (
        _is_narrowed(text, piece, days) and not text[: piece.start].rstrip().endswith(("earlier", "later"))
    ):
        return None
    return _when(days, "counted from publication")


def _of_year(text: str, piece: Piece, published: date) -> When | None:
    """The days of a year that is not named: the nearest to publication."""
    of_month = not re.search(r"\d", text[piece.start : piece.end])
    if of_month and not placed(text[: piece.start], text[piece.end :]):  # "May", "March" may be anything else
        return None
    either = {days for base in (published, published + _YEAR) if (days := piece.days(base))}
    fitting = [days for days in either if _weekday_fits(text, piece, days)]
    if not fitting:
        return None
    nearest = min(fitting, key=lambda days: _away(days, published))
    if _is_narrowed(text, piece, nearest) or not (
        _away(nearest, published) <= NEAR or _fits_tense(text, piece, nearest, published)
    ):
        return None
    return _when(nearest, "nearest to publication")


def _weekday(text: str, piece: Piece, published: date) -> When | None:
    """The weekday before publication, on it or after it."""
    words, before, after = text[piece.start : piece.end], text[: piece.start], text[piece.end :]
    if not _is_day(before, after, stepped=bool(_STEP.match(words))):
        return None
    word = (_STEP.findall(words.casefold()) or [""])[-1]  # "this coming Monday" is the coming one
    if _OF_WEEK.search(words):
        days = piece.days(published)
    elif word in ("", "this"):
        days = _bare_weekday(text, piece, published)
    else:
        days = _stepped_weekday(piece, word, published)
    return _when(days, _side(days.first, published)) if days else None


def _bare_weekday(text: str, piece: Piece, published: date) -> Days | None:
    before, after = piece.days(published), piece.days(published + timedelta(6))
    if before == after or before is None or after is None:
        return before
    tense = tense_around(text, piece.start, piece.end)
    return None if tense is None else before if tense == "past" else after


def _stepped_weekday(piece: Piece, word: str, published: date) -> Days | None:
    days = piece.days(published)
    if days is None or word in ("previous", "past"):
        return None
    if word == "last":
        return None if published - days.first <= _JUST_GONE else days
    if word == "next":
        return None if days.first <= week_from(published, 0).last else days
    return days


def _is_day(before: str, after: str, stepped: bool) -> bool:
    """Whether a weekday between these words is counted from publication and is no name: "Black Friday", "Saturday Night Live".

    `stepped`: it has a word of its own before it, as "last Friday"; the one before that makes no name of it.
    """
    words = before.replace("'", "’").split()
    last = words[-1].strip('“"‘(') if words else ""
    leads = stepped or last.casefold() in _LEADING
    if last.casefold() in _NAMES_NO_DAY or (_CAPITAL.match(last) and not leads and last[-1].isalpha()):
        return False
    if _FROM.search(before) or _TO.match(after) or re.match(rf"-|\s+of\b|\s+(?:{_PARTS.title()})\b", after):
        return False
    return leads or not re.match(rf"\s+[{CAPITALS}]", after)


def _is_narrowed(text: str, piece: Piece, days: Days) -> bool:
    """Whether only a part of these days is meant: "late March"."""
    return days.first != days.last and bool(_NARROWED.search(text[: piece.start]))


def _weekday_fits(text: str, piece: Piece, days: Days) -> bool:
    """Whether a weekday written beside a date is that of the date."""
    named = _WEEKDAY.search(text[piece.start : piece.end])
    return named is None or WEEKDAYS[days.first.weekday()].casefold() == named[0].casefold()


def _fits_tense(text: str, piece: Piece, days: Days, published: date) -> bool:
    return tense_around(text, piece.start, piece.end) == ("future" if days.first > published else "past")


def _away(days: Days, published: date) -> timedelta:
    return max(days.first - published, published - days.last, timedelta())


def _side(day: date, published: date) -> str:
    if day == published:
        return "weekday of publication"
    return "weekday before publication" if day < published else "weekday after publication"


def _when(days: Days, how: str) -> When:
    return When(days.first, days.last, how)
