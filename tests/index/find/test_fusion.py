"""Reciprocal rank fusion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.find.fusion import reciprocal_rank_fusion

items = st.integers(0, 15)
ranking = st.lists(items, unique=True)
rankings = st.lists(ranking, max_size=4)


@given(rankings, st.randoms())
def test_the_order_of_the_rankings_does_not_matter(rankings: list[list[int]], random: object) -> None:
    """Keyword first or dense first: every item gets the same score."""
    shuffled = list(rankings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    fused, again = dict(reciprocal_rank_fusion(rankings)), dict(reciprocal_rank_fusion(shuffled))
    assert fused == pytest.approx(again)


@given(items, st.lists(ranking, min_size=1, max_size=4))
def test_first_in_all_is_first(best: int, rankings: list[list[int]]) -> None:
    """What every search puts first stays first."""
    led = [[best, *(item for item in ranking if item != best)] for ranking in rankings]
    assert reciprocal_rank_fusion(led)[0][0] == best


@given(rankings)
def test_better_in_all_is_better(rankings: list[list[int]]) -> None:
    """An item that no ranking puts behind another scores at least as much."""
    scores = dict(reciprocal_rank_fusion(rankings))
    places = {item: [ranking.index(item) if item in ranking else 99 for ranking in rankings] for item in scores}
    for one, ahead in places.items():
        for other, behind in places.items():
            if all(a <= b for a, b in zip(ahead, behind, strict=True)):
                assert scores[one] >= scores[other] - 1e-12


@given(rankings)
def test_everything_found_is_kept_once_best_first(rankings: list[list[int]]) -> None:
    """No item is lost, none doubled, and scores fall."""
    fused = reciprocal_rank_fusion(rankings)
    assert {item for item, _ in fused} == {item for ranking in rankings for item in ranking}
    assert len(fused) == len({item for item, _ in fused})
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(ranking)
def test_one_ranking_stays_as_it_is(ranking: list[int]) -> None:
    """Keyword search alone, before there are vectors, is not reordered."""
    assert [item for item, _ in reciprocal_rank_fusion([ranking])] == ranking


def test_equal_scores_stand_as_first_seen() -> None:
    """Ties never depend on chance."""
    assert [item for item, _ in reciprocal_rank_fusion([[1, 2], [2, 1], [3]])][:2] == [1, 2]
    assert reciprocal_rank_fusion([]) == []
