"""Asks every question of an evaluation and measures what comes back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal, Protocol

from eval.formulas.metrics import as_text
from eval.measure.measures import Paragraphs, cited_paragraph, finding, measure, plain
from eval.measure.outcome import Outcome, outcome_of
from eval.run.journal import Journal
from eval.sets.folder import EvalQuestion
from newsdesk.errors import QuestionError, WrongUse
from newsdesk.types import CANNOT_ANSWER, Answer, AskedMode, Caution, Question

RANKED = 50
"""Passages asked for: the rankings are read off the evidence shown."""

PASSES = 4.0
"""Mark from which a judged answer counts as correct: LlamaIndex's own threshold."""

Mode = Literal["extractive", "llm", "retrieval"]
"""How to answer; "retrieval" only finds."""


class Askable(Protocol):
    """What is evaluated: the archive's own engine, or a running service."""

    def ask(self, question: Question) -> Answer:
        """Answers one question."""
        ...

    def find(self, question: Question) -> Answer:
        """Only finds: an answer that is none, with the evidence."""
        ...

    def paragraphs(self, article_id: str) -> Sequence[str]:
        """The paragraphs of an article as they are stored. Raises ArticleNotFound."""
        ...


class Judge(Protocol):
    """An LLM that gives its opinion of answers."""

    def faithful(self, question: str, answer: str, quoted: Sequence[str]) -> bool:
        """Whether the quoted paragraphs support the answer."""
        ...

    def correctness(self, question: str, answer: str, reference: str) -> float | None:
        """A mark from 1 to 5 against a right answer; None when the reply cannot be read."""
        ...


def drawn(questions: Sequence[EvalQuestion], limit: int | None, seed: int) -> list[EvalQuestion]:
    """`limit` questions drawn by the seed, in their old order; all without a limit."""
    if limit is None or limit >= len(questions):
        return list(questions)
    return [questions[place] for place in sorted(random.Random(seed).sample(range(len(questions)), limit))]


def to_be_refused(questions: Sequence[EvalQuestion]) -> list[EvalQuestion]:
    """The same questions over articles that do not answer them: nothing is gold, every one is to be refused."""
    return [replace(question, answerable=False, answers=(), gold=()) for question in questions]


def evaluate(
    engine: Askable,
    questions: Sequence[EvalQuestion],
    journal: Journal,
    *,
    newest: date | None = None,
    mode: Mode = "extractive",
    caution: Caution = "normal",
    judge: Judge | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Outcome]:
    """Asks every question that the journal does not hold yet; outcomes in the order of the questions.

    A question without a day of its own is asked as of `newest`, the day of the archive's newest article, so that a
    result does not depend on the day of the run. `on_progress(done, total)` counts questions. Raises WrongUse when no
    question at all can be asked, and for the mode "llm" where there is no LLM.
    """
    on_progress(0, len(questions))
    for done, question in enumerate(questions, start=1):
        if question.id not in journal.done:
            journal.add(_outcome(engine, question, newest, mode, caution, judge))
        on_progress(done, len(questions))
    outcomes = [journal.done[question.id] for question in questions]
    if outcomes and all(outcome.error for outcome in outcomes):
        raise WrongUse(f"No question could be asked. Of the first it was said: {outcomes[0].error}")
    return outcomes


def _outcome(
    engine: Askable, question: EvalQuestion, newest: date | None, mode: Mode, caution: Caution, judge: Judge | None
) -> Outcome:
    answering: AskedMode = "llm" if mode == "llm" else "extractive"
    asked = Question(
        question.question, question.history, question.as_of or newest, mode=answering, caution=caution, top_k=RANKED
    )
    began = time.perf_counter()
    error = None
    try:
        answer = engine.find(asked) if mode == "retrieval" else engine.ask(asked)
    except QuestionError as refused:  # it is reported with the question, and the rest goes on
        error = str(refused)
        answer = Answer(question.question, question.question, False, CANNOT_ANSWER, 0.0)
    else:
        _check_llm(answer, mode)
        answer.timings_ms["round trip"] = round(1000 * (time.perf_counter() - began), 1)
    if mode == "retrieval":
        found = {name: float(value) for name, value in finding(question, answer.evidence).items()}
        return replace(outcome_of(question, answer, engine.paragraphs, found, error), right=None)
    measures = measure(question, answer, engine.paragraphs)
    for name in ("refused of unanswerable", "refused where unknown"):
        if error and name in measures:
            measures[name] = 0.0  # it was not refused for want of an answer
    if judge and answer.answerable:
        measures |= _judged(judge, question, answer, engine.paragraphs)
    return outcome_of(question, answer, engine.paragraphs, measures, error)


def _check_llm(answer: Answer, mode: Mode) -> None:
    """What an extractive engine says must not pass for the work of an LLM. Raises WrongUse."""
    if mode == "llm" and any(note.kind == "no_llm" for note in answer.notes):
        raise WrongUse("--mode llm was asked for, but there is no LLM: the first answer came without one.")


def _judged(judge: Judge, question: EvalQuestion, answer: Answer, paragraphs: Paragraphs) -> dict[str, float]:
    quoted = [cited_paragraph(cited, paragraphs) for cited in answer.citations]
    found = {"faithful (judged)": float(judge.faithful(question.question, plain(answer), quoted))}
    if question.answerable:
        reference = " / ".join(map(as_text, question.answers))
        mark = judge.correctness(question.question, plain(answer), reference)
        if mark is not None:
            found |= {"correct (judged)": float(mark >= PASSES), "correctness (judged)": mark}
    return found
