"""Calibration and risk on cases worked out by hand, and properties that hold for any answers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.formulas.calibration import Vector, aurc, auroc, coverage_at, ece, has_both, reliability, risk_coverage

ANSWERS = st.lists(st.tuples(st.sampled_from([0.1, 0.3, 0.5, 0.55, 0.8, 1.0]), st.booleans()), min_size=1, max_size=60)


def columns(answers: list[tuple[float, bool]]) -> tuple[Vector, Vector]:
    """Confidences and rightness."""
    said, right = zip(*answers, strict=True)
    return np.array(said, dtype=np.float64), np.array(right, dtype=np.float64)


def coverage_at_half(said: Vector, right: Vector) -> float:
    """How many can be answered with half of them right, of twice as many questions."""
    return coverage_at(said, right, 0.5, 2 * len(said))


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
    for statistic in (ece, aurc, auroc, coverage_at_half):
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
    assert [coverage_at(nothing, nothing, 0.8, of) for of in (0, 5)] == [0, 0]


# ------------------------------------------------------------------------- telling right from wrong


def test_auroc_by_hand() -> None:
    """Right said .9 and .5, wrong said .5 and .1: of four pairs three are told apart and one is a tie."""
    said, right = columns([(0.9, True), (0.5, True), (0.5, False), (0.1, False)])
    assert auroc(said, right) == (1 + 1 + 0.5 + 1) / 4


@pytest.mark.parametrize("right", [[], [True], [True, True], [False, False]])
def test_nothing_to_tell_apart(right: list[bool]) -> None:
    """Without a right and a wrong answer it is a guess, and a number."""
    of_right = np.array(right, dtype=np.float64)
    assert not has_both(of_right)
    assert auroc(np.linspace(0, 1, len(right)), of_right) == 0.5


@given(ANSWERS)
def test_auroc_is_the_share_of_pairs(answers: list[tuple[float, bool]]) -> None:
    """Counted pair by pair; turned round when confidence is; the same whatever scale confidence is on."""
    said, right = columns(answers)
    pairs = [(one > other) + (one == other) / 2 for one in said[right == 1] for other in said[right == 0]]
    assert has_both(right) == bool(pairs)
    assert auroc(said, right) == pytest.approx(np.mean(pairs) if pairs else 0.5)
    assert auroc(-said, right) == pytest.approx(1 - auroc(said, right))
    assert auroc(np.exp(5 * said) - 7, right) == auroc(said, right)


# -------------------------------------------------------------------------------------- coverage


def test_coverage_by_hand() -> None:
    """Right, wrong, right, right, wrong by falling confidence, five more refused: 1/1, 1/2, 2/3, 3/4, 3/5 right."""
    said, right = columns([(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.5, False)])
    expected = {0.6: 5, 0.7: 4, 0.75: 4, 0.76: 1, 1.0: 1}
    assert {share: coverage_at(said, right, share, of=10) for share in expected} == pytest.approx(
        {share: answered / 10 for share, answered in expected.items()}
    )


def test_equal_confidences_are_not_torn_apart() -> None:
    """Four right and one wrong of one confidence: all five or, where nine in ten are to be right, none."""
    said, right = columns([(0.5, True)] * 4 + [(0.5, False)])
    assert coverage_at(said, right, 0.8, of=5) == 1
    assert coverage_at(said, right, 0.9, of=5) == 0


@pytest.mark.parametrize("percent", [80, 90])
@pytest.mark.parametrize("tens", range(1, 40))
def test_exactly_enough_is_enough(percent: int, tens: int) -> None:
    """Nine of ten are 90 %, however many tens: no rounding may lose a question."""
    answers = [(0.5, number % 100 < percent) for number in range(0, 100 * tens, 10)]
    assert coverage_at(*columns(answers), percent / 100, of=10 * tens) == 1


@given(ANSWERS, st.floats(0, 1), st.floats(0, 1), st.integers(0, 20))
def test_bounds_of_coverage(answers: list[tuple[float, bool]], one: float, other: float, refused: int) -> None:
    """Who wants more to be right answers no more; what is answered is as right as was wanted, and nothing refused is in it."""
    said, right = columns(answers)
    of = len(answers) + refused
    low, high = sorted((one, other))
    covered = coverage_at(said, right, low, of)
    assert coverage_at(said, right, high, of) <= covered <= len(answers) / of
    assert coverage_at(said, np.ones(len(said)), high, of) == len(answers) / of
    limits = [limit for limit in said if right[said >= limit].mean() >= low]
    assert covered == max(((said >= limit).sum() for limit in limits), default=0) / of
