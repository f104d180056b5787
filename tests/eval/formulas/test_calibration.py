"""Calibration and risk on cases worked out by hand, and properties that hold for any answers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.formulas.calibration import Vector, aurc, ece, reliability, risk_coverage

ANSWERS = st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.55, 0.8, 1.0]), st.booleans()), min_size=1, max_size=60)


def columns(answers: list[tuple[float, bool]]) -> tuple[Vector, Vector]:
    """Confidences and rightness."""
    said, right = zip(*answers, strict=True)
    return np.array(said, dtype=np.float64), np.array(right, dtype=np.float64)


def test_ece_by_hand() -> None:
    """Two bins: said .2 and .4, one of two right: off by .2; said .8 and 1, both right: off by .1; mean .15."""
    said, right = columns([(0.2, False), (0.4, True), (0.8, True), (1.0, True)])
    assert ece(said, right, bins=2) == pytest.approx((2 * abs(0.3 - 0.5) + 2 * abs(0.9 - 1.0)) / 4)


def test_ten_bins_of_equal_mass() -> None:
    """Of 100 different confidences each bin holds ten, lowest first."""
    said = np.linspace(0.01, 1, 100)
    bins = reliability(said, np.ones(100))
    assert [each.n for each in bins] == [10] * 10
    assert [each.low for each in bins] == pytest.approx([0.01 + 0.1 * number for number in range(10)])


def test_risk_coverage_by_hand() -> None:
    """Right, wrong, right by falling confidence: 0, 1/2, 1/3 of the most confident are wrong."""
    said, right = columns([(0.5, False), (0.9, True), (0.1, True)])
    assert risk_coverage(said, right) == pytest.approx([0, 1 / 2, 1 / 3])
    assert aurc(said, right) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_equal_confidences_share_their_risk() -> None:
    """With one right and one wrong at the same confidence, half a mistake is expected at the first."""
    said, right = columns([(0.5, False), (0.5, True)])
    assert risk_coverage(said, right) == pytest.approx([1 / 2, 1 / 2])


@given(ANSWERS, st.randoms())
def test_the_order_of_the_questions_does_not_matter(answers: list[tuple[float, bool]], random: object) -> None:
    """Not even where confidences are equal."""
    shuffled = list(answers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for statistic in (ece, aurc):
        assert statistic(*columns(shuffled)) == pytest.approx(statistic(*columns(answers)))


@given(ANSWERS)
def test_bounds(answers: list[tuple[float, bool]]) -> None:
    """Every answer is in one bin, equal confidences share one, and the last risk is the share of wrong answers."""
    said, right = columns(answers)
    bins = reliability(said, right)
    assert sum(each.n for each in bins) == len(answers)
    assert all(one.high < other.low for one, other in pairwise(bins))
    assert 0 <= ece(said, right) <= 1
    assert risk_coverage(said, right)[-1] == pytest.approx(1 - right.mean())


def test_perfect_calibration_is_zero() -> None:
    """Says 1 and is right, says 0 and is wrong."""
    said, right = columns([(1.0, True)] * 30 + [(0.0, False)] * 20)
    assert ece(said, right) == 0
    assert aurc(said, right) == pytest.approx(np.mean([0] * 30 + [n / (30 + n) for n in range(1, 21)]))


def test_nothing_answered() -> None:
    """No answers, no error."""
    nothing = np.array([])
    assert (ece(nothing, nothing), aurc(nothing, nothing), reliability(nothing, nothing)) == (0, 0, [])
