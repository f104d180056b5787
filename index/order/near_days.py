"""Passages of the days that a question names come first; others stay, because news looks back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from index.passage import FoundPassage
from index.understand.days.window import TimeWindow

PRINTED_WITHIN = timedelta(3)
"""News of a day is printed on it and in the days after it."""
WEIGHT = 0.3
"""As much as holding all that the question asks about adds (index.understand.worth). By reasoning, not measured: too few
public questions name days."""


def near_days_first(passages: Sequence[FoundPassage], window: TimeWindow | None) -> list[FoundPassage]:
    """The passages with WEIGHT added to the score of those that were published in the window or just after it.

    "Lately" and "this week" exclude nothing and so prefer nothing: every archive is about its lately.
    """
    if window is None or window.is_deictic:
        return list(passages)
    scored = [passage.scored(passage.score + WEIGHT * is_near(window, passage)) for passage in passages]
    return sorted(scored, key=lambda passage: -passage.score)


def is_near(window: TimeWindow, passage: FoundPassage) -> bool:
    """Whether the passage was published in the window or up to PRINTED_WITHIN after it."""
    published = passage.evidence.published
    last = min(window.last, date.max - PRINTED_WITHIN) + PRINTED_WITHIN
    return published is not None and window.first <= published <= last
