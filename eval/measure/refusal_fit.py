"""Fits the weights of the refusal rule: the probability that a drafted answer is right, from its signals.

Every question is drafted whatever its probability. Near misses, the hardest thing to refuse, are few in any
set, so more are made: an answerable question is drafted again without the articles that answer it. For that
the gold articles must be complete, as they are in eval/sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from eval.formulas.metrics import contained
from eval.sets.folder import EvalQuestion

NEAR_MISS_WEIGHT = 0.5
"""Made-up near misses count half a question: there are four times as many as unanswerable questions."""
FOLDS = 10
THRESHOLDS = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)

Vector = npt.NDArray[np.float64]


class Drafted(Protocol):
    """An answer before it is decided whether to show it."""

    @property
    def text(self) -> str:
        """The sentences chosen; empty when there are none."""
        ...

    @property
    def signals(self) -> Sequence[float]:
        """What the probability is computed from; empty when there is no sentence."""
        ...


Draft = Callable[[EvalQuestion, frozenset[str]], Drafted]
"""Drafts an answer to a question from all articles but those with these ids."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One draft, and whether it was right."""

    id: str
    signals: tuple[float, ...]
    right: bool
    answerable: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights, and how well such weights do on questions they were not fitted on."""

    bias: float
    weights: tuple[float, ...]
    observations: tuple[Observation, ...]
    probabilities: Vector
    """The probability of each observation, by a fit on the folds that it is not in."""

    def __str__(self) -> str:
        return "\n".join([self._weights(), self._accuracy(), *self._thresholds(), *self._calibration()])

    def _weights(self) -> str:
        return f"bias {self.bias:.2f}, weights {', '.join(f'{weight:.2f}' for weight in self.weights)}"

    def _accuracy(self) -> str:
        right = self._of(lambda each: each.right)
        return f"{len(self.observations)} drafts, cross-validated accuracy {np.mean((self.probabilities >= 0.5) == right):.3f}"

    def _thresholds(self) -> list[str]:
        """What a threshold would do to the questions of the folders (made-up near misses left out)."""
        real = self._of(lambda each: each.weight == 1.0)
        answerable, right = self._of(lambda each: each.answerable), self._of(lambda each: each.right)
        lines = ["threshold  unanswerable refused  answerable refused  right of answered"]
        for threshold in THRESHOLDS:
            refused = self.probabilities < threshold
            shares = (
                _share(refused[real & ~answerable]),
                _share(refused[real & answerable]),
                _share(right[real & ~refused]),
            )
            lines.append(f"{threshold:9.2f}" + "".join(f"{share:>20}" for share in shares))
        return lines

    def _calibration(self) -> list[str]:
        """Said against observed, in fifths of the drafts by probability."""
        right = self._of(lambda each: each.right)
        fifths = np.array_split(np.argsort(self.probabilities), 5)
        pairs = [f"{np.mean(self.probabilities[part]):.2f}/{np.mean(right[part]):.2f}" for part in fifths]
        return [f"calibration, said/right by fifths: {', '.join(pairs)}"]

    def _of(self, value: Callable[[Observation], bool]) -> npt.NDArray[np.bool_]:
        return np.array([value(each) for each in self.observations])


def observe(
    draft: Draft,
    questions: Sequence[EvalQuestion],
    near_misses: bool,
    on_progress: Callable[[int], None] = lambda _: None,
) -> list[Observation]:
    """Drafts every question whose answerability is known; with `near_misses` also without its gold articles."""
    observations = []
    for done, question in enumerate(questions, start=1):
        if question.answerable is not None:
            observations.append(_observation(question, draft(question, frozenset()), 1.0))
        gold = frozenset(gold.article_id for gold in question.gold)
        if near_misses and question.answerable and gold:
            observations.append(_observation(question, draft(question, gold), NEAR_MISS_WEIGHT))
        on_progress(done)
    return [observation for observation in observations if observation.signals]


def _observation(question: EvalQuestion, drafted: Drafted, weight: float) -> Observation:
    answerable = question.answerable is True and weight == 1.0
    right = question.answerable is True and contained(drafted.text, question.answers)
    return Observation(question.id, tuple(drafted.signals), right, answerable, weight)


def fit(observations: Sequence[Observation]) -> Fit:
    """Logistic regression (scikit-learn, C=1) on all, with probabilities from a cross-validation by question.

    Raises ValueError when all drafts are right, or all wrong.
    """
    signals = np.array([each.signals for each in observations])
    right = np.array([each.right for each in observations])
    weights = np.array([each.weight for each in observations])
    folds = _folds([each.id for each in observations])
    probabilities = np.zeros(len(observations))
    for fold in range(FOLDS):
        held = folds == fold
        if held.any():
            model = _model().fit(signals[~held], right[~held], sample_weight=weights[~held])
            probabilities[held] = model.predict_proba(signals[held])[:, 1]
    model = _model().fit(signals, right, sample_weight=weights)
    return Fit(float(model.intercept_[0]), tuple(map(float, model.coef_[0])), tuple(observations), probabilities)


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression  # here: only fitting needs scikit-learn

    return LogisticRegression(C=1.0)


def _folds(ids: Sequence[str]) -> npt.NDArray[np.int_]:
    """The fold of each id, in their order; drafts of one question, which share its id, are in one fold."""
    order = sorted(set(ids))
    np.random.default_rng(0).shuffle(order)
    fold = {id_: place % FOLDS for place, id_ in enumerate(order)}
    return np.array([fold[id_] for id_ in ids])


def _share(values: npt.NDArray[np.bool_]) -> str:
    return f"{100 * np.mean(values):.1f} %" if len(values) else "-"
