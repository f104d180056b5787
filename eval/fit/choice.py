"""Learns the choice of an answer: which of the answers found for a question is the right one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, replace

import numpy as np
import numpy.typing as npt

from eval.fit.questions import ReadQuestion
from eval.formulas.metrics import contained, token_f1
from index.answer.candidates import answer_spans, choice_measures, found_answers
from index.order.by_reading import by_reading
from index.read.fit import ChoiceFit, Fit
from index.understand.answer_type import expected_answer

MUCH_ALIKE = 0.6
"""Token F1 with a gold answer from which an answer counts as right, though it does not hold it whole."""
_RIDGE = 0.001
_ROUNDS = 2  # the mentions of an answer are grouped around the one with the best score, which depends on the weights
_MOST = 24  # answers of a question

Vector = npt.NDArray[np.float64]
Candidates = tuple[Vector, npt.NDArray[np.bool_]]
"""The measures of a question's answers, (answers, weights), and which are right."""


def fit_choice(questions: Sequence[ReadQuestion], fit: Fit) -> ChoiceFit:
    """Conditional logit (McFadden 1974): the weights under which the right answers are likeliest among all found.

    `fit` gives the order of the passages and the weights to begin with. Questions whose answers are all right or all
    wrong teach nothing. Raises ValueError when none teaches anything.
    """
    for _ in range(_ROUNDS):
        found = [_candidates(each, fit) for each in questions if each.answerable]
        found = [(measures, right) for measures, right in found if right.any() and not right.all()]
        if not found:
            raise ValueError("no question has a right answer beside a wrong one")
        fit = replace(fit, choice=ChoiceFit(*_likeliest(found, np.array(astuple(fit.choice)))))
    return fit.choice


def _candidates(read: ReadQuestion, fit: Fit) -> Candidates:
    passages = by_reading(read.passages, fit.order, read.prefers_newest)
    question = read.asked.as_put
    spans = answer_spans(question, expected_answer(question), passages, fit.choice)
    answers = found_answers(spans, agreement=0.0)[:_MOST]
    measures = [choice_measures(answer.best, answer.agreement) for answer in answers]
    right = [_is_right(answer.best.text, read) for answer in answers]
    return np.array(measures, dtype=np.float64), np.array(right, dtype=np.bool_)


def _is_right(text: str, read: ReadQuestion) -> bool:
    answers = read.question.answers
    alike = all(isinstance(answer, str) for answer in answers) and token_f1(text, answers) >= MUCH_ALIKE
    return alike or contained(text, answers)


def _likeliest(found: Sequence[Candidates], start: Vector) -> list[float]:
    from scipy.optimize import minimize  # here: only fitting needs it

    def loss(weights: Vector) -> tuple[float, Vector]:
        total, slope = _RIDGE * float(weights @ weights), 2 * _RIDGE * weights
        for measures, right in found:
            scores = measures @ weights
            share = np.exp(scores - scores.max())
            share /= share.sum()
            of_right = share[right].sum() + 1e-12
            total -= float(np.log(of_right)) / len(found)
            slope = slope + measures.T @ (share - np.where(right, share / of_right, 0.0)) / len(found)
        return total, slope

    return [float(weight) for weight in minimize(loss, start, jac=True, method="L-BFGS-B").x]
