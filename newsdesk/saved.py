"""Saved questions and what new articles answered to them, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

MAX_SAVED = 500
"""Saved questions of one archive: each is held against every new article."""


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A question that every new article is tried against."""

    key: str
    """Names it in addresses; not to be guessed."""
    question: str
    webhook: str
    """Address that is told of what is new; empty for none."""
    secret: str
    """What the messages to the webhook are signed with."""
    since: int
    """The newest passage when it was saved; only newer ones are new to it."""
    saved_at: str
    """UTC, ISO 8601."""
    findings: int = 0
    """How many articles answered so far."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one new article answers, before it is kept; the quote is its paragraph at [start:end], to the letter."""

    saved: str
    """Key of the question."""
    article_id: str
    paragraph: int
    start: int
    end: int
    quote: str
    short_answer: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found and kept, with the article's particulars of today."""

    number: int
    """Never given again: feeds and webhooks name a finding by it."""
    found: Found
    title: str
    source: str
    published: date | None
    url: str
    found_at: str
    """UTC, ISO 8601."""
    tries: int
    """How often the webhook was called for it in vain."""


@dataclass(frozen=True, slots=True)
class NewPassages:
    """The passages of one article that were not tried yet."""

    article_id: str
    numbers: tuple[int, ...]
