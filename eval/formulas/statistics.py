"""How sure a figure is: bootstrap intervals over the questions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

RESAMPLES = 2_000
"""Enough that the ends of an interval move by less than half a point from seed to seed at 100 questions."""

LEVEL = 0.95

_BATCH = 100  # resamples at a time: 12,000 questions of SQuAD would take 190 MB otherwise

Vector = npt.NDArray[np.float64]


class Figure(NamedTuple):
    """A figure with its 95 % interval, of `n` questions."""

    value: float
    low: float
    high: float
    n: int


def share_figure(values: Sequence[float], seed: int) -> Figure:
    """The mean of values from 0 to 1, with an interval.

    Where all are 0, or all are 1, drawing again shows nothing else: the interval is then the exact one of a binomial
    share (Clopper and Pearson, Biometrika 1934).
    """
    found = mean_figure(values, seed)
    if found.value not in (0.0, 1.0):
        return found
    from scipy.stats import binomtest  # here: it takes a second to import

    interval = binomtest(round(found.value * found.n), found.n).proportion_ci(LEVEL, method="exact")
    return Figure(found.value, float(interval.low), float(interval.high), found.n)


def mean_figure(values: Sequence[float], seed: int) -> Figure:
    """The mean, with an interval."""
    return figure([np.asarray(values, dtype=np.float64)], _mean, seed, vectorized=True)


def percentile_figure(values: Sequence[float], percent: float, seed: int) -> Figure:
    """A percentile, with an interval."""

    def percentile(sample: Vector, axis: int = -1) -> Any:
        return np.percentile(sample, percent, axis=axis)

    return figure([np.asarray(values, dtype=np.float64)], percentile, seed, vectorized=True)


def biased_figure(columns: Sequence[Vector], statistic: Callable[..., Any], seed: int) -> Figure:
    """A statistic that is never below 0 and that noise makes larger, such as the calibration error, with an interval.

    Drawing again adds noise, so the plain interval would lie too high, even above the value. What the draws are too
    high on average is taken off again (the bootstrap's estimate of bias; Efron and Tibshirani, 1993, chapter 10).
    """
    return figure(columns, statistic, seed, biased=True)


def figure(
    columns: Sequence[Vector], statistic: Callable[..., Any], seed: int, vectorized: bool = False, biased: bool = False
) -> Figure:
    """A statistic of columns of equal length, one row a question, with an interval.

    Percentile bootstrap (Efron and Tibshirani, 1993): rows are drawn with replacement. Where all rows are alike, or
    there is one, the interval is the value itself: look at n then. Raises ValueError without a row.
    """
    from scipy.stats import bootstrap  # here: it takes a second to import

    n = len(columns[0])
    if not n:
        raise ValueError("there is no figure of no question")
    value = float(statistic(*columns))
    if n == 1:
        return Figure(value, value, value, n)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scipy says so when all resamples are alike
        result = bootstrap(
            columns, statistic, n_resamples=RESAMPLES, batch=_BATCH, confidence_level=LEVEL, method="percentile",
            paired=len(columns) > 1, vectorized=vectorized, rng=np.random.default_rng(seed),
        )  # fmt: skip
    low, high = map(float, result.confidence_interval)
    if biased:
        bias = float(np.mean(result.bootstrap_distribution)) - value
        low, high = max(0.0, low - bias), max(0.0, high - bias)
    return Figure(value, low, high, n)


def _mean(sample: Vector, axis: int = -1) -> Any:
    return np.mean(sample, axis=axis)
