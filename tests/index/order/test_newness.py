"""How new an article is, and which questions want the newest."""

from __future__ import annotations

from datetime import date

import pytest

from index.order.newness import newness_of
from index.understand.state import asks_for_newest
from newsdesk.types import Evidence, Span


def article(id_: str, published: date | None) -> Evidence:
    """A passage of it."""
    return Evidence(id_, f"{id_}#1", (Span(0, 0, 1),), "A", 0.9, "", "", (), published, "")


def test_newness_halves_with_the_days() -> None:
    """1 for the newest, whatever its day; half of it half a year before; one half where no day is known."""
    found = [article("new", date(2022, 7, 1)), article("old", date(2022, 1, 2)), article("undated", None)]
    assert newness_of(found) == {"new": 1.0, "old": 0.5, "undated": 0.5}
    assert newness_of([article("undated", None)]) == {"undated": 0.5}
    assert newness_of([]) == {}


@pytest.mark.parametrize(
    ("question", "newest"),
    [
        ("Who is the mayor?", True),
        ("Which airline went bankrupt this week?", True),
        ("Who recently resigned?", True),
        ("Who won in 1998?", False),
        ("Which airline went bankrupt?", False),
    ],
)
def test_what_still_stands_and_what_is_recent_asks_for_the_newest(question: str, newest: bool) -> None:
    """What is over does not."""
    assert asks_for_newest(question) is newest
