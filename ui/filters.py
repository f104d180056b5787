"""The days and outlets that a reader narrows questions and searches to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from newsdesk.types import Filters, Question
from ui.render import rendered

MAX_OUTLETS = 1_000

_filters = TypeAdapter(Filters)


def filters_html(chosen: Filters | None = None) -> str:
    """The controls, which ui/assets/filters.js fills; `chosen` is what a form that was sent narrows to."""
    return rendered("filters.html", chosen=chosen or Filters())


def filters_of(given: Any) -> Filters:
    """What the page sends as plain values; nothing where it cannot be read, as from an older page."""
    try:
        found = _filters.validate_python(given or {})
    except ValidationError:
        return Filters()
    return replace(found, sources=found.sources[:MAX_OUTLETS])


def narrowed(question: Question, given: Any) -> Question:
    """The question with the filters that the page sent."""
    found = filters_of(given)
    return replace(question, filters=replace(found, as_of=None), as_of=found.as_of)


def day_of(text: str) -> date | None:
    """The day of a form's field; None for an empty one, and for what is no day."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
