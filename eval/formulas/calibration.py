"""Does it mean what it says? Reliability, calibration error, telling right from wrong, and what refusing more would buy.

All take, of each question that was answered, the confidence said (0..1) and whether the answer was right.
The order of the questions never matters, equal confidences included.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

BINS = 10

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence."""

    confidence: float
    """The mean that was said."""
    right: float
    """The share that was right."""
    n: int
    low: float
    high: float
    """Least and greatest confidence in it."""


def reliability(confidence: Vector, right: Vector, bins: int = BINS) -> list[Bin]:
    """Bins of equal mass, lowest confidence first; fewer where equal confidences would be torn apart."""
    order = np.argsort(confidence, kind="stable")
    confidence, right = confidence[order], right[order]
    ends = {_after_equals(confidence, round(number * len(confidence) / bins)) for number in range(1, bins + 1)}
    cuts = [0, *sorted(ends - {0})]
    return [
        Bin(
            float(confidence[start:end].mean()),
            float(right[start:end].mean()),
            end - start,
            float(confidence[start]),
            float(confidence[end - 1]),
        )
        for start, end in pairwise(cuts)
    ]


def _after_equals(ordered: Vector, cut: int) -> int:
    """The cut, moved behind all that equals what stands before it."""
    return int(np.searchsorted(ordered, ordered[cut - 1], side="right")) if cut else 0


def ece(confidence: Vector, right: Vector, bins: int = BINS) -> float:
    """Expected calibration error: mean over the answers of |said - right| of their bin.

    Naeini et al., AAAI 2015, here with bins of equal mass, which no choice of bin edges can flatter (Nixon et al.,
    CVPR workshops 2019). 0 without answers.
    """
    found = reliability(confidence, right, bins)
    return sum(each.n * abs(each.confidence - each.right) for each in found) / max(1, len(confidence))


def ece_by_chance(confidence: Vector, bins: int = BINS, draws: int = 200) -> float:
    """What `ece` would be on average if every confidence were exactly true: small samples err by chance alone.

    Simulated with a fixed seed (Vaicenavicius et al., AISTATS 2019, take the same as the null hypothesis).
    """
    rng = np.random.default_rng(0)
    truths = rng.random((draws, len(confidence))) < confidence
    return (
        float(np.mean([ece(confidence, truth.astype(np.float64), bins) for truth in truths]))
        if len(confidence)
        else 0.0
    )


def risk_coverage(confidence: Vector, right: Vector) -> Vector:
    """Share of wrong answers among the i most confident ones, for i = 1 .. n.

    El-Yaniv and Wiener, JMLR 2010. Among equal confidences any order may come; this is the mean over all of them.
    """
    order = np.argsort(-confidence, kind="stable")
    confidence, wrong = confidence[order], 1 - right[order]
    starts = np.searchsorted(-confidence, -confidence, side="left")
    ends = np.searchsorted(-confidence, -confidence, side="right")
    before = np.concatenate([[0.0], np.cumsum(wrong)])
    places = np.arange(1, len(wrong) + 1)
    errors = before[starts] + (places - starts) * (before[ends] - before[starts]) / np.maximum(1, ends - starts)
    result: Vector = errors / np.maximum(1, places)
    return result


def aurc(confidence: Vector, right: Vector) -> float:
    """Area under the risk-coverage curve: the mean of its risks (Geifman et al., ICLR 2019). 0 without answers."""
    return float(risk_coverage(confidence, right).mean()) if len(confidence) else 0.0


def auroc(confidence: Vector, right: Vector) -> float:
    """Area under the ROC curve: how probably a right answer has a higher confidence than a wrong one.

    Hanley and McNeil, Radiology 1982; Fawcett, Pattern Recognition Letters 2006. Equal confidences count half. Without
    a right and a wrong answer (`has_both`) there is nothing to tell apart: 0.5, what a guess has.
    """
    of_right, of_wrong = confidence[right == 1], np.sort(confidence[right == 0])
    pairs = len(of_right) * len(of_wrong)
    lower, not_higher = (np.searchsorted(of_wrong, of_right, side=side) for side in ("left", "right"))
    return float((lower + not_higher).sum() / (2 * pairs)) if pairs else 0.5


def has_both(right: Vector) -> bool:
    """Whether some are right and some are wrong, without which `auroc` says nothing."""
    return len(np.unique(right)) > 1


def coverage_at(confidence: Vector, right: Vector, share: float, of: int) -> float:
    """The largest share of `of` questions that can be answered, most confident first, with `share` of the answers right.

    Geifman and El-Yaniv, NeurIPS 2017. A limit of confidence cannot tell equal ones apart: all are answered, or none.
    """
    _, step = np.unique(-confidence, return_inverse=True)
    answered, were_right = np.cumsum(np.bincount(step)), np.cumsum(np.bincount(step, weights=right))
    # A quotient is rounded as 0.9 is, so nine of ten are enough; a product or a difference may miss it by a hair.
    enough = answered[were_right / answered >= share]
    return float(enough.max(initial=0)) / max(1, of)
