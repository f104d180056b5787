"""How new an article is."""

from __future__ import annotations

from datetime import date

from index.order.newness import newness_of
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
