"""A newer passage that contradicts an answer: a correction printed apart, a report that was withdrawn.

Whether it contradicts is judged by the judge of support, not by words such as "correction". Only what was printed after
a report that gives the answer, holds every name and number of the question, and answers it otherwise, counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.answer.candidates import AnswerSpan, answer_words, same_answer
from index.answer.disagreement import COMPARED, CONTRADICTS, excludes, sentence_of, supports
from index.passage import FoundPassage
from index.read.judge import Judge, as_read
from index.text.names import names_missing
from index.understand.answer_type import AnswerType, asks_yes_or_no
from newsdesk.types import Note
from newsdesk.wording.dateline import dateline

ANSWERS = 0.42
"""Probability of "supports" from which what the newer report says instead is an answer."""
PLAINLY = 0.5
"""As CONTRADICTS, for what is asked by yes or no, where no figure, name or day of the answers excludes the other."""
LEAST_READ = -5.0
"""Log-odds of the reader below which a span is no answer at all, as its neighbours in the sentence are."""
MOST_JUDGED = 3
"""Newer passages that are judged, the best first."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A newer report that contradicts an answer."""

    instead: AnswerSpan
    """What it answers."""
    older: AnswerSpan
    """Where the answer that it contradicts was given before."""

    @property
    def note(self) -> Note:
        """What the older report said."""
        evidence = self.older.evidence
        where = dateline(evidence.published, evidence.source)
        return Note("changed", f"A later report contradicts an earlier one: “{self.older.text}” ({where}).")


def contradiction(
    judge: Judge, question: str, kind: AnswerType, answer: AnswerSpan, spans: Sequence[AnswerSpan]
) -> Contradiction | None:
    """The newer report that contradicts `answer` most plainly; None when none does.

    `spans` are all that was read for the question, in the order of their passages.
    """
    if kind in COMPARED:
        pairs = _pairs(question, kind, answer, spans)[:MOST_JUDGED]
        supported = [each >= ANSWERS for each in supports(judge, question, [instead for _, instead in pairs])]
        least = CONTRADICTS
    elif asks_yes_or_no(question):  # "alive" is no answer that a text supports or not; what it denies decides
        pairs = _pairs(question, kind, answer, spans)[:MOST_JUDGED]
        supported = [True] * len(pairs)
        least = PLAINLY
    else:  # of names and places two may be right: the glacier, and West Antarctica where it lies
        return None
    verdicts = judge.judge([(sentence_of(older), as_read(instead.evidence)) for older, instead in pairs])
    found = [
        (verdict.contradicts, Contradiction(instead, older))
        for (older, instead), verdict, answers_it in zip(pairs, verdicts, supported, strict=True)
        if answers_it and verdict.contradicts >= least
    ]
    return max(found, key=lambda each: each[0], default=(0.0, None))[1]


def _pairs(
    question: str, kind: AnswerType, answer: AnswerSpan, spans: Sequence[AnswerSpan]
) -> list[tuple[AnswerSpan, AnswerSpan]]:
    """Of each newer passage about all that the question names: an older span that gives the answer, and what it gives itself."""
    said = answer_words(answer.text)
    giving = [span for span in spans if same_answer(answer_words(span.text), said)]
    passages = {id(span.passage): span.passage for span in spans}
    pairs = []
    for passage in passages.values():
        older = [span for span in giving if _is_older(span, passage)]
        instead = [
            span
            for span in spans
            if span.passage is passage and span.read > LEAST_READ and _says_otherwise(kind, span, answer)
        ]
        if older and instead and not names_missing(question, passage.terms.with_title):
            pairs.append((_best(older), _best(instead)))
    return pairs


def _is_older(span: AnswerSpan, passage: FoundPassage) -> bool:
    before, published = span.evidence.published, passage.evidence.published
    return before is not None and published is not None and before < published


def _says_otherwise(kind: AnswerType, span: AnswerSpan, answer: AnswerSpan) -> bool:
    """Whether it excludes the answer, where that can be told from the two; else whether it is in other words."""
    if kind in COMPARED:
        return excludes(kind, span, answer)
    return answer_words(span.text).isdisjoint(answer_words(answer.text))


def _best(spans: Sequence[AnswerSpan]) -> AnswerSpan:
    return max(spans, key=lambda span: span.score)
