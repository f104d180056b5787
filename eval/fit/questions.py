"""Questions with the passages that were found and read for them: what the weights of a reader are learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from eval.sets.folder import EvalQuestion
from index.engine import Engine
from index.passage import FoundPassage
from index.understand.question import UnderstoodQuestion
from newsdesk.types import Question

UNANSWERABLE = 0.25
"""Share of what people ask that the archive does not answer, as the confidence takes it. A folder may have any share: of
three in five near misses it would learn that most answers are wrong."""
NEAR_MISS = "near_miss"
"""Type of questions that nobody can answer from the passage they were written on; here they count as unanswerable."""


@dataclass(frozen=True, slots=True)
class ReadQuestion:
    """A question, what was understood of it, and what was found and read."""

    question: EvalQuestion
    asked: UnderstoodQuestion
    passages: tuple[FoundPassage, ...]
    """In the order in which they were found; those that were read carry their readings."""
    weight: float = 1.0
    """What it counts in the fit of the confidence."""

    @property
    def answerable(self) -> bool:
        """Whether the archive answers it."""
        return self.question.answerable is True

    @property
    def prefers_newest(self) -> bool:
        """Whether newer passages come first, as no days are named."""
        return not self.asked.names_days


def read_questions(
    engine: Engine,
    questions: Sequence[EvalQuestion],
    newest: date | None,
    on_progress: Callable[[int], None] = lambda done: None,
) -> list[ReadQuestion]:
    """Finds and reads for every question of known answerability and every near miss; lists are left out.

    A question without a day is asked as of `newest`, the day of the archive's newest article. All folders weigh as much,
    whatever their number of questions, and in each the unanswerable ones UNANSWERABLE of the whole.
    """
    read = []
    for done, question in enumerate(questions, start=1):
        if question.answerable is not None or question.type == NEAR_MISS:
            asked, passages = engine.read(Question(question.question, question.history, question.as_of or newest))
            if asked.list_of is None:
                read.append(ReadQuestion(question, asked, tuple(passages)))
        on_progress(done)
    return weighed(read)


def weighed(questions: Sequence[ReadQuestion]) -> list[ReadQuestion]:
    """The questions of one folder with the weights that `read_questions` describes; those of the answerable add up to 100."""
    answerable = sum(each.answerable for each in questions)
    others = len(questions) - answerable
    of_answerable, of_others = 100 / max(1, answerable), 100 * UNANSWERABLE / (1 - UNANSWERABLE) / max(1, others)
    return [replace(each, weight=of_answerable if each.answerable else of_others) for each in questions]
