"""What the archive holds, counted by outlet and by day; counted anew only when the archive has changed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeVar

from sqlalchemy import Connection, func, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import Position
from newsdesk.catalogue.rows import filtered
from newsdesk.types import Filters

T = TypeVar("T")

Step = Literal["day", "week", "month"]
"""How long the spans of a timeline are; a week begins on a Monday."""

_KEPT = 64
"""Countings that are kept for one state of the archive: one for each narrowing that was asked for."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """The archive at a glance."""

    articles: int
    outlets: int
    undated: int
    first: date | None
    """Day of the oldest article; None when none has a day."""
    last: date | None


class HoldingsCount:
    """Counts the articles of a catalogue. Safe to use from many threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lock = threading.Lock()
        self._at: Position | None = None
        self._kept: dict[tuple[str, Filters], object] = {}

    def outlets(self, filters: Filters | None = None) -> list[tuple[str, int]]:
        """Each outlet with the number of its articles that pass the filters, most first."""
        return self._once("outlets", filters or Filters(), _outlets)

    def timeline(self, step: Step = "day", filters: Filters | None = None) -> list[tuple[date, int]]:
        """The first day of each span that holds articles, and how many, the oldest first; the undated are left out."""
        days = self._once("days", filters or Filters(), _days)
        spans: dict[date, int] = {}
        for day, count in days:
            start = _start(date.fromordinal(day), step)
            spans[start] = spans.get(start, 0) + count
        return list(spans.items())

    def holdings(self) -> Holdings:
        """How much there is, and of which days."""
        outlets = self.outlets()
        days = [day for day, _ in self.timeline()]
        articles = sum(count for _, count in outlets)
        undated = articles - sum(count for _, count in self.timeline())
        named = sum(1 for name, _ in outlets if name)
        return Holdings(articles, named, undated, days[0] if days else None, days[-1] if days else None)

    def _once(self, name: str, filters: Filters, count: Callable[[Connection, Filters], T]) -> T:
        """What `count` counts; what was counted before, as long as nothing has changed."""
        last = self._catalogue.changes.last(("text", "gone"))
        with self._lock:
            if last != self._at or len(self._kept) >= _KEPT:
                self._at, self._kept = last, {}
            if (name, filters) in self._kept:
                return self._kept[name, filters]  # type: ignore[return-value]  # of the same name, so of the same type
            with self._catalogue.engine.begin() as connection:
                counted = count(connection, filters)
            self._kept[name, filters] = counted
            return counted


def spans_of(first: date | None, last: date | None, most: int = 120) -> Step:
    """The shortest step by which these days make no more than `most` spans; months, however many."""
    days = (last - first).days + 1 if first and last else 0
    if days <= most:
        return "day"
    return "week" if days <= 7 * most else "month"


def _outlets(connection: Connection, filters: Filters) -> list[tuple[str, int]]:
    table = schema.articles
    number = func.count().label("number")
    query = filtered(select(table.c.source, number), filters).group_by(table.c.source)
    rows = connection.execute(query.order_by(number.desc(), table.c.source))
    return [(row.source, row.number) for row in rows]


def _days(connection: Connection, filters: Filters) -> list[tuple[int, int]]:
    table = schema.articles
    query = filtered(select(table.c.day, func.count().label("number")).where(table.c.day > 0), filters)
    return [(row.day, row.number) for row in connection.execute(query.group_by(table.c.day).order_by(table.c.day))]


def _start(day: date, step: Step) -> date:
    """The first day of the span that the day lies in."""
    if step == "week":
        return max(date.min, day - timedelta(days=min(day.weekday(), day.toordinal() - 1)))
    return day.replace(day=1) if step == "month" else day
