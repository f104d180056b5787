"""Orders what was found by cheap measures; the best of it are then read (index.order.by_reading)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.passage import FoundPassage
from index.understand.worth import coverage

DEPTH = 40
"""Passages that are ordered; the rest stay behind in the order given."""


# Logistic regression ("does the passage hold the answer, of an article that is right") on the questions of the sample and
# of June and July, scaled to add up to 1, and then the fused ranks raised from 0.07 to 0.2, which finds the same and puts
# the right article first more often. Headline match, names missing, length and newness added nothing (docs/why.md).
@dataclass(frozen=True, slots=True)
class FeatureWeights:
    """What each measure of a passage counts; they add up to 1."""

    fused: float = 0.2
    by_keyword: float = 0.2
    by_meaning: float = 0.3
    coverage: float = 0.3


FEATURES = FeatureWeights()


def by_features(
    passages: Sequence[FoundPassage], worth: Mapping[str, float], weights: FeatureWeights = FEATURES
) -> list[FoundPassage]:
    """The passages by both searches' scores, their fusion, and how much of the question a passage holds.

    Fusion sees ranks alone; this brings back how good a match was. The score is a weighted share, 0..1. `worth` is what
    each term of the question counts (index.understand.worth).
    """
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    scored = [passage.scored(_score(passage, best, worth, weights)) for passage in passages[:DEPTH]]
    rest = [passage.scored(0.0) for passage in passages[DEPTH:]]
    return sorted(scored, key=lambda passage: -passage.score) + rest


def _score(passage: FoundPassage, best: float, worth: Mapping[str, float], weights: FeatureWeights) -> float:
    return (
        weights.fused * passage.score / best
        + weights.by_keyword * passage.by_keyword
        + weights.by_meaning * passage.by_meaning
        + weights.coverage * coverage(worth, passage.terms.with_title)
    )
