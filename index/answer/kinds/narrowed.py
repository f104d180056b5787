"""To which days, outlets or authors a question was understood to narrow the archive, and the question without them."""

from __future__ import annotations

import re
from datetime import date

from index.text.terms import query_terms
from index.understand.days.window import TimeWindow, time_window
from index.understand.question import UnderstoodQuestion
from newsdesk.types import Narrowing
from newsdesk.wording.dateline import days_in_words, in_words


def narrowings(asked: UnderstoodQuestion) -> tuple[Narrowing, ...]:
    """Its days, then its outlets or authors; none of what cannot be left out without leaving no question."""
    window = asked.window if asked.list_of is not None else asked.days
    made = [_days(asked.text, window, asked.day)] if window is not None else []
    if asked.outlets or asked.authors:
        made.append(_makers(asked))
    return tuple(filter(None, made))


def _days(text: str, window: TimeWindow, day: date) -> Narrowing | None:
    rest = _tidy(text.replace(window.text, " ", 1))
    if window.text not in text or time_window(rest, day) is not None or not query_terms(rest):
        return None
    before_all = window.first == date.min
    shown = f"Up to {in_words(window.last)}" if before_all else days_in_words(window.first, window.last)
    return Narrowing("days", shown, rest)


def _makers(asked: UnderstoodQuestion) -> Narrowing | None:
    """Without "According to the Gazette"; of "What has the Gazette written about it?" what was reported about it."""
    rest = asked.as_put.strip(" ?!.")
    if asked.list_of is None:
        rest = asked.alone.text
    elif not rest or (asked.window is not None and rest == asked.window.text):
        return None
    else:
        rest = f"What was reported about {rest}?"
    return Narrowing("outlets" if asked.outlets else "authors", ", ".join(asked.outlets or asked.authors), rest)


def _tidy(text: str) -> str:
    """As a sentence is written, after words were taken out of it."""
    text = re.sub(r"\s+(?=[,?.!])", "", " ".join(text.split())).lstrip(" ,")
    text = re.sub(r",(?=[?.!])", "", text)
    return f"{text[:1].upper()}{text[1:]}"
