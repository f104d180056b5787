"""Which questions compare two things, and what is then asked of each."""

from __future__ import annotations

import pytest

from index.understand.comparison import Asks, comparison_of


@pytest.mark.parametrize(
    ("question", "asks", "sides", "form"),
    [
        ("Which is deeper, the Blue Lake or the Green Lake?", Asks.WHICH, ("the Blue Lake", "the Green Lake"), "How deep is {}?"),
        ("Which canal is longer, the Orne or the Tove?", Asks.WHICH, ("the Orne canal", "the Tove canal"), "How long is {}?"),
        ("Who is younger, Ida Holt or Jan Mohr?", Asks.WHICH, ("Ida Holt", "Jan Mohr"), "How old is {}?"),
        ("Which of Lisk and Marn is bigger?", Asks.WHICH, ("Lisk", "Marn"), "How big is {}?"),
        ("Which stadium has more seats, the Dell or the Ark?", Asks.WHICH, ("the Dell stadium", "the Ark stadium"), "How many seats does {} have?"),
        ("Which library was founded earlier, the Dell or the Ark?", Asks.WHICH, ("the Dell library", "the Ark library"), "When was {} founded?"),
        ("How much heavier is the bell of Lisk than that of Marn?", Asks.BY_HOW_MUCH, ("the bell of Lisk", "the bell of Marn"), "How much does {} weigh?"),
        ("Is the old tram faster than the new one?", Asks.WHETHER, ("the old tram", "the new tram"), "How fast is {}?"),
        ("Did rents in Lisk rise or fall from 2018 to 2020?", Asks.TREND, ("in 2018", "in 2020"), "What were rents in Lisk {}?"),
        ("Did inflation go up or down between May and July 2022?", Asks.TREND, ("in May 2022", "in July 2022"), "What was inflation {}?"),
        ("Was the flow of the Orne higher in 2020 than in 2018?", Asks.WHETHER, ("in 2020", "in 2018"), "What was the flow of the Orne {}?"),
    ],
)  # fmt: skip
def test_each_side_is_asked_by_itself(question: str, asks: Asks, sides: tuple[str, str], form: str) -> None:
    """A noun that both share, and "that of", are written out."""
    found = comparison_of(question)
    assert found is not None
    assert (found.asks, found.sides, found.forms[0]) == (asks, sides, form)


@pytest.mark.parametrize(
    "question",
    [
        "Who is older than the mayor?",
        "Which bridge is the longest?",
        "Did the dam break or hold?",
        "How much lower was the lake than it is today?",
        "Which party won more seats than expected?",
        "Who wants a higher wage, and who pays it?",
        "How many times deeper is the Blue Lake than the Green Lake?",
    ],
)
def test_other_questions_compare_nothing(question: str) -> None:
    """One side only, a clause for a side, or how many times."""
    assert comparison_of(question) is None
