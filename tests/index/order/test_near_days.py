"""Passages of the days that a question names come first; nothing is excluded."""

from __future__ import annotations

from datetime import date

import pytest

from index.order.near_days import near_days_first
from index.passage import passage_of
from index.understand.days.window import TimeWindow
from newsdesk.types import Evidence

MARCH = TimeWindow(date(2017, 3, 1), date(2017, 3, 31), "in March")


def order(window: TimeWindow | None, *published: str) -> list[str]:
    """The days of passages that were found ever less well, in the order after the window was looked at."""
    passages = [
        passage_of(
            Evidence("a", "a#1", (), "", 1 - 0.1 * rank, "", "", (), date.fromisoformat(day) if day else None, "")
        )
        for rank, day in enumerate(published)
    ]
    days = [each.evidence.published for each in near_days_first(passages, window)]
    return [day.isoformat() if day else "" for day in days]


@pytest.mark.parametrize("near", ["2017-03-01", "2017-03-31", "2017-04-03"])
def test_what_was_printed_in_the_window_or_just_after_leads(near: str) -> None:
    """Both ends count, and three days more; what is of other days or undated stays, in its order."""
    assert order(MARCH, "2017-02-28", "", near, "2017-04-04") == [near, "2017-02-28", "", "2017-04-04"]


def test_lately_prefers_nothing() -> None:
    """ "This week" and no window at all leave the order as it is."""
    days = ("2017-02-28", "2017-03-02", "")
    lately = TimeWindow(date(2017, 3, 1), date(2017, 3, 31), "this month", is_deictic=True)
    assert order(None, *days) == order(lately, *days) == list(days)


def test_a_window_may_reach_to_the_end_of_the_calendar() -> None:
    """ "Before" and "since" have open ends."""
    assert order(TimeWindow(date.min, date.max, "ever"), "", "2017-03-02") == ["2017-03-02", ""]
