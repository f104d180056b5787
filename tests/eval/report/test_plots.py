"""Plots: where what is measured comes to stand."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.report.plots import Point, Row, Series, legend, line_plot, number_axis, percent_axis, places_axis, row_plot
from eval.report.wording import clean

TEXT = st.text().map(clean).filter(lambda text: text.isprintable())


def drawn(svg: str, kind: str) -> list[dict[str, str]]:
    """Attributes of the elements whose class begins so."""
    root = ElementTree.fromstring(svg)
    return [element.attrib for element in root.iter() if element.get("class", "").split(" ")[0] == kind]


@given(st.floats(1e-6, 1e9))
def test_an_axis_holds_its_highest_value_and_has_few_round_ticks(high: float) -> None:
    """It begins at 0, so that no difference looks larger than it is."""
    axis = number_axis("seconds", high)
    values = [value for value, _ in axis.ticks]
    assert axis.low == values[0] == 0
    assert axis.high == values[-1] >= high * (1 - 1e-6)
    assert 2 <= len(values) <= 6
    assert len({text for _, text in axis.ticks}) == len(values)


@pytest.mark.parametrize("high", [0.0, -1.0, float("nan"), float("inf")])
def test_an_axis_of_nothing_is_still_one(high: float) -> None:
    """A benchmark that took no measurable time is drawn all the same."""
    assert number_axis("seconds", high).high > 0


def test_shares_are_written_in_per_cent() -> None:
    """0 to 1, named 0 to 100; a low curve gets a lower axis, never one above 100 %."""
    assert [text for _, text in percent_axis("right").ticks] == ["0", "25", "50", "75", "100"]
    assert percent_axis("wrong", 0.12).high == pytest.approx(0.15)
    assert percent_axis("wrong", 3.0).high == 1.0


def test_points_and_their_intervals_stand_at_their_values() -> None:
    """Higher is higher, and an interval reaches from its low to its high end."""
    svg = line_plot("t", "d", places_axis("k", [1, 10]), percent_axis("found"),
                    [Series("all", [Point(0, 0.5, 0.25, 0.75), Point(1, 1.0, 0.9, 1.0)])])  # fmt: skip
    low, high = drawn(svg, "dot")
    ticks = {one["y1"] for one in drawn(svg, "grid")}
    assert float(low["cy"]) > float(high["cy"])
    assert float(low["cx"]) < float(high["cx"])
    assert low["cy"] in ticks
    bar = drawn(svg, "bar")[0]
    assert {bar["y1"], bar["y2"]} < ticks
    assert bar["x1"] == bar["x2"] == low["cx"]


def test_intervals_of_several_series_stand_beside_each_other() -> None:
    """None hides another, and each has its own colour and shape."""
    points = [Point(0, 0.5, 0.4, 0.6)]
    svg = line_plot("t", "d", places_axis("k", [1]), percent_axis("y"), [Series("a", points), Series("b", points)])
    bars = drawn(svg, "bar")
    assert bars[0]["x1"] != bars[1]["x1"]
    assert bars[0]["class"] != bars[1]["class"]


def test_what_stands_behind_a_point_is_its_area_and_its_number() -> None:
    """Four times as many answers: twice the radius; what is beyond an axis stands at its end."""
    points = [Point(0.5, 0.5, weight=100), Point(0.9, 7.0, weight=25)]
    svg = line_plot("t", "d", percent_axis("x"), percent_axis("y"), [Series("a", points, line=False)], diagonal=True)
    many, few = drawn(svg, "weighed")
    assert float(many["r"]) == pytest.approx(2 * float(few["r"]), abs=0.1)
    assert few["cy"] == drawn(svg, "diagonal")[0]["y2"]
    assert ">100</text>" in svg
    assert not drawn(svg, "line")


def test_a_row_has_a_point_for_each_value_there_is() -> None:
    """A value that is not known leaves its place empty."""
    rows = [Row("read", [(10, 5, 20), None]), Row("total", [(20, None, None), (40, 30, 40)])]
    svg = row_plot("t", "d", number_axis("ms", 40), ["p50", "p95"], rows)
    assert len(drawn(svg, "dot")) == 3
    assert len(drawn(svg, "bar")) == 2
    assert "read, p50" in svg


@given(TEXT)
def test_names_are_text_and_never_markup(text: str) -> None:
    """Whatever a split is called, the drawing stays well formed and says the name."""
    plots = [
        line_plot(text, text, number_axis(text, 1), percent_axis(text), [Series(text, [Point(0, 0)])]),
        row_plot(text, text, percent_axis(text), [text], [Row(text, [(0.5, None, None)])]),
    ]
    for svg in plots:
        root = ElementTree.fromstring(svg)
        assert (root.findtext("title") or "") == text
        assert (root.findtext("desc") or "") == text
        assert {element.tag for element in root.iter()} <= {
            "svg",
            "title",
            "desc",
            "g",
            "line",
            "circle",
            "path",
            "text",
        }
    listed = ElementTree.fromstring(legend([text, text]))
    assert [item.find("svg").tail or "" for item in listed] == [text, text]  # type: ignore[union-attr]


def test_one_series_needs_no_legend() -> None:
    """The title says what it is."""
    assert legend(["all"]) == ""
