"""Bootstrap intervals: what they must hold, whatever the library that draws them."""

from __future__ import annotations

import numpy as np
import pytest

from eval.formulas.calibration import ece
from eval.formulas.statistics import biased_figure, figure, mean_figure, percentile_figure


def test_a_mean_lies_in_its_interval_which_is_as_wide_as_the_theory_says() -> None:
    """60 of 100: the interval is near .6 +- 1.96 sqrt(.6 * .4 / 100)."""
    found = mean_figure([1.0] * 60 + [0.0] * 40, seed=0)
    assert (found.value, found.n) == (0.6, 100)
    assert found.low == pytest.approx(0.6 - 0.096, abs=0.02)
    assert found.high == pytest.approx(0.6 + 0.096, abs=0.02)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 100 samples of 80 from a known share, about 95 % of the intervals hold it."""
    rng = np.random.default_rng(7)
    samples = rng.random((100, 80)) < 0.7
    covered = [found.low <= 0.7 <= found.high for found in (mean_figure(list(map(float, row)), 0) for row in samples)]
    assert 0.88 <= np.mean(covered) <= 0.99


def test_the_seed_decides() -> None:
    """Same seed, same interval; the value never depends on it."""
    values = list(np.random.default_rng(1).random(50))
    assert mean_figure(values, 3) == mean_figure(values, 3)
    assert mean_figure(values, 3).value == mean_figure(values, 4).value
    assert mean_figure(values, 3) != mean_figure(values, 4)


def test_degenerate_samples() -> None:
    """One question, or all alike: the interval is the value; none: an error."""
    assert mean_figure([0.0], 0) == (0.0, 0.0, 0.0, 1)
    assert mean_figure([1.0] * 20, 0) == (1.0, 1.0, 1.0, 20)
    with pytest.raises(ValueError, match="no question"):
        mean_figure([], 0)


def test_a_percentile() -> None:
    """The median of 1..99 is 50, and its interval is around it."""
    found = percentile_figure([float(n) for n in range(1, 100)], 50, 0)
    assert found.value == 50
    assert found.low < 50 < found.high


def test_a_statistic_of_two_columns_draws_whole_rows() -> None:
    """Confidence and rightness of one answer stay together: shuffled apart, the error would be near 1/2."""
    said = np.array([0.0, 1.0] * 50)
    assert figure([said, said], ece, 0).high == 0


def test_the_interval_of_a_calibration_error_holds_it() -> None:
    """Though drawing again makes the error larger than it is."""
    rng = np.random.default_rng(5)
    for _ in range(5):
        said = rng.random(120)
        right = (rng.random(120) < said).astype(np.float64)
        found = biased_figure([said, right], ece, 0)
        assert found.low <= found.value <= found.high
