"""Every measure on cases worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.formulas.metrics import (
    answer_in_best,
    contained,
    exact_match,
    hit,
    ndcg,
    normalise,
    recall,
    reciprocal_rank,
    squad_normalise,
    token_f1,
)


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("The Eiffel Tower!", "eiffel tower"),
        ("“An   apple”, a day", "apple day"),
        ("Theatre and anthem", "theatre and anthem"),
        ("U.S. $1,200", "us 1200"),
        ("the", ""),
    ],
)
def test_normalise(text: str, normal: str) -> None:
    """Case, punctuation (curly quotes too), articles and extra space go; parts of words stay."""
    assert normalise(text) == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [("“An   apple”, a day", "“ apple” day"), ("Nebley’s £4.5m", "nebley’s £45m"), ("The B-52s!", "b52s")],
)
def test_squad_normalise(text: str, normal: str) -> None:
    """To the letter as published: only ASCII punctuation goes, so that figures compare with those of others."""
    assert squad_normalise(text) == normal


@given(
    st.lists(st.sampled_from("the cat sat a mat on cat mat".split())), st.lists(st.sampled_from("cat a mat x".split()))
)
def test_token_f1_against_the_definition(said: list[str], gold: list[str]) -> None:
    """The published definition computed another way: shared words are struck off one by one."""
    ours, theirs = ([word for word in words if word not in ("a", "the")] for words in (said, gold))
    left, shared = list(theirs), 0
    for word in ours:
        if word in left:
            left.remove(word)
            shared += 1
    if not ours or not theirs:
        expected = float(ours == theirs)
    else:
        precision, recalled = shared / len(ours), shared / len(theirs)
        expected = 2 * precision * recalled / (precision + recalled) if shared else 0.0
    assert token_f1(" ".join(said), [" ".join(gold)]) == pytest.approx(expected)


def test_exact_match() -> None:
    """Equal to any one of the gold answers after normalising."""
    assert exact_match("The Russian air force.", ["Turkey", "Russian Air Force"])
    assert not exact_match("Russian air forces", ["Russian air force"])
    assert not exact_match("anything", [])


def test_token_f1() -> None:
    """2 shared tokens of 3 and of 2: P = 2/3, R = 1, F1 = 0.8; the best gold answer counts."""
    assert token_f1("nine Russian jets", ["Russian jets"]) == pytest.approx(0.8)
    assert token_f1("nine Russian jets", ["eight", "nine Russian jets"]) == 1.0
    assert token_f1("ha ha ha", ["ha"]) == pytest.approx(0.5)
    assert token_f1("Ankara", ["Moscow"]) == 0.0
    assert token_f1("Ankara", []) == 0.0


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("It killed 14 people.", ["14"], True),
        ("It killed 140 people.", ["14"], False),
        ("a stone bridge", ["one"], False),
        ("The Russian and Turkish air forces did.", ["Russian and Turkish"], True),
        ("Turkish and Russian forces", ["Russian and Turkish"], False),
        ("in the Hague", ["The Hague"], True),
        ("anything at all", ["the"], False),
        ("anything", [], False),
        ("from 1960 to 2023", [("1960", "2023")], True),
        ("since 1960", [("1960", "2023")], False),
    ],
)
def test_contained(text: str, answers: list[str | tuple[str, ...]], expected: bool) -> None:
    """Whole tokens in one run, never part of a token; a gold answer of articles alone is nowhere."""
    assert contained(text, answers) is expected


def test_hit_and_reciprocal_rank() -> None:
    """The first gold item of a, b, c, d is c, third."""
    ranking = ["a", "b", "c", "d"]
    assert not hit(ranking, {"c", "d"}, 2)
    assert hit(ranking, {"c", "d"}, 3)
    assert reciprocal_rank(ranking, {"c", "d"}, 10) == pytest.approx(1 / 3)
    assert reciprocal_rank(ranking, {"c", "d"}, 2) == 0.0
    assert reciprocal_rank([], {"c"}, 10) == 0.0


def test_recall_and_ndcg() -> None:
    """Gold b and d of a, b, c, d: one of two among three; DCG 1/log2(3), best order 1 + 1/log2(3)."""
    ranking = ["a", "b", "c", "d"]
    assert recall(ranking, {"b", "d"}, 3) == 0.5
    assert recall(ranking, {"b", "gone"}, 10) == 0.5
    assert ndcg(ranking, {"b", "d"}, 3) == pytest.approx((1 / 1.5849625) / (1 + 1 / 1.5849625))
    assert ndcg(["b", "d", "a"], {"b", "d"}, 10) == 1.0
    assert ndcg(ranking, {"x"}, 10) == 0.0


def test_answer_in_best() -> None:
    """The second of three passages holds it."""
    passages = ["nothing", "It was 84 million.", "84"]
    assert not answer_in_best(passages, ["84 million"], 1)
    assert answer_in_best(passages, ["84 million"], 2)
