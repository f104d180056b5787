"""Questions for how things stand, and figures that are told as a change."""

from __future__ import annotations

import pytest

from index.answer.cues import is_update
from index.understand.state import asks_for_state


@pytest.mark.parametrize(
    ("question", "state"),
    [
        ("Who is the harbour master?", True),
        ("Who's the latest health secretary?", True),
        ("Who are the current champions?", True),
        ("Who is the minister who resigned this week?", True),
        ("Who is the former harbour master?", True),
        ("Who’s the mayor?", True),
        ("Who is the victim of the shooting?", True),
        ("Who are the victims of the crash?", True),
        ("Who is among the dead?", True),
        ("Who is leaving the party?", True),
        ("Who wrote for USA Today in 1998?", False),
        ("When did they cross the toll bridge?", False),
        ("What was the death toll?", True),
        ("Who was the harbour master in 1998?", False),
        ("Who won in 1998?", False),
    ],
)
def test_who_somebody_is_and_a_toll_are_still_open(question: str, state: bool) -> None:
    """What was in a year that is named is not."""
    assert asks_for_state(question) is state


@pytest.mark.parametrize(
    ("sentence", "figure", "update"),
    [
        ("That brought the final number of dead to sixteen.", "sixteen", True),
        ("The toll has risen to at least 14, officials said.", "14", True),
        ("The toll rose from nine to 14.", "nine", False),
        ("The final toll was 16.", "16", True),
        ("The toll was 40, a traveller said.", "40", False),
        ("They rose early. The dead numbered 40.", "40", False),
        ("The toll went up to as many as 14.", "14", True),
        ("Rescuers were brought to 14 villages.", "14", False),
        ("A gossip site increased its claim to 40 dead.", "40", False),
        ("The final score was 3–2.", "3", False),
    ],
)
def test_a_change_is_known_from_the_words_before_the_figure(sentence: str, figure: str, update: bool) -> None:
    """Only the figure that another one became, in its own clause."""
    assert is_update(sentence, sentence.index(figure)) is update
