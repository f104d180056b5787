"""How probable it is that an answer is right: a logistic regression on a few signals.

`newsdesk eval fit` learns the weights and prints how well they do (docs/why.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from index.read.fit import ConfidenceFit
from index.text.odds import probability


class Signals(NamedTuple):
    """What is known about an answer chosen by words, each 0..1, in the order of the weights."""

    in_passage: float
    """Share of the question's weighted rarity that the leading sentence's passage holds with its headline."""
    near_by: float
    """The same for the leading sentence with the ones right before and after it."""
    names_missing: float
    """Share of the question's names and numbers that this passage lacks."""
    of_type: float
    """How plainly the answer offers the type of thing asked for."""
    terms_asked: float
    """Number of terms in the question, 1 from ten on: of a long question some words may well be missing."""
    meaning: float
    """Cosine of question and leading sentence; 0 without vectors."""


class ReadSignals(NamedTuple):
    """What is known about an answer that the reader found, in the order of the weights."""

    read: float
    """Log-odds that the passage answers, -1..1 for -MOST_SURE..MOST_SURE; of the answer that reads best, where a newer report
    replaces that."""
    rivals: float
    """Different answers that score nearly as well and are shown beside it where there is room, 0..1 for none to five and more."""
    found: float
    """Score with which its passage was found, against the best one's, 0..1."""
    in_passage: float
    """Share of the question's weighted rarity that the passage holds with its headline."""
    names_missing: float
    """Share of the question's names and numbers that this passage lacks."""
    terms_asked: float
    """Number of terms in the question, 0..1 for none to ten and more."""
    read_of_long: float
    """`read` times `terms_asked`: of a long question the reader seldom finds all of it in one passage, answered or not."""


def confidence(signals: Signals, with_meaning: bool) -> float:
    """Probability that an answer with these signals is right."""
    return _regressed(signals, *(WITH_MEANING if with_meaning else WITHOUT_MEANING))


def read_confidence(signals: ReadSignals, fit: ConfidenceFit) -> float:
    """Probability that an answer with these signals is right, by the fit of the reader that found it."""
    return _regressed(signals, fit.bias, fit.weights)


def _regressed(signals: Sequence[float], bias: float, weights: Sequence[float]) -> float:
    return probability(bias + sum(w * x for w, x in zip(weights, signals, strict=True)))


# The weights of ReadSignals lie beside the reader (index.read.fit), learnt by `newsdesk eval fit`; docs/why.md says on which
# questions, and which other signals added nothing.

# (bias, weights in the order of Signals). Fitted on the sample's questions, those of June and July, and made-up near
# misses; cross-validated accuracy 0.71 with vectors and 0.68 without (docs/why.md).
WITH_MEANING = (-3.19, (1.39, 0.83, -0.14, 0.50, 0.76, 1.75))
WITHOUT_MEANING = (-3.39, (1.50, 1.49, -0.58, 0.63, 1.31, 0.00))
