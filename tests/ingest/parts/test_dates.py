"""Dates: read to the day as written, or not at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parts.dates import day_of_epoch, parse_date

DAY = date(2017, 1, 18)
days = st.dates(min_value=date(1600, 1, 1), max_value=date.today())


@pytest.mark.parametrize(
    "text",
    [
        "2017-01-18",
        "2017/01/18",
        "2017-1-18",
        "2017-01-18Z",
        "2017-01-18T23:30:00-05:00",
        "2017-01-18T23:30:00.123Z",
        "2017-01-18 08:15",
        "2017-01-18 08:15:00 UTC",
        "20170118",
        "20170118T101500Z",
        "Wed, 18 Jan 2017 23:59:59 +0100",
        "Wed, 18 Jan 2017 10:00:00 GMT",
        "Jan 18,2017",
        "Jan. 18, 2017",
        "18 January 2017",
        "18th of January, 2017",
        "January 18, 2017 at 3:04 p.m. EST",
        "Wednesday, 18 Jan 2017",
        "Wed 18 Jan 2017 10.30 GMT",
        "Wed Jan 18 15:00:00 EST 2017",
        "Wed, 18 Jan 17 10:00:00 +0100",
        "Wednesday, 18-Jan-17 10:00:00 GMT",
        "Updated Jan 18, 2017, 9:12 AM",
        "Last updated: 18 January 2017",
        "Jan 18, 2017 | 9:12 am PST",
        "18 January 2017 · 09:12",
        "18. Januar 2017",
        "mercredi 18 janvier 2017",
        "18 de enero de 2017",
        "18 января 2017 г.",
        "18 يناير 2017",
        "2017年1月18日",
        "18.01.2017",
        "01/18/2017",
        "  18\N{NO-BREAK SPACE}January   2017\n",
    ],
)
def test_reads_the_day_as_it_is_written(text: str) -> None:
    """Every usual form is read, and a zone does not move the day."""
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "9 days ago",
        "yesterday",
        "today",
        "Wednesday",
        "10:30",
        "2017",
        "January 2017",
        "2017-01",
        "18 January",
        "18 January 17",
        "18/01/17",
        "Thu, 18 Jan 17 10:00:00 +0100",
        "01/02/2017",
        "18-20 January 2017",
        "January 18 - February 2, 2017",
        "2017-02-30",
        "30 February 2017",
        "1484697600",
        "0000-00-00",
        "1599-12-31",
        "31 December 1066",
        "9999-01-01",
        "published on a Wednesday in 2017",
        "9" * 500,
        "٢٠١٧-٠١-١٨",
    ],
)
def test_nothing_is_filled_in_or_guessed(text: str) -> None:
    """What is relative, incomplete, ambiguous, impossible or out of range is no date."""
    assert parse_date(text) is None


def test_a_weekday_tells_the_century() -> None:
    """A year of two digits is read where the weekday fits one century only, so that nothing is guessed."""
    assert parse_date("Wed, 18 Jan 95 08:00:00 GMT") == date(1995, 1, 18)


def test_seconds_since_1970_are_a_day() -> None:
    """Databases export moments as seconds or milliseconds; other numbers are no days."""
    assert day_of_epoch(1484733600) == DAY == day_of_epoch(1484733600_000)
    assert [day_of_epoch(number) for number in (0, 2017, 20170118, -1484733600, 10**11 - 1, 10**30)] == [None] * 6


def test_next_year_is_the_last() -> None:
    """An embargoed story may bear next year's date, one of the year after is a misprint."""
    year = date.today().year
    assert parse_date(f"{year + 1}-12-31") == date(year + 1, 12, 31)
    assert parse_date(f"{year + 2}-01-01") is None


@given(days, st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%-d %B %Y", "%b %-d,%Y", "%A, %B %-d, %Y", "%d.%m.%Y %H:%M"]))
def test_a_written_day_is_read_back_or_ambiguous(day: date, form: str) -> None:
    """A form with the month named or in front gives back its day; with numbers only, perhaps none, never another."""
    written = day.strftime(form) if day.year >= 1000 else day.isoformat()
    read = parse_date(written)
    ambiguous = form.startswith("%d.") and day.day <= 12 and day.day != day.month
    assert read == (None if ambiguous else day)


@given(days, st.integers(-12, 14))
def test_mail_dates_keep_their_day(day: date, hours: int) -> None:
    """RFC 2822 is read in every zone."""
    moment = datetime(day.year, day.month, day.day, 23, 15, tzinfo=timezone(timedelta(hours=hours)))
    assert parse_date(format_datetime(moment)) == day


@given(st.text(max_size=40) | st.text(alphabet="0123456789-/:.,TZ JanFebMay", max_size=24))
def test_no_text_breaks_it(text: str) -> None:
    """Whatever a feed writes, the answer is a day within range or None."""
    day = parse_date(text)
    assert day is None or 1600 <= day.year <= date.today().year + 1
