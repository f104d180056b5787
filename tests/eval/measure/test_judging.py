"""Figures of a judge of support."""

from __future__ import annotations

from eval.measure.judging import JudgedClaim, judging_figures

RIGHT = [JudgedClaim(True, said) for said in (0.9, 0.8, 0.4)]


def test_areas_are_told_in_all_and_by_kind() -> None:
    """A kind's claims against all that are supported: numbers are told apart, names half of the time."""
    wrong = [JudgedClaim(False, 0.1, "number"), JudgedClaim(False, 0.2, "number"), JudgedClaim(False, 0.6, "name")]
    figures = judging_figures(RIGHT + wrong)
    assert {name: round(figure.value, 3) for name, figure in figures.items() if name != "calibration error"} == {
        "area under the ROC curve": round(8 / 9, 3),
        "area, number": 1.0,
        "area, name": round(2 / 3, 3),
    }
    assert figures["area, number"].n == 5


def test_what_tells_nothing_is_left_out() -> None:
    """Without unsupported claims there is no area, without claims no figure."""
    assert list(judging_figures(RIGHT)) == ["calibration error"]
    assert judging_figures([]) == {}
