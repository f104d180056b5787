"""Figures in words and digits, as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.quantities import figures, units_asked


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("forty-two", [(42, "")]),
        ("two hundred and five people", [(205, "")]),
        ("a dozen", [(12, "")]),
        ("Twelve of 2,831 articles", [(12, ""), (2831, "")]),
        ("five hundred thousand", [(500_000, "")]),
        ("1.5 million", [(1_500_000, "")]),
        ("£2bn", [(2_000_000_000, "£")]),
        ("$5 million", [(5_000_000, "$")]),
        ("5 per cent, 7 percent and 9%", [(5, "%"), (7, "%"), (9, "%")]),
        ("two weeks, 14 days", [(2, "week"), (14, "day")]),
        ("5m tall, £5m", [(5, "m"), (5_000_000, "£")]),
        ("a 10-year plan", [(10, "year")]),
        ("17 to 14", [(17, ""), (14, "")]),
        ("the 42nd street, U2, hundreds", []),
        ("", []),
    ],
)
def test_a_figure_is_its_number_and_its_unit(text: str, found: list[tuple[float, str]]) -> None:
    """However it is written; ordinals and names with digits are no figures."""
    assert [(each.value, each.unit) for each in figures(text)] == found


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from("two hundred million and 5 $ bn % weeks 1,200 . nine".split())).map(" ".join)
)
def test_figures_stand_in_order_in_their_text(text: str) -> None:
    """Whatever is written: places lie in the text and do not overlap."""
    end = 0
    for each in figures(text):
        assert end <= each.start < each.end <= len(text)
        end = each.end


LENGTHS = {"km", "mile", "m", "foot", "yard", "inch"}


@pytest.mark.parametrize(
    ("question", "units"),
    [
        ("How old is she?", {"day", "week", "month", "year"}),
        ("How long is the New Strand Bridge?", LENGTHS),
        ("How tall is the tower?", LENGTHS),
        ("How much did the repairs cost?", {"$", "€", "£"}),
        ("How much of the budget was spent?", set()),
        ("How much did the dockers' pay go up?", set()),
        ("How much did the cost of heating rise?", set()),
        ("How long will the New Strand Bridge be?", LENGTHS),
        ("How long is the bridge in Hallowby?", LENGTHS),
        ("How many people marched?", set()),
    ],
)
def test_what_is_asked_for_has_units(question: str, units: set[str]) -> None:
    """None where the question leaves them open."""
    assert units_asked(question) == units


def test_how_long_something_lasts_may_be_told_in_hours() -> None:
    """Only a bridge's length cannot."""
    assert {"hour", "km"} <= units_asked("How long was the march?")


def test_a_speed_is_no_length() -> None:
    """131 km/h do not answer how tall something is."""
    assert [each.unit for each in figures("gusts of 131 km/h, 40 miles an hour, 3 km of road, €900,000 a year")] == [
        "km/",
        "mile/",
        "km",
        "€",
    ]
