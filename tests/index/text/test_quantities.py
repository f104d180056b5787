"""Figures in words and digits, as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.quantities import figures, same_measure


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
        ("half a million, a quarter of a billion", [(500_000, ""), (250_000_000, "")]),
        ("half a dozen eggs, half a trillion euros", [(6, ""), (500_000_000_000, "€")]),
        ("three quarters of a million", [(750_000, "")]),
        ("two and a half thousand", [(2_500, "")]),
        ("one and a half years", [(1.5, "year")]),
        ("several million, a few hundred", []),
        ("half of the voters", []),
        ("a 90-pound dog, weighing about 40 pounds, 12 pounds of flour", [(90, "lb"), (40, "lb"), (12, "lb")]),
        ("a 90-pound fine, 40 pounds, 12 pounds of public money", [(90, "£"), (40, "£"), (12, "£")]),
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


def test_a_speed_is_no_length() -> None:
    """131 km/h do not answer how tall something is."""
    assert [each.unit for each in figures("gusts of 131 km/h, 40 miles an hour, 3 km of road, €900,000 a year")] == [
        "km/",
        "mile/",
        "km",
        "€",
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("90 minutes", "1.5 hours", True),
        ("two weeks", "14 days", True),
        ("18 months", "one and a half years", True),
        ("2,500 kg", "2.5 tonnes", True),
        ("5 miles", "8 km", True),
        ("402 m", "400 m", False),
        ("3 km", "3 hours", False),
        ("30 days", "one month", False),
    ],
)
def test_units_of_one_kind_are_compared_as_one(one: str, other: str, same: bool) -> None:
    """However they are told; what was converted may be rounded, what was not may not."""
    assert same_measure(next(figures(one)), next(figures(other))) is same
