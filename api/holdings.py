"""What the archive holds, by outlet and by day: what filters are chosen from."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.models import MAX_SOURCES, Day
from newsdesk.catalogue.counts.holdings import HoldingsCount, Step, spans_of
from newsdesk.types import Filters


class OutletOut(BaseModel):
    """An outlet, as `source` of a filter takes it."""

    source: str = Field(description="Its name; empty for articles that name none.")
    articles: int


class OutletsOut(BaseModel):
    """The outlets of the archive, those with most articles first."""

    total: int
    outlets: list[OutletOut]


class SpanOut(BaseModel):
    """A day, week or month that holds articles."""

    start: date = Field(description="Its first day; a week begins on a Monday.")
    articles: int


class TimelineOut(BaseModel):
    """Articles over time. Spans without articles, and articles without a day, are left out."""

    step: Step
    first: date | None = Field(description="Day of the oldest article; null when none has a day.")
    last: date | None
    undated: int = Field(description="Articles of the whole archive that have no day.")
    spans: list[SpanOut]


class OutletsIn(BaseModel):
    """Which days count."""

    published_from: Day | None = None
    published_to: Day | None = None
    as_of: Day | None = None


class TimelineIn(BaseModel):
    """How fine, and which outlets count."""

    step: Step | None = Field(default=None, description="Left out: as fine as makes about a hundred spans.")
    source: list[str] = Field(default=[], max_length=MAX_SOURCES)


def holdings_routes(counted: HoldingsCount) -> APIRouter:
    """The routes, to be added to the application."""
    router = APIRouter(tags=["articles"])

    @router.get("/api/outlets")
    def outlets(asked: Annotated[OutletsIn, Query()]) -> OutletsOut:
        """Lists the outlets with the number of their articles."""
        found = counted.outlets(Filters((), asked.published_from, asked.published_to, asked.as_of))
        return OutletsOut(total=len(found), outlets=[OutletOut(source=name, articles=number) for name, number in found])

    @router.get("/api/timeline")
    def timeline(asked: Annotated[TimelineIn, Query()]) -> TimelineOut:
        """Counts the articles of each day, week or month."""
        whole = counted.holdings()
        step = asked.step or spans_of(whole.first, whole.last)
        spans = counted.timeline(step, Filters(tuple(asked.source)))
        return TimelineOut(
            step=step,
            first=whole.first,
            last=whole.last,
            undated=whole.undated,
            spans=[SpanOut(start=start, articles=number) for start, number in spans],
        )

    return router
