"""Questions that lean on the conversation before them."""

from __future__ import annotations

from index.followup import ANSWER_WEIGHT, CONTEXT_WEIGHT, standalone
from newsdesk.types import Turn

STRIKE = Turn("Who conducted the joint strike on al-Bab?", "The Russian and Turkish air forces did, said Rudskoi.")


def test_a_question_alone_stays_as_it_is() -> None:
    """Without a conversation every term has weight 1."""
    found = standalone("How many jets did they use?", ())
    assert found.text == "How many jets did they use?"
    assert set(found.weights.values()) == {1.0}


def test_a_pronoun_leans_on_the_question_before() -> None:
    """The earlier question's terms come with less weight, names of the answer with still less."""
    found = standalone("How many jets did they use?", (STRIKE,))
    assert found.weights["jet"] == 1.0
    assert found.weights["strike"] == CONTEXT_WEIGHT
    assert found.weights["rudskoi"] == ANSWER_WEIGHT
    assert STRIKE.question in found.text


def test_a_bare_continuation_leans() -> None:
    """ "And where is it?" has hardly a word of its own."""
    assert "bab" in standalone("And where is it?", (STRIKE,)).weights


def test_a_question_with_names_of_its_own_does_not_lean() -> None:
    """A new subject is not mixed with the old one."""
    found = standalone("Who is the mayor of Hallowbay?", (STRIKE,))
    assert "strike" not in found.weights


def test_a_chain_is_walked_back_to_what_it_is_about() -> None:
    """The second follow-up still finds the first question."""
    second = Turn("How many jets did they use?", "Seventeen.")
    assert "bab" in standalone("Were they hit?", (STRIKE, second)).weights
