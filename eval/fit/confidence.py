"""Learns the confidence: the probability that a drafted answer is right, from its signals.

Every question is drafted, whatever its probability. Near misses count as unanswerable here (eval.fit.questions).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.fit.questions import ReadQuestion
from eval.formulas.calibration import auroc
from eval.formulas.metrics import contained
from index.answer.by_reader import ByReader
from index.order.by_reading import by_reading
from index.read.fit import ConfidenceFit, Fit

FOLDS = 10
THRESHOLDS = (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8)

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observation:
    """One draft, and whether it was right."""

    id: str
    signals: tuple[float, ...]
    right: bool
    answerable: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ConfidenceReport:
    """Weights, and how well such weights do on questions they were not fitted on."""

    fit: ConfidenceFit
    observations: tuple[Observation, ...]
    probabilities: Vector
    """The probability of each observation, by a fit on the folds that it is not in."""

    def __str__(self) -> str:
        return "\n".join([self._weights(), self._accuracy(), *self._thresholds(), *self._calibration()])

    def _weights(self) -> str:
        weights = ", ".join(f"{weight:.2f}" for weight in self.fit.weights)
        return f"bias {self.fit.bias:.2f}, weights {weights}"

    def _accuracy(self) -> str:
        right = self._of(lambda each: each.right)
        area = auroc(self.probabilities, right.astype(np.float64))
        return f"{len(self.observations)} drafts, cross-validated area under the ROC curve {area:.3f}"

    def _thresholds(self) -> list[str]:
        """What a threshold would do."""
        answerable, right = self._of(lambda each: each.answerable), self._of(lambda each: each.right)
        lines = ["threshold  unanswerable refused  answerable refused  right of answered"]
        for threshold in THRESHOLDS:
            refused = self.probabilities < threshold
            shares = (
                _share(refused[~answerable]),
                _share(refused[answerable]),
                _share(right[~refused]),
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


def observe(questions: Sequence[ReadQuestion], fit: Fit) -> list[Observation]:
    """The draft of every question, by these weights of order and choice; those without a sentence are left out."""
    answerer, observations = ByReader(fit), []
    for each in questions:
        draft = answerer.draft(each.asked, by_reading(each.passages, fit.order, each.prefers_newest))
        if draft.signals:
            right = each.answerable and contained(draft.text, each.question.answers)
            observations.append(
                Observation(each.question.id, tuple(draft.signals), right, each.answerable, each.weight)
            )
    return observations


def fit_confidence(observations: Sequence[Observation]) -> ConfidenceReport:
    """Logistic regression (scikit-learn, C=1) on all, with probabilities from a cross-validation by question.

    Raises ValueError when all drafts are right, or all wrong.
    """
    if len({each.right for each in observations}) < 2:
        raise ValueError("all drafts are right, or all are wrong")
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
    fit = ConfidenceFit(float(model.intercept_[0]), tuple(map(float, model.coef_[0])))
    return ConfidenceReport(fit, tuple(observations), probabilities)


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression  # here: only fitting needs scikit-learn

    return LogisticRegression(C=1.0)


def _folds(ids: Sequence[str]) -> npt.NDArray[np.int_]:
    """The fold of each id, in their order; drafts of one question, asked of several archives, are in one fold."""
    order = sorted(set(ids))
    np.random.default_rng(0).shuffle(order)
    fold = {id_: place % FOLDS for place, id_ in enumerate(order)}
    return np.array([fold[id_] for id_ in ids])


def _share(values: npt.NDArray[np.bool_]) -> str:
    return f"{100 * np.mean(values):.1f} %" if len(values) else "-"
