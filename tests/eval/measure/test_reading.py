"""What is measured of a reader, worked out by hand."""

from __future__ import annotations

import pytest

from eval.formulas.statistics import Figure
from eval.measure.reading import ReadAnswer, reading_figures

RIGHT = ReadAnswer(("the Old Market",), "Old Market", 2.0)
HALF = ReadAnswer(("Ida Brandt", "the harbour master"), "harbour master Ida Brandt of Melen", 0.5)
"""F1 with "Ida Brandt": P 2/6, R 2/2, so 1/2; with "harbour master": the same."""
WRONG = ReadAnswer(("nine",), "ten", 1.0)
KEPT = ReadAnswer(("3.20",), "3.20", -0.5)
"""Right, but held to be no answer."""
REFUSED = ReadAnswer((), "a crane", -1.0)
EDGE = ReadAnswer((), "a crane", 0.0)
FOOLED = ReadAnswer((), "a crane", 0.1)
NOTHING = ReadAnswer(("nine",), "", float("-inf"))
"""There was no text to read."""


def values(*read: ReadAnswer) -> dict[str, tuple[float, int]]:
    """Value and number of questions of each figure."""
    return {name: (round(figure.value, 6), figure.n) for name, figure in reading_figures(read).items()}


def test_only_answerable_questions_are_measured_as_squad_1() -> None:
    """Without a question that has no answer, the best span alone counts, whatever its score."""
    assert values(RIGHT, HALF, WRONG, KEPT) == {"span exact match": (50, 4), "span f1": (62.5, 4)}


def test_with_unanswerable_questions_refusing_counts_too() -> None:
    """Given: RIGHT 1, HALF 0 (F1 1/2), WRONG 0; kept back though right: 0; refused: 1, at the edge too; fooled: 0."""
    assert values(RIGHT, HALF, WRONG, KEPT, REFUSED, EDGE, FOOLED, REFUSED) == {
        "span exact match": (50, 4),
        "span f1": (62.5, 4),
        "all exact match": (50, 8),
        "all f1": (56.25, 8),
        "none given of unanswerable": (75, 4),
        "given of answerable": (75, 4),
    }


def test_only_unanswerable_questions() -> None:
    """What is measured of answers is left out; all that can be right is to give none."""
    assert values(REFUSED, FOOLED, EDGE, EDGE) == {
        "all exact match": (75, 4),
        "all f1": (75, 4),
        "none given of unanswerable": (75, 4),
    }


def test_no_text_is_no_answer() -> None:
    """An empty span is wrong where there is an answer, and never given."""
    assert values(NOTHING, REFUSED) == {
        "span exact match": (0, 1),
        "span f1": (0, 1),
        "all exact match": (50, 2),
        "all f1": (50, 2),
        "none given of unanswerable": (100, 1),
        "given of answerable": (0, 1),
    }


def test_no_questions_no_figures() -> None:
    """Nothing is made up."""
    assert reading_figures([]) == {}


def test_figures_have_intervals_that_a_seed_repeats() -> None:
    """The interval holds the value, narrows with more questions, and is the same each time."""
    few, many = ([RIGHT, WRONG, KEPT, REFUSED, FOOLED] * times for times in (5, 100))
    assert reading_figures(few, seed=1) == reading_figures(few, seed=1)
    for name, figure in reading_figures(few).items():
        narrower = reading_figures(many)[name]
        assert figure.value == pytest.approx(narrower.value)
        assert figure.low < figure.value < figure.high
        assert narrower.high - narrower.low < figure.high - figure.low
        assert 0 <= figure.low <= figure.high <= 100


def test_the_order_of_questions_does_not_matter() -> None:
    """For the values; which answers belong to which question is kept."""
    read = [RIGHT, REFUSED, HALF, FOOLED, KEPT, WRONG, NOTHING]
    assert values(*read) == values(*reversed(read))
    assert isinstance(reading_figures(read)["all f1"], Figure)


def test_a_bound_decides_what_is_given() -> None:
    """With a higher bound fewer answers are given, right and wrong ones; the best span itself is measured as before."""
    read = [ReadAnswer(("a",), "a", 3.0), ReadAnswer(("a",), "a", 1.0), ReadAnswer((), "a", 1.0)]
    given = {bound: reading_figures(read, bound) for bound in (0.0, 2.0)}
    assert [given[bound]["given of answerable"].value for bound in given] == [100.0, 50.0]
    assert [given[bound]["none given of unanswerable"].value for bound in given] == [0.0, 100.0]
    assert [given[bound]["span f1"].value for bound in given] == [100.0, 100.0]
