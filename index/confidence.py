"""How probable it is that an answer is right: a logistic regression on a few signals.

`eval.confidence` fits the weights and prints how well they do (docs/why.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from index.terms import terms

_NAME = re.compile(r"(?<=[\w,;:)] )[“\"‘(]?([A-ZÀ-Þ][\w’'-]+)|\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Signals:
    """What is known about an answer; each 0..1. The order is that of the weights."""

    in_sentence: float
    """Share of the question's weighted rarity that the leading sentence holds."""
    in_answer: float
    """The same for all sentences of the answer with the headlines of their articles."""
    in_passage: float
    """The same for the leading sentence's passage with its headline."""
    near_by: float
    """The same for the leading sentence, with what the sentences right before and after it add."""
    rarest_missing: float
    """Weight of the rarest question term that this passage lacks, against the rarest of all."""
    names_missing: float
    """Share of the question's names and numbers that this passage lacks."""
    of_type: float
    """How plainly the answer offers the type of thing asked for."""
    meaning: float
    """Cosine of question and leading sentence; 0 without vectors."""


def rarest_missing(worth: Mapping[str, float], found: frozenset[str]) -> float:
    """The greatest worth among the terms that were not found, against the greatest of all."""
    missing = [value for term, value in worth.items() if term not in found]
    return max(missing, default=0.0) / (max(worth.values(), default=0.0) or 1.0)


def names_of(question: str) -> list[str]:
    """Names and numbers of the question; its first word has a capital anyway and does not count."""
    return [match.group() for match in _NAME.finditer(question)]


def names_missing(question: str, found: frozenset[str]) -> float:
    """Share of the question's names and numbers of which no part was found."""
    names = [frozenset(terms(name)) for name in names_of(question)]
    return sum(name.isdisjoint(found) for name in names) / len(names) if names else 0.0


def confidence(signals: Signals, with_meaning: bool) -> float:
    """Probability that an answer with these signals is right."""
    bias, weights = WITH_MEANING if with_meaning else WITHOUT_MEANING
    return 1 / (1 + math.exp(-bias - sum(w * x for w, x in zip(weights, astuple(signals), strict=True))))


# (bias, weights in the order of Signals)
WITH_MEANING = (-4.0, (2.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.5, 3.0))
WITHOUT_MEANING = (-3.0, (2.5, 0.0, 3.5, 0.0, 0.0, 0.0, 0.5, 0.0))
