"""Which days an answer means: written cases, each with the day its article was published."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answer.when import when_of, when_said, whole_time
from ingest.parts.dates import parse_date
from newsdesk.types import Evidence, Span, When
from newsdesk.wording.dateline import WEEKDAYS

MON, TUE, WED, THU, FRI, SAT, SUN = (f"2017-01-{day}" for day in range(16, 23))
"""A week of January 2017."""


def resolved(published: str, sentence: str, answer: str) -> When | None:
    """The days that the answer means, where it first stands in the sentence of an article of that day."""
    start = sentence.index(answer)
    return when_said(sentence, start, start + len(answer), date.fromisoformat(published) if published else None)


# Published, sentence, answer, the day or the span that it means.
PLAIN = [
    # The weekday of publication.
    ("2023-05-06", "King Charles was crowned on Saturday.", "Saturday", "2023-05-06"),
    (WED, "The jets struck the town for the first time on Wednesday.", "on Wednesday", WED),
    (MON, "Not a single container moved on Monday as dockers began a strike.", "Monday", MON),
    (FRI, "The council will meet on Friday.", "Friday", FRI),
    # Before it.
    ("2023-05-07", "King Charles was crowned on Saturday.", "Saturday", "2023-05-06"),
    (THU, "Both air forces took off for the same target on Wednesday.", "Wednesday", WED),
    (TUE, "One patient, a woman of 88, died in hospital on Friday.", "Friday", "2017-01-13"),
    (THU, "A mediator was named on Wednesday evening and will see both sides on Friday.", "Wednesday evening", WED),
    (SUN, "The joint raid last Wednesday looks like the same understanding.", "last Wednesday", WED),
    (SUN, "The joint raid last Wednesday looks like the same understanding.", "Wednesday", WED),
    (WED, "They’ll sign on Friday.", "Friday", FRI),
    (SAT, "The chapel was painted for the bishop of Lund last Tuesday, a verger said.", "Tuesday", TUE),
    (THU, "Wednesday's raid killed nobody, the army said.", "Wednesday's", WED),
    (TUE, "The vote on Monday evening was 38 to 21.", "Monday evening", MON),
    (TUE, "The vote was held on Monday night.", "Monday night", MON),
    (SUN, "Marta Lind swam the 200 metres in 2:07.83 on Saturday night.", "Saturday night", SAT),
    (TUE, "On Monday, the board dismissed the harbour master.", "Monday", MON),
    (WED, "The ferry sank early on Tuesday, the coastguard said.", "early on Tuesday", TUE),
    (TUE, "The biologist was arrested after a raid on Monday.", "Monday", MON),
    # After it.
    (MON, "The storm is expected to reach the coast on Thursday night.", "Thursday night", THU),
    (TUE, "The mayor will open the bridge on Saturday.", "Saturday", SAT),
    (SUN, "When negotiators sit down in Kazakhstan on Monday, two governments will disagree.", "Monday", "2017-01-23"),
    (THU, "A mediator was named on Wednesday evening and will see both sides on Friday.", "Friday", FRI),
    (THU, "The trial opens on Monday, lawyers said.", "on Monday", "2017-01-23"),
    (WED, "They meet in the cup final next Monday.", "next Monday", "2017-01-23"),
    (WED, "The ferry will sail again this coming Monday.", "this coming Monday", "2017-01-23"),
    (MON, "Lessons will be held again on Wednesday next week.", "Wednesday next week", "2017-01-25"),
    (FRI, "He has to appear in court on Monday.", "Monday", "2017-01-23"),
    # Counted from publication.
    (WED, "The bridge was closed yesterday.", "yesterday", TUE),
    (WED, "The bridge is closed today.", "today", WED),
    (WED, "Voters go to the polls tomorrow.", "tomorrow", THU),
    (WED, "The fire broke out last night.", "last night", TUE),
    (WED, "The company collapsed two days ago.", "two days ago", MON),
    (WED, "The company collapsed last week.", "last week", "2017-01-09/2017-01-15"),
    (MON, "The strike began earlier this week.", "earlier this week", "2017-01-16/2017-01-22"),
    (SUN, "Work on the pier starts next week.", "next week", "2017-01-23/2017-01-29"),
    (WED, "The prize is given this month.", "this month", "2017-01-01/2017-01-31"),
    (WED, "The law came into force last month.", "last month", "2016-12-01/2016-12-31"),
    (WED, "The pier reopens next year.", "next year", "2018-01-01/2018-12-31"),
    # In a quotation, from the day on which it was said.
    (WED, '"Today the two air forces are flying together," the general said.', "Today", WED),
    (FRI, "“We will vote tomorrow,” she said on Wednesday.", "tomorrow", THU),
    # A date without a year.
    (WED, "The talks open in Kazakhstan on January 23.", "January 23", "2017-01-23"),
    (THU, "The jets took off on 18 January.", "18 January", WED),
    ("2017-01-03", "The pier was closed on 20 December.", "on 20 December", "2016-12-20"),
    ("2016-12-28", "The pier opens on 2 January.", "2 January", "2017-01-02"),
    ("2017-03-07", "The deepening will not begin before September 4.", "September 4", "2017-09-04"),
    ("2017-02-21", "The library will open on Saturday, March 11, after a year.", "Saturday", "2017-03-11"),
    (MON, "They voted to stop work from next Monday, January 23, over pay.", "Monday", "2017-01-23"),
    (WED, "The wing will open in March.", "in March", "2017-03-01/2017-03-31"),
    # Written in full, with or without a date of the article.
    ("2023-05-09", "He was crowned on Saturday, 6 May 2023, in London.", "6 May 2023", "2023-05-06"),
    ("", "He was crowned on Saturday, 6 May 2023, in London.", "Saturday, 6 May 2023", "2023-05-06"),
    ("", "The pact was signed on March 4, 1991.", "March 4, 1991", "1991-03-04"),
    ("", "The mine was closed in 1984.", "1984", "1984-01-01/1984-12-31"),
    ("", "The mine was closed in March 1984.", "March 1984", "1984-03-01/1984-03-31"),
    # A clock time or a time zone moves no day: it is the day as it is told.
    (WED, "The rocket was launched at 11:30 p.m. EST on Tuesday.", "11:30 p.m. EST on Tuesday", TUE),
    (WED, "The quake struck at 0:20 GMT on Wednesday, 19:20 on Tuesday in New York.", "0:20 GMT on Wednesday", WED),
    (MON, "Members will return to work at 6 a.m. on Wednesday.", "6 a.m. on Wednesday", WED),
    (MON, "The pubs closed on Sunday at 8 p.m. local time.", "Sunday at 8 p.m. local time", "2017-01-15"),
]  # fmt: skip

UNSURE = [
    (WED, "Two hundred nurses take part, and talks proceed on Friday.", "on Friday"),
    (WED, "She said he’d resign on Friday.", "Friday"),
    # No article's date to count from.
    ("", "King Charles was crowned on Saturday.", "Saturday"),
    ("", "The bridge was closed yesterday.", "yesterday"),
    ("", "The jets took off on 18 January.", "18 January"),
    # No day, or more than a day.
    (SUN, "She was a guest of Saturday Night Live.", "Saturday Night Live"),
    (SUN, "She was a guest of Saturday Night Live.", "Saturday"),
    (SUN, "It stood in Saturday's paper.", "Saturday's paper"),
    (SUN, "He writes for the Sunday Times.", "Sunday"),
    (SUN, "Thirty shops were looted on Black Friday.", "Friday"),
    (SUN, "The novel “Saturday” was published by a small press.", "Saturday"),
    (SUN, "The joint raid was flown by Russia.", "Russia"),
    (SUN, "Theresa May resigned.", "May"),
    (SUN, "A total of 2016 people signed.", "2016"),
    # Counted from something else, or time and again.
    (SUN, "The shop was closed every Friday.", "Friday"),
    (SUN, "Nearly all transfers were made on Fridays.", "Fridays"),
    (SUN, "Vik received the signal on a Sunday morning.", "Sunday morning"),
    (SUN, "The Monday after, they buried him.", "Monday"),
    (SUN, "He fell ill and died the following Monday.", "Monday"),
    (SUN, "The museum is open Tuesday to Saturday.", "Saturday"),
    (SUN, "The shop has been shut since Friday.", "since Friday"),
    (SUN, "It happens on the last Friday of the month.", "last Friday"),
    # Before or after? English leaves it open.
    (WED, "The hearing, Monday at the town hall.", "Monday"),
    (TUE, "Dredging, which was to have begun on Monday, has been put off.", "Monday"),
    (THU, "The ministry said talks on Monday would be decisive.", "Monday"),
    (SAT, "The trainer was dismissed ahead of Monday's match.", "Monday"),
    (TUE, "The board vowed the ferry would sail on Friday.", "Friday"),
    (MON, "He will resign next Friday.", "next Friday"),
    (SAT, "He resigned last Friday.", "last Friday"),
    # Dates that do not fit, or that may be of either year.
    (WED, "He was crowned on Sunday, 6 May 2023.", "Sunday, 6 May 2023"),
    (WED, "The vote is on Tuesday, January 18.", "January 18"),
    ("2017-07-01", "The festival, 28 December at the old pier.", "28 December"),
    (WED, "The wing will open in late March.", "March"),
    (WED, "Rain is expected from 3/4/2017.", "3/4/2017"),
    (WED, "It sank last summer.", "last summer"),
    (WED, "The mine was closed ten years ago.", "ten years ago"),
    (WED, "The mine was closed recently.", "recently"),
    # In a quotation of another day that is not plain.
    (FRI, "“We vote tomorrow,” she said on Monday and on Wednesday.", "tomorrow"),
]  # fmt: skip


@pytest.mark.parametrize(("published", "sentence", "answer", "expected"), PLAIN)
def test_a_relative_day_is_counted_from_the_date_of_its_article(
    published: str, sentence: str, answer: str, expected: str
) -> None:
    """ "Was crowned on Saturday" in an article of Saturday, 6 May 2023, is 6 May 2023."""
    when = resolved(published, sentence, answer)
    assert when is not None
    first, _, last = expected.partition("/")
    assert (when.start.isoformat(), when.end.isoformat()) == (first, last or first)


@pytest.mark.parametrize(("published", "sentence", "answer"), UNSURE)
def test_what_is_no_plain_day_is_left_alone(published: str, sentence: str, answer: str) -> None:
    """A wrong day is worse than none: names, habits, and days that may be two are not resolved."""
    assert resolved(published, sentence, answer) is None


@pytest.mark.parametrize(
    ("published", "sentence", "answer", "how"),
    [
        ("", "He was crowned on 6 May 2023.", "6 May 2023", "written"),
        (WED, "The jets took off on Wednesday.", "Wednesday", "weekday of publication"),
        (THU, "The jets took off on Wednesday.", "Wednesday", "weekday before publication"),
        (TUE, "The jets will take off on Wednesday.", "Wednesday", "weekday after publication"),
        (THU, "The jets took off on 18 January.", "18 January", "nearest to publication"),
        (THU, "The jets took off yesterday.", "yesterday", "counted from publication"),
        (FRI, "“We will vote tomorrow,” she said on Wednesday.", "tomorrow", "counted from the day it was said"),
    ],
)
def test_it_is_told_how_a_day_was_found(published: str, sentence: str, answer: str, how: str) -> None:
    """Whoever relies on the day can see what it rests on."""
    when = resolved(published, sentence, answer)
    assert when is not None
    assert when.how == how


@pytest.mark.parametrize("zone", ["-05:00", "+00:00", "+13:00"])
def test_the_zone_of_an_article_s_date_moves_no_day(zone: str) -> None:
    """An article of Saturday, 23:30, in any zone is of that Saturday, as its publisher wrote it."""
    published = parse_date(f"2023-05-06T23:30:00{zone}")
    assert published is not None
    when = resolved(published.isoformat(), "King Charles was crowned on Saturday.", "Saturday")
    assert when is not None
    assert when.start == date(2023, 5, 6)


def test_a_day_is_read_where_it_stands_in_its_passage() -> None:
    """Of two sentences that both say "Monday", the one that the answer is from decides."""
    text = "The board will meet on Monday. The last meeting was held on Monday."
    item = Evidence("a", "a#1", (Span(0, 0, len(text)),), text, 0.9, "", "Post", (), date.fromisoformat(THU), "")
    first, second = text.index("Monday"), text.rindex("Monday")
    days = [when_of(item, Span(0, start, start + len("Monday"))) for start in (first, second)]
    assert [day and day.start.isoformat() for day in days] == ["2017-01-23", MON]


@pytest.mark.parametrize(
    ("text", "read", "whole"),
    [
        ("The lock was mended the day before yesterday, at noon.", "yesterday", "the day before yesterday"),
        ("The lock was mended yesterday.", "yesterday", "yesterday"),
        ("The fair of Osk was last Monday.", "Monday", "Monday"),
        ("In May 2016 the lock was mended.", "2016", "2016"),
        ("The lock was mended by Ida Brandt.", "Ida Brandt", "Ida Brandt"),
    ],
)
def test_a_part_of_a_time_that_means_another_day_is_no_answer(text: str, read: str, whole: str) -> None:
    """It is given whole; a part that means the same day, or a wider span that holds it, stays as it was read."""
    passage = Evidence("p", "a", (Span(0, 0, len(text)),), text, 1.0, "", "", (), date(2017, 1, 18), "")
    start = text.index(read)
    found = whole_time(passage, Span(0, start, start + len(read)))
    assert text[found.start : found.end] == whole


@given(st.dates(), st.sampled_from(WEEKDAYS), st.sampled_from(["opened", "will open", "is to open", "opens", "was"]))
def test_a_weekday_is_within_a_week_of_publication(published: date, weekday: str, verb: str) -> None:
    """And it is that weekday, on the side that the tense says."""
    sentence = f"The pier {verb} on {weekday}."
    start = sentence.index(weekday)
    when = when_said(sentence, start, start + len(weekday), published)
    if when is not None:
        assert when.start == when.end
        assert WEEKDAYS[when.start.weekday()] == weekday
        away = (when.start - published).days
        assert -6 <= away <= 0 if verb in ("opened", "was") else 0 <= away <= 6


@given(
    st.text(max_size=40),
    st.sampled_from(["Monday", "yesterday", "18 January", "2016", "last week", "“"]),
    st.text(max_size=40),
)
def test_no_text_breaks_it(before: str, day: str, after: str) -> None:
    """Whatever stands around a day, there are days in order or none."""
    when = when_said(before + day + after, len(before), len(before) + len(day), date(2017, 1, 18))
    assert when is None or when.start <= when.end
