"""Feedback in the catalogue: a question, the answer it got, what that stood on, and a reader's verdict.

It is about the archive as it is: an answer is stored only while every article it names is there and holds each quote to
the letter, and when an article is removed, the words that were taken from it leave the feedback in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from newsdesk.types import Answer, Question, Turn

Verdict = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Quoted:
    """What an answer cited: paragraph `paragraph` (0-based) of the article at [start:end], in code points."""

    article_id: str
    paragraph: int
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that was shown as evidence, without its text."""

    article_id: str
    paragraphs: tuple[int, ...]
    """Rising, 0-based."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader thought of an answer, or of a refusal."""

    question: str
    verdict: Verdict
    answerable: bool
    """False when the answer was that the archive does not say."""
    text: str
    confidence: float
    mode: str
    short_answer: str | None = None
    citations: tuple[Quoted, ...] = ()
    evidence: tuple[Found, ...] = ()
    history: tuple[Turn, ...] = ()
    as_of: date | None = None
    expected: str = ""
    """What the right answer would have been, in the reader's words."""
    comment: str = ""

    @classmethod
    def on(cls, answer: Answer, question: Question, verdict: Verdict) -> Feedback:
        """A verdict on the answer that the engine gave to the question."""
        return cls(
            question=question.text,
            verdict=verdict,
            answerable=answer.answerable,
            text=answer.text,
            confidence=answer.confidence,
            mode=answer.mode,
            short_answer=answer.short_answer,
            citations=tuple(
                Quoted(cited.article_id, cited.paragraph, cited.quote, cited.start, cited.end)
                for cited in answer.citations
            ),
            evidence=tuple(
                Found(found.article_id, tuple(dict.fromkeys(found.paragraphs))) for found in answer.evidence
            ),
            history=question.history,
            as_of=question.as_of,
        )


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    """Feedback as the catalogue holds it."""

    number: int
    given_at: str
    """UTC, ISO 8601."""
    cut: bool
    """An article that it stood on was removed: the text of the answer, its quotes and the earlier answers are gone."""
    feedback: Feedback


# -------------------------------------------------------------------- private
