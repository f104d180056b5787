"""Which days a question speaks of: a table of what has them, a table of what only looks so, and what always holds."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.understand.days.window import TimeWindow, time_window
from tests.support import ROOT, environment

FRIDAY = date(2022, 6, 17)
EVER = "0001-01-01"

EXPRESSIONS = [
    # Days counted from today.
    ("What did the mayor say today?", "2022-06-17", "2022-06-17", "today"),
    ("Who was arrested this morning?", "2022-06-17", "2022-06-17", "this morning"),
    ("What happened in Tannet yesterday?", "2022-06-16", "2022-06-16", "yesterday"),
    ("Yesterday a bridge fell. Where?", "2022-06-16", "2022-06-16", "Yesterday"),
    ("Who won last night?", "2022-06-16", "2022-06-16", "last night"),
    ("Who resigned the day before yesterday?", "2022-06-15", "2022-06-15", "the day before yesterday"),
    ("What will open tomorrow?", "2022-06-18", "2022-06-18", "tomorrow"),
    ("Who fell ill three days ago?", "2022-06-14", "2022-06-14", "three days ago"),
    ("Who fell ill 24 hours ago?", "2022-06-16", "2022-06-16", "24 hours ago"),
    ("What did the court decide a week ago?", "2022-06-06", "2022-06-12", "a week ago"),
    ("What did the court decide three weeks ago?", "2022-05-23", "2022-05-29", "three weeks ago"),
    ("What did the court decide a couple of weeks ago?", "2022-05-30", "2022-06-05", "a couple of weeks ago"),
    ("Which ferry sank a fortnight ago?", "2022-05-30", "2022-06-05", "a fortnight ago"),
    ("Which ferry sank two months ago?", "2022-04-01", "2022-04-30", "two months ago"),
    ("Which ferry sank 20 years ago?", "2002-01-01", "2002-12-31", "20 years ago"),
    ("What has changed in the last 10 days?", "2022-06-07", "2022-06-17", "in the last 10 days"),
    ("How many fires broke out in the past 24 hours?", "2022-06-16", "2022-06-17", "in the past 24 hours"),
    ("Which shops closed over the last three months?", "2022-03-17", "2022-06-17", "over the last three months"),
    ("Which shops closed in the past year?", "2021-06-17", "2022-06-17", "in the past year"),
    ("Which shops closed in the last week?", "2022-06-10", "2022-06-17", "in the last week"),
    ("Which shops closed in the last few days?", "2022-06-12", "2022-06-17", "in the last few days"),
    # Weekdays.
    ("Who spoke on Monday?", "2022-06-13", "2022-06-13", "on Monday"),
    ("Who spoke on Friday?", "2022-06-17", "2022-06-17", "on Friday"),
    ("Who spoke on Saturday?", "2022-06-11", "2022-06-11", "on Saturday"),
    ("Who spoke on sunday evening?", "2022-06-12", "2022-06-12", "on sunday"),
    ("Who spoke last Friday?", "2022-06-10", "2022-06-10", "last Friday"),
    ("Who will speak next Friday?", "2022-06-24", "2022-06-24", "next Friday"),
    ("Who was convicted Thursday?", "2022-06-16", "2022-06-16", "Thursday"),
    ("Who was missing early Thursday after the flood?", "2022-06-16", "2022-06-16", "early Thursday"),
    ("Who won Sunday’s race?", "2022-06-12", "2022-06-12", "Sunday"),
    ("Who spoke on Monday of last week?", "2022-06-06", "2022-06-06", "on Monday of last week"),
    ("Who spoke on Wednesday last week?", "2022-06-08", "2022-06-08", "on Wednesday last week"),
    ("What has been said since Monday?", "2022-06-13", "2022-06-17", "since Monday"),
    # A day by its place in a month.
    (
        "What did the council vote on at the second Tuesday of May 2022?",
        "2022-05-10",
        "2022-05-10",
        "second Tuesday of May 2022",
    ),
    ("What burned down on the last Sunday of January?", "2022-01-30", "2022-01-30", "on the last Sunday of January"),
    ("Who spoke on the First Monday in April 2021?", "2021-04-05", "2021-04-05", "on the First Monday in April 2021"),
    (
        "What was opened on the third Saturday of last month?",
        "2022-05-21",
        "2022-05-21",
        "on the third Saturday of last month",
    ),
    ("Who was robbed on the 23rd of last month?", "2022-05-23", "2022-05-23", "on the 23rd of last month"),
    ("Which mines closed between 3 and 9 May?", "2022-05-03", "2022-05-09", "between 3 and 9 May"),
    # Weeks, months, years and seasons counted from this one.
    ("Who resigned this week?", "2022-06-11", "2022-06-17", "this week"),
    ("This week a volcano erupted. Where?", "2022-06-11", "2022-06-17", "This week"),
    ("What happened in al-Bab last week?", "2022-06-06", "2022-06-12", "last week"),
    ("What caused last week's strike?", "2022-06-06", "2022-06-12", "last week"),
    ("Who will visit next week?", "2022-06-20", "2022-06-26", "next week"),
    ("Who won last weekend?", "2022-06-11", "2022-06-12", "last weekend"),
    ("Which roads were closed over the weekend?", "2022-06-11", "2022-06-12", "over the weekend"),
    ("Who will play next weekend?", "2022-06-18", "2022-06-19", "next weekend"),
    ("Which bank failed this month?", "2022-06-01", "2022-06-17", "this month"),
    ("Which bank failed last month?", "2022-05-01", "2022-05-31", "last month"),
    ("Which law changes early next month?", "2022-07-01", "2022-07-10", "early next month"),
    ("Which film won this year?", "2022-01-01", "2022-06-17", "this year"),
    ("Which film won earlier this year?", "2022-01-01", "2022-06-17", "earlier this year"),
    ("Which film won last year?", "2021-01-01", "2021-12-31", "last year"),
    ("Which tax rises next year?", "2023-01-01", "2023-12-31", "next year"),
    ("Which tax rose late last year?", "2021-09-01", "2021-12-31", "late last year"),
    ("Which festival was cancelled this summer?", "2022-06-01", "2022-06-17", "this summer"),
    ("Which festival was cancelled last summer?", "2021-06-01", "2021-08-31", "last summer"),
    ("Which river froze last winter?", "2021-12-01", "2022-02-28", "last winter"),
    ("Which river flooded last fall?", "2021-09-01", "2021-11-30", "last fall"),
    ("Which festival is planned for next summer?", "2023-06-01", "2023-08-31", "next summer"),
    ("Who was governor in March last year?", "2021-03-01", "2021-03-31", "in March last year"),
    ("Who was governor on 5 March last year?", "2021-03-05", "2021-03-05", "on 5 March last year"),
    ("What was built since the start of the year?", "2022-01-01", "2022-06-17", "since the start of the year"),
    # Dates.
    ("What happened on 5 March 2022?", "2022-03-05", "2022-03-05", "on 5 March 2022"),
    ("What happened on March 5, 2021?", "2021-03-05", "2021-03-05", "on March 5, 2021"),
    ("What happened on 2022-03-05?", "2022-03-05", "2022-03-05", "on 2022-03-05"),
    ("What happened on Saturday, March 5?", "2022-03-05", "2022-03-05", "on Saturday, March 5"),
    ("What happened on the 5th of March?", "2022-03-05", "2022-03-05", "on the 5th of March"),
    ("What happened on march 5th 2022?", "2022-03-05", "2022-03-05", "on march 5th 2022"),
    ("What happened on Sept. 5?", "2021-09-05", "2021-09-05", "on Sept. 5"),
    ("What happened on 29 February?", "2020-02-29", "2020-02-29", "on 29 February"),
    ("What happened on 23/4/2022?", "2022-04-23", "2022-04-23", "on 23/4/2022"),
    ("What happened on May 5?", "2022-05-05", "2022-05-05", "on May 5"),
    ("5 March 2022: what happened in Tannet?", "2022-03-05", "2022-03-05", "5 March 2022"),
    ("What was stolen in the week of March 7?", "2022-03-07", "2022-03-13", "week of March 7"),
    # Months, seasons and years.
    ("Which ship sank in March 2022?", "2022-03-01", "2022-03-31", "in March 2022"),
    ("Which ship sank in june 2021?", "2021-06-01", "2021-06-30", "in june 2021"),
    ("Which ship sank in Feb 2022?", "2022-02-01", "2022-02-28", "in Feb 2022"),
    ("Which ship sank in March?", "2022-03-01", "2022-03-31", "in March"),
    ("Which ship sank in august?", "2021-08-01", "2021-08-31", "in august"),
    ("Which ship sank in May?", "2022-05-01", "2022-05-31", "in May"),
    ("In June Apple announced which chip?", "2022-06-01", "2022-06-17", "In June"),
    ("Which ship sank last March?", "2022-03-01", "2022-03-31", "last March"),
    ("Which ship sank last June?", "2021-06-01", "2021-06-30", "last June"),
    ("Which ship sank in early March?", "2022-03-01", "2022-03-10", "in early March"),
    ("Which ship sank in mid-March 2021?", "2021-03-11", "2021-03-20", "in mid-March 2021"),
    ("Which ship sank in late March?", "2022-03-21", "2022-03-31", "in late March"),
    ("Which ship sank at the end of March?", "2022-03-21", "2022-03-31", "end of March"),
    ("Who was king in 2021?", "2021-01-01", "2021-12-31", "in 2021"),
    ("Who was king in 2022?", "2022-01-01", "2022-06-17", "in 2022"),
    ("Who was king in the year 1936?", "1936-01-01", "1936-12-31", "in the year 1936"),
    ("What were the main events of 2021?", "2021-01-01", "2021-12-31", "2021"),
    ("How many ships sank in the first half of 2022?", "2022-01-01", "2022-06-17", "in the first half of 2022"),
    ("How many ships sank in the second quarter of 2021?", "2021-04-01", "2021-06-30", "in the second quarter of 2021"),
    ("What was the profit in Q1 2022?", "2022-01-01", "2022-03-31", "in Q1 2022"),
    ("How many ships sank in early 2021?", "2021-01-01", "2021-04-30", "in early 2021"),
    ("Which ship sank in spring 2022?", "2022-03-01", "2022-05-31", "in spring 2022"),
    ("Which ship sank in the autumn of 2021?", "2021-09-01", "2021-11-30", "in the autumn of 2021"),
    ("Which ship sank in the winter?", "2021-12-01", "2022-02-28", "in the winter"),
    ("Which actor died in the 1990s?", "1990-01-01", "1999-12-31", "in the 1990s"),
    ("What was built in the last week of March 2021?", "2021-03-25", "2021-03-31", "in the last week of March 2021"),
    ("Which bank failed last quarter?", "2022-01-01", "2022-03-31", "last quarter"),
    ("Which ferry sank a year ago today?", "2021-06-17", "2021-06-17", "a year ago today"),
    ("Which court ruled on the 20th?", "2022-05-20", "2022-05-20", "on the 20th"),
    ("Who will speak this coming Saturday?", "2022-06-18", "2022-06-18", "this coming Saturday"),
    # Feasts.
    ("How many trains ran on Boxing Day 2020?", "2020-12-26", "2020-12-26", "on Boxing Day 2020"),
    ("Who was rescued over Christmas?", "2021-12-24", "2021-12-26", "over Christmas"),
    ("Who spoke on New Year's Eve?", "2021-12-31", "2021-12-31", "on New Year's Eve"),
    # Since, after, before, until, by.
    ("Who joined since 5 March?", "2022-03-05", "2022-06-17", "since 5 March"),
    ("Who joined since last week?", "2022-06-06", "2022-06-17", "since last week"),
    ("Who joined since the end of 2021?", "2021-12-31", "2022-06-17", "since the end of 2021"),
    ("Who joined after March 2022?", "2022-04-01", "2022-06-17", "after March 2022"),
    ("Who joined before 2020?", EVER, "2019-12-31", "before 2020"),
    ("Who joined until the end of May?", EVER, "2022-05-31", "until the end of May"),
    ("Who had joined by Friday?", EVER, "2022-06-17", "by Friday"),
    # From one to another.
    ("What was built between March and May 2022?", "2022-03-01", "2022-05-31", "between March and May 2022"),
    ("What was built between 3 and 29 January 2022?", "2022-01-03", "2022-01-29", "between 3 and 29 January 2022"),
    ("What was built from 5 March to 7 April?", "2022-03-05", "2022-04-07", "from 5 March to 7 April"),
    ("What was built between November and February?", "2021-11-01", "2022-02-28", "between November and February"),
    ("What was said between Monday and Wednesday?", "2022-06-13", "2022-06-15", "between Monday and Wednesday"),
    ("What was built from 2019 to 2021?", "2019-01-01", "2021-12-31", "from 2019 to 2021"),
    ("What was built from last month until yesterday?", "2022-05-01", "2022-06-16", "from last month until yesterday"),
    # Several.
    ("Did the report of 3 January 2022 contradict that of 9 March?", "2022-01-03", "2022-03-09", "9 March"),
    ("Who won in 2019 and in 2021?", "2019-01-01", "2021-12-31", "in 2021"),
    ("Who said on Monday that “all was lost in 2021”?", "2022-06-13", "2022-06-13", "on Monday"),
    ("Who said this week what was stolen on 6 January 2021?", "2022-06-11", "2022-06-17", "this week"),
    ("What was this year’s deadliest storm, on Monday?", "2022-06-13", "2022-06-13", "on Monday"),
    ("What was this week’s highest toll since 1992?", "2022-06-11", "2022-06-17", "this week"),
    # Lately.
    ("Which state is now home to the fair?", "2022-05-18", "2022-06-17", "now"),
    ("Which athlete recently retired?", "2022-05-18", "2022-06-17", "recently"),
    ("Which island plunged into chaos in recent days?", "2022-05-18", "2022-06-17", "in recent days"),
]

NO_WINDOW = """
Who conducted the joint strike on al-Bab?
Which team won the 2022 World Cup?
Which party gained from the 2020 election?
Who scored in the Euro 2022 final?
Who lost in 2022 World Cup qualifying?
What did the January 6 committee find?
What did the Jan. 6 hearings show?
What did the May 15 movement demand?
Who was behind the September 11 attacks?
What was rebuilt after the September 11 attacks?
Who was blamed for 9/11?
What did Theresa May say about the backstop?
Why did May resign?
Who took over after May resigned?
What did ministers want from May in Brussels?
How many people may have died in the flood?
May the company sell the land?
Did the storm last?
How long did the siege last?
Who will march on the capital?
What will happen on Monday?
Who spoke at the March on Washington?
What did the protesters march for?
Who took part in the Women's March?
Which team won March Madness?
Which parade is held on May Day?
Where are the fireworks on the Fourth of July?
What did April O’Neil report?
Who plays June Carter in the film?
What was sung by June Carter?
Which play by August Wilson was filmed?
What did the Sun report about the minister?
Which newspaper is owned by the Sunday Times?
What did USA Today find?
Who hosts the Today show?
How many passengers were on the Boeing 737?
What was agreed at the G20?
How many jobs will be cut, 1,500 or 2,000?
Who came second?
How many seconds did the runner gain?
What can be learnt in 24 hours?
How far did the car go in 10 minutes?
How many people over 60 were vaccinated?
Which house is at 2020 Elm Street?
Who paid $2022 for the stamp?
Which army of 1900 soldiers surrendered?
Who was evacuated from 2000 homes in the valley?
How much is that in 2019 dollars?
Who won on Super Tuesday?
Which shop was robbed on Black Friday?
Who hosts Saturday Night Live?
Who scored on Monday Night Football?
Who plays Wednesday Addams?
Who sings Blue Monday?
When did the rouble last fall?
What followed the fall of Kabul?
What was lost in the fall of Kabul?
What happened in the Prague Spring?
What has changed since the election?
What was said before the vote?
Who won the last three games?
Which days of Ramadan are the last ten days of fasting?
Who lived through the last days of Pompeii?
What was the last year of his reign?
What did the second half of the match bring?
What happened on 31 June 2022?
What happened on 30 February?
What happened on 3/4/2022?
What happened on 5 March 2030?
How far will the sea rise by 2050?
What is planned in 2030?
Which singer will start a tour later this year?
What is forbidden from now on?
What is the Vision 2030 plan?
Who sells Windows 2000?
Which film is Blade Runner 2049?
What is the 24-hour helpline?
Who is 25 and in third place?
What does article 5 of the treaty say?
Which flights are cancelled when it will snow in December?
Where is Cape May?
Which airline is cutting flights during November?
Who said "Records are set in January and medals are won in summer"?
Who sang “Yesterday”, and who “On Monday”?
How tall is Mount Everest?
What is the capital of Australia?
Who wrote Pride and Prejudice?
Who sent the Christmas cards?
What does HBO Now cost?
Who directed Long After Tomorrow?
""".strip().splitlines()


def window(question: str, as_of: date = FRIDAY) -> tuple[str, str, str] | None:
    """The window as the tables write it."""
    found = time_window(question, as_of)
    return (found.first.isoformat(), found.last.isoformat(), found.text) if found else None


def test_the_tables_are_large() -> None:
    """Every kind of expression is there, and as many that only look so."""
    assert len(EXPRESSIONS) >= 80
    assert len(NO_WINDOW) >= 60


@pytest.mark.parametrize(("question", "first", "last", "text"), EXPRESSIONS)
def test_the_days_of_a_question(question: str, first: str, last: str, text: str) -> None:
    """A question asked on Friday, 17 June 2022, speaks of these days."""
    assert window(question) == (first, last, text)


@pytest.mark.parametrize("question", NO_WINDOW)
def test_what_only_looks_like_a_time(question: str) -> None:
    """A name, a verb, a number, a day to come or one that is not in the calendar leaves the whole archive open."""
    assert window(question) is None


@pytest.mark.parametrize(
    ("question", "as_of", "first", "last"),
    [
        ("What happened in March?", date(2022, 3, 17), "2022-03-01", "2022-03-17"),
        ("What happened last March?", date(2022, 3, 17), "2021-03-01", "2021-03-31"),
        ("What happened in March?", date(2022, 2, 1), "2021-03-01", "2021-03-31"),
        ("What happened on Monday?", date(2022, 6, 13), "2022-06-13", "2022-06-13"),
        ("What happened last Monday?", date(2022, 6, 13), "2022-06-06", "2022-06-06"),
        ("What happened this week?", date(2022, 6, 13), "2022-06-07", "2022-06-13"),
        ("What happened last weekend?", date(2022, 6, 12), "2022-06-04", "2022-06-05"),
        ("What happened last weekend?", date(2022, 6, 13), "2022-06-11", "2022-06-12"),
        ("What happened this winter?", date(2022, 2, 10), "2021-12-01", "2022-02-10"),
        ("What happened this winter?", date(2022, 4, 10), "2021-12-01", "2022-02-28"),
        ("What happened one month ago?", date(2022, 3, 31), "2022-02-01", "2022-02-28"),
        ("What happened between November and February?", date(2022, 1, 5), "2020-11-01", "2021-02-28"),
        ("What happened last month?", date(2022, 1, 31), "2021-12-01", "2021-12-31"),
        ("What will happen next month?", date(2022, 12, 31), "2023-01-01", "2023-01-31"),
        ("What will happen next March?", date(2022, 3, 17), "2023-03-01", "2023-03-31"),
    ],
)
def test_it_depends_on_the_day_of_asking(question: str, as_of: date, first: str, last: str) -> None:
    """The same words mean other days on another day."""
    found = window(question, as_of)
    assert found is not None
    assert found[:2] == (first, last)


@pytest.mark.parametrize("question", ["What will happen this winter?", "Who will win this December?"])
def test_a_season_to_come_is_not_the_one_before(question: str) -> None:
    """Asked in September, it has no days that the archive could know of."""
    assert window(question, date(2022, 9, 16)) is None


@pytest.mark.parametrize(
    ("question", "is_deictic"),
    [
        ("Who resigned this week?", True),
        ("Who resigned today?", True),
        ("Who is in charge now?", True),
        ("Who resigned recently?", True),
        ("Who resigned this year?", True),
        ("Who resigned in the last few days?", True),
        ("Who resigned last week?", False),
        ("Who resigned yesterday?", False),
        ("Who resigned on Monday?", False),
        ("Who resigned early this year?", False),
        ("Who resigned since this morning?", False),
        ("Before this week’s ceremony, who was buried there?", True),
        ("Who resigned in the last 10 days?", False),
    ],
)
def test_lately_is_told_from_days_that_are_named(question: str, is_deictic: bool) -> None:
    """ "This week" says that it is news and excludes nothing; "last week" means those days."""
    found = time_window(question, FRIDAY)
    assert found is not None
    assert found.is_deictic is is_deictic


# --- What always holds ----------------------------------------------------------------------------------------------

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
TIMES = [text for *_, text in EXPRESSIONS]
SAYS_TO_COME = ("next", "tomorrow", "coming")
WITHOUT_TIME = (
    "who what why the strike port mayor said bridge of in on after since by from and Selwick 1,500 737 G20".split()
)
FRAGMENTS = [
    *"on in since until by the of last this next past early late mid and between from to ago".split(),
    *"week month year weekend days Monday March May 5 29 31 2022 1850 2100 300 spring fall today now tomorrow half".split(),
    *"first quarter start end a few 5-7 2022-02-30 13/13/2022 Q3 's ? , - – Ž".split(),
]


def check(found: TimeWindow | None, question: str, as_of: date) -> None:
    """What is promised of every window."""
    if found is None:
        return
    assert found.first <= found.last
    assert found.text
    assert found.text in question
    if not any(word in question.casefold() for word in SAYS_TO_COME):
        assert found.last <= as_of


@given(st.sampled_from([question for question, *_ in EXPRESSIONS]), DAYS)
def test_windows_end_by_the_day_of_asking(question: str, as_of: date) -> None:
    """On whatever day it is asked: first and last in order, nothing to come unless it says so, words of the question."""
    check(time_window(question, as_of), question, as_of)


@given(st.sampled_from(TIMES), st.sampled_from(TIMES), st.sampled_from(["between {} and {}", "{}, {}", "from {} to {}"]), DAYS)  # fmt: skip
def test_two_times_in_one_question(one: str, other: str, form: str, as_of: date) -> None:
    """Any two together keep what is promised of one."""
    question = f"Who spoke {form.format(one, other)} in the port?"
    check(time_window(question, as_of), question, as_of)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=10).map(" ".join), st.dates())
def test_nonsense_is_survived(question: str, as_of: date) -> None:
    """Pieces of times in any order, on any day of the calendar, raise nothing."""
    check(time_window(question, as_of), question, as_of)


@given(st.text(max_size=80), DAYS)
def test_any_text_is_survived(question: str, as_of: date) -> None:
    """Whatever is typed."""
    check(time_window(question, as_of), question, as_of)


@given(st.lists(st.sampled_from(WITHOUT_TIME), max_size=12).map(" ".join), DAYS)
def test_without_a_time_word_there_is_no_window(question: str, as_of: date) -> None:
    """Prepositions and numbers alone name no days."""
    assert time_window(question, as_of) is None


@given(st.dates(date(1900, 1, 1), date(2089, 12, 31)), st.integers(0, 300))
def test_a_written_day_is_that_day(day: date, later: int) -> None:
    """In each way of writing it, whatever the day of asking."""
    as_of = day + timedelta(later)
    month = day.strftime("%B")
    for written in (
        day.isoformat(),
        f"{day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{month} {day.day}",
    ):
        found = time_window(f"What happened on {written}?", as_of)
        assert found is not None
        assert (found.first, found.last) == (day, day)


def test_the_library_is_read_when_a_date_is() -> None:
    """A question without a date does not wait for dateparser, and importing the module does not either."""
    code = (
        "import sys\n"
        "from datetime import date\n"
        "from index.understand.days.window import time_window\n"
        "assert time_window('Who won this week?', date(2022, 6, 17))\n"
        "assert 'dateparser' not in sys.modules\n"
        "assert time_window('Who won on 5 March 2022?', date(2022, 6, 17))\n"
        "assert 'dateparser' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, env=environment(), check=True)
