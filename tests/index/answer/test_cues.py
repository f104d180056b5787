"""Questions for how things stand, and who no longer is what is asked for."""

from __future__ import annotations

import pytest

from index.answer.cues import has_gone, is_forecast, is_update
from index.text.terms import query_terms
from index.understand.state import asks_for_outcome, asks_for_state, asks_who_is

ASKED = frozenset(query_terms("Who is the harbour master of Port Selwick?"))


@pytest.mark.parametrize(
    ("sentence", "person"),
    [
        ("Edmund Prior resigned as harbour master on Monday.", "Edmund Prior"),
        ("Edmund Prior has abruptly stepped down.", "Edmund Prior"),
        ("Edmund Prior was sacked last week.", "Edmund Prior"),
        ("Edmund Prior, who had resigned in January, builds boats.", "Edmund Prior"),
        ("Edmund Prior quit on Monday.", "Edmund Prior"),
        ("Edmund Prior was replaced by Ida Brandt.", "Edmund Prior"),
        ("Edmund Prior’s resignation came at noon.", "Edmund Prior"),
        ("The auditors cleared the former harbour master, Edmund Prior.", "Edmund Prior"),
        ("Former harbour master Edmund Prior builds boats.", "Edmund Prior"),
        ("Ida Brandt, who succeeds Edmund Prior, is an engineer.", "Edmund Prior"),
        ("Ida Brandt took over from Edmund Prior.", "Edmund Prior"),
        ("After the resignation of Edmund Prior the post was empty.", "Edmund Prior"),
        ("Edmund Prior is no longer the harbour master.", "Edmund Prior"),
        ("Edmund Prior was no longer in charge.", "Edmund Prior"),
        ("Edmund Prior no longer holds the post.", "Edmund Prior"),
    ],
)
def test_who_left_is_known_from_the_words_beside_the_name(sentence: str, person: str) -> None:
    """Whoever resigned, was dismissed, is called the former one or was succeeded no longer is it."""
    start = sentence.index(person)
    assert has_gone(sentence, start, start + len(person), ASKED)


@pytest.mark.parametrize(
    "sentence",
    [
        "The new harbour master is Ida Brandt, who succeeds Edmund Prior.",
        "Former finance minister Ida Brandt is the new harbour master.",
        "Ida Brandt replaced Edmund Prior after he resigned.",
        "Ida Brandt, who took over when Prior resigned, is an engineer.",
        "Ida Brandt was elected as her rival resigned.",
        "Ida Brandt took office after Prior stepped down.",
        "Ida Brandt faces calls to resign.",
        "Ida Brandt has not resigned.",
        "Ida Brandt no longer opposes the harbour wall.",
        "Ida Brandt no longer wants a master plan.",
        "Ida Brandt is no longer worried about the harbour.",
        "Ida Brandt, who is no longer ill, is the harbour master.",
        "Ida Brandt left the post office at noon.",
        "Ida Brandt refused to step down.",
        "Ida Brandt vowed not to quit.",
        "Ida Brandt won when he resigned.",
        "Ida Brandt won after rivals quit.",
        "Ida Brandt, a retired judge, is the new harbour master.",
        "Ida Brandt quit her job at the bank to become harbour master.",
        "After the resignation of Edmund Prior, Ida Brandt became harbour master.",
        "Succeeding Edmund Prior, Ida Brandt is the new harbour master.",
        "Former harbour master Edmund Prior was succeeded by Ida Brandt.",
        "Late on Monday harbour master Ida Brandt said so.",
        "The previous day the harbour master, Ida Brandt, said so.",
        "The former head of the tax office, Ida Brandt, is the new harbour master.",
        "Ida Brandt",
    ],
)
def test_who_came_is_not_taken_for_who_left(sentence: str) -> None:
    """The successor stands in the same sentence, or was the former something else."""
    start = sentence.index("Ida Brandt")
    assert not has_gone(sentence, start, start + len("Ida Brandt"), ASKED)


@pytest.mark.parametrize(
    ("question", "who_is", "state"),
    [
        ("Who is the harbour master?", True, True),
        ("Who's the latest health secretary?", True, True),
        ("Who are the current champions?", True, True),
        ("Who is the minister who resigned this week?", False, True),
        ("Who is the former harbour master?", False, True),
        ("Who’s the mayor?", True, True),
        ("Who is the victim of the shooting?", False, True),
        ("Who are the victims of the crash?", False, True),
        ("Who is among the dead?", False, True),
        ("Who is leaving the party?", False, True),
        ("Who wrote for USA Today in 1998?", False, False),
        ("When did they cross the toll bridge?", False, False),
        ("What was the death toll?", False, True),
        ("Who was the harbour master in 1998?", False, False),
        ("Who won in 1998?", False, False),
    ],
)
def test_only_who_somebody_is_rules_out_who_left(question: str, who_is: bool, state: bool) -> None:
    """Asked for the one who resigned, the one who resigned is the answer."""
    assert asks_who_is(question) is who_is
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


@pytest.mark.parametrize(
    ("sentence", "figure", "forecast"),
    [
        ("Repairs are expected to cost €780,000.", "€780,000", True),
        ("The line would cost €48 million.", "€48 million", True),
        ("The repairs came to €845,000, which is more than planned.", "€845,000", False),
        ("It will reopen on Friday; the repairs cost €845,000.", "€845,000", False),
        ("Repairs are likely to cost €780,000.", "€780,000", True),
        ("The planned €780,000 were spent.", "€780,000", True),
        ("Instead of the planned €780,000 the repairs cost €845,000.", "€845,000", False),
        ("As expected, the repairs cost €845,000.", "€845,000", False),
        ("In May 14 people died.", "14", False),
        ("The bomb that went off on May 22 killed 22 people.", "22 people", False),
    ],
)
def test_what_is_only_expected_is_known_from_the_words_before_it(sentence: str, figure: str, forecast: bool) -> None:
    """Of its own clause."""
    assert is_forecast(sentence, sentence.index(figure)) is forecast


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("How much did the repairs cost?", True),
        ("How much was it estimated to cost?", False),
        ("How much will the line cost?", False),
        ("How many planes were lost?", True),
    ],
)
def test_only_the_past_asks_for_an_outcome(question: str, outcome: bool) -> None:
    """And not what was expected in the past."""
    assert asks_for_outcome(question) is outcome
