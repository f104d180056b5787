"""Every measure on cases worked out by hand."""

from __future__ import annotations

import pytest

from eval.metrics import answer_in_best, contained, exact_match, hit, normalise, reciprocal_rank, token_f1


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
    ],
)
def test_contained(text: str, answers: list[str], expected: bool) -> None:
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


def test_answer_in_best() -> None:
    """The second of three passages holds it."""
    passages = ["nothing", "It was 84 million.", "84"]
    assert not answer_in_best(passages, ["84 million"], 1)
    assert answer_in_best(passages, ["84 million"], 2)
