"""What became of one question."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from eval.measure.measures import Paragraphs, is_gold, is_right, is_verbatim
from eval.sets.folder import EvalQuestion
from newsdesk.types import Answer, Citation, Evidence

FOUND_SHOWN = 20
"""Articles of the ranking that are kept: as deep as any hit rate looks."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of the answer, and what is known about it."""

    marker: int
    article_id: str
    paragraph: int
    quote: str
    title: str
    source: str
    published: date | None
    url: str
    gold: bool | None
    """Whether the paragraph is a gold one; None where none is known."""
    verbatim: bool


@dataclass(frozen=True, slots=True)
class Found:
    """An article of the ranking."""

    article_id: str
    title: str
    source: str
    published: date | None
    gold: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """What a right answer is."""

    answers: tuple[str, ...]
    articles: tuple[str, ...]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, what is right, what was answered, and how that measures."""

    id: str
    question: str
    history: tuple[tuple[str, str], ...]
    type: str
    answerable: bool | None
    as_of: date | None
    gold: Labels
    answered: bool
    error: str | None
    """Why it could not be asked."""
    mode: str
    confidence: float
    text: str
    short_answer: str | None
    citations: tuple[Cited, ...]
    found: tuple[Found, ...]
    notes: tuple[tuple[str, str], ...]
    right: bool | None
    """None where it is not known whether there is an answer; a refusal is right when there is none."""
    measures: dict[str, float]
    """A measure that does not apply is left out."""
    timings_ms: dict[str, float] = field(default_factory=dict)
    splits: tuple[str, ...] = ()


def outcome_of(
    question: EvalQuestion, answer: Answer, paragraphs: Paragraphs, measures: dict[str, float], error: str | None = None
) -> Outcome:
    """Puts together what a report shows of one question."""
    return Outcome(
        id=question.id,
        question=question.question,
        history=tuple((turn.question, turn.answer) for turn in question.history),
        type=question.type,
        answerable=question.answerable,
        as_of=question.as_of,
        gold=_labels(question),
        answered=answer.answerable,
        error=error,
        mode=answer.mode,
        confidence=answer.confidence,
        text=answer.text,
        short_answer=answer.short_answer,
        citations=tuple(_cited(question, citation, paragraphs) for citation in answer.citations),
        found=_found(question, answer),
        notes=tuple((note.kind, note.text) for note in answer.notes),
        right=_right(question, answer, error),
        measures=measures,
        timings_ms=dict(answer.timings_ms),
    )


def _right(question: EvalQuestion, answer: Answer, error: str | None) -> bool | None:
    if question.answerable is None:
        return None
    if error:
        return False
    return is_right(question, answer) if answer.answerable else not question.answerable


def _labels(question: EvalQuestion) -> Labels:
    return Labels(
        tuple(each if isinstance(each, str) else " + ".join(each) for each in question.answers),
        tuple(dict.fromkeys(gold.article_id for gold in question.gold)),
        tuple(dict.fromkeys(text for gold in question.gold for text in gold.paragraphs)),
    )


def _cited(question: EvalQuestion, cited: Citation, paragraphs: Paragraphs) -> Cited:
    known = any(gold.paragraphs for gold in question.gold)
    return Cited(
        cited.marker,
        cited.article_id,
        cited.paragraph,
        cited.quote,
        cited.title,
        cited.source,
        cited.published,
        cited.url,
        is_gold(question, cited, paragraphs) if known else None,
        is_verbatim(cited, paragraphs),
    )


def _found(question: EvalQuestion, answer: Answer) -> tuple[Found, ...]:
    gold = {item.article_id for item in question.gold}
    best: dict[str, Evidence] = {}
    for item in answer.evidence:
        best.setdefault(item.article_id, item)
    return tuple(
        Found(item.article_id, item.title, item.source, item.published, item.article_id in gold)
        for item in list(best.values())[:FOUND_SHOWN]
    )
