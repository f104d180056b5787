"""A question as the engine understands it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from index.understand.conversation import Standalone
from index.understand.days.window import TimeWindow
from index.understand.list_form import SurveyKind
from newsdesk.errors import QuestionError
from newsdesk.types import MAX_QUESTION, Filters

STALE_AFTER = timedelta(30)
"""An archive whose newest article is older than this is asked as of that article's day: its "last week" is not ours."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as the engine understands it."""

    text: str
    """As it stands alone."""
    alone: Standalone
    """What is searched for: of a list, its subject."""
    worth: dict[str, float]
    """What each of its terms counts."""
    window: TimeWindow | None
    list_of: SurveyKind | None
    """None when it asks for a fact."""
    unknown: tuple[str, ...]
    """Names that stand nowhere in the archive."""
    day: date
    """On which it is asked: "last week" is counted from it."""


def _within(filters: Filters, window: TimeWindow) -> Filters:
    """The filters narrowed to the days of the window; of a day or two, also to the day after, when it is printed."""
    last = window.last
    if window.last - window.first <= timedelta(1) and last < date.max:
        last += timedelta(1)
    return replace(
        filters,
        published_from=max(filter(None, (filters.published_from, window.first))),
        published_to=min(filter(None, (filters.published_to, last))),
    )


def check(text: str) -> None:
    """Raises QuestionError for a text that cannot be asked."""
    if not text.strip():
        raise QuestionError("The question is empty. Ask something, such as: Who conducted the joint strike on al-Bab?")
    if len(text) > MAX_QUESTION:
        raise QuestionError(f"The question has {len(text):,} characters, {MAX_QUESTION:,} are the most. Shorten it.")
