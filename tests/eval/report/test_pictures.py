"""The pictures of docs/evaluation.md: a report's curves as files that stand alone."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from eval.report.pictures import pictures_of
from newsdesk.errors import WrongUse

SVG = "{http://www.w3.org/2000/svg}"
RISING = [[(number + 1) / 20, number / 40] for number in range(20)]
BINS = [{"confidence": 0.5, "right": 0.25, "n": 8.0}, {"confidence": 1.0, "right": 1.0, "n": 12.0}]


def report(**groups: list[list[float]]) -> dict[str, Any]:
    """A report with these curves of risk and coverage."""
    return {"curves": {name.replace("_", " "): {"risk_coverage": c, "reliability": BINS} for name, c in groups.items()}}


def drawn(picture: str, kind: str) -> list[dict[str, str]]:
    """Attributes of the elements whose class begins so."""
    return [
        element.attrib
        for element in ElementTree.fromstring(picture).iter()
        if element.get("class", "").startswith(kind)
    ]


def test_a_line_falls_where_more_answers_are_wrong() -> None:
    """From left to right more questions are answered, and fewer of the answers are right."""
    [line] = drawn(pictures_of(report(all=RISING))["coverage.svg"], "line")
    places = [tuple(map(float, place.split())) for place in line["d"].lstrip("M").split("L")]
    assert places == sorted(places)
    assert [y for _, y in places] == sorted(y for _, y in places), "downwards is fewer"


def test_a_circle_stands_where_what_was_said_meets_what_was_right() -> None:
    """One half as right as it said is below the dashed line, one as right as it said is on it."""
    promised, kept = drawn(pictures_of(report(all=RISING))["calibration.svg"], "weighed")
    [diagonal] = drawn(pictures_of(report(all=RISING))["calibration.svg"], "diagonal")
    assert (kept["cx"], kept["cy"]) == (diagonal["x2"], diagonal["y2"])
    assert float(promised["cy"]) > (float(diagonal["y1"]) + float(diagonal["y2"])) / 2


def test_a_picture_stands_alone_and_is_of_what_chose_nothing() -> None:
    """It has its own colours, words for who cannot see it, and no address; the questions that only score go first."""
    both = pictures_of(report(all=RISING, split_score=[[0.5, 0.0], *RISING[1:]]))
    assert both == pictures_of(report(split_score=[[0.5, 0.0], *RISING[1:]]))
    for picture in both.values():
        root = ElementTree.fromstring(picture)
        assert root.find(f"{SVG}title") is not None
        assert root.find(f"{SVG}desc") is not None
        assert "prefers-color-scheme: dark" in str(root.findtext(f"{SVG}style"))
        assert "url(" not in picture
        assert "href" not in picture


def test_without_curves_there_is_no_picture() -> None:
    """A run that only finds has nothing to draw."""
    with pytest.raises(WrongUse, match="no curves"):
        pictures_of({"curves": {"all": {}}})
