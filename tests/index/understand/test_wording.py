"""Follow-ups as sentences that stand alone."""

from __future__ import annotations

import json

import pytest

from index.understand.conversation import standalone
from newsdesk.types import Turn
from tests.support import ROOT

VIADUCT = Turn("When was the Grey Viaduct opened?", "In June 1911, by the king himself.")
STORM = Turn("Why did Helga Storm retire?", "She was ill.")
COUNCIL = Turn("Who leads the city council of Varnholm?", "Olaf Brenner, a baker.")
OAR = Turn("Who won the Silver Oar?", "The rowers of Tessel.")
RAID = Turn("Who planned the raid on Korvat?", "The navies of both countries.")
SHIPS = Turn("How many ships did they use?", "Nine.")


@pytest.mark.parametrize(
    ("history", "question", "sentence"),
    [
        ((OAR,), "By how many lengths did they win?", "Who won the Silver Oar, and by how many lengths did they win?"),
        ((OAR,), "When?", "When was it that the rowers of Tessel won the Silver Oar?"),
        ((OAR,), "And the Bronze Oar?", "Who won the Silver Oar, and what about the Bronze Oar?"),
        ((OAR,), "Tessel?", "Who won the Silver Oar, and what about Tessel?"),
        ((COUNCIL,), "ok and in Tessel", "Who leads the city council of Varnholm, and what about in Tessel?"),
        ((STORM,), "Who succeeded her?", "Who succeeded Helga Storm?"),
        (
            (RAID, SHIPS),
            "Where is it?",
            "Who planned the raid on Korvat, how many ships did they use, and where is it?",
        ),
        (
            (Turn("How many people fled from the flood?", "400."),),
            "What about the children?",
            "How many people fled from the flood, and what about the children?",
        ),
    ],
)
def test_a_follow_up_is_asked_with_the_question_before(history: tuple[Turn, ...], question: str, sentence: str) -> None:
    """Written out where it is plain what is meant; else as a person would ask both at once."""
    assert standalone(question, history).text == sentence


@pytest.mark.parametrize(
    ("history", "subject"),
    [((VIADUCT,), "Viaduct"), ((STORM,), "Storm"), ((COUNCIL,), "council"), ((OAR,), "Oar"), ((RAID, SHIPS), "Korvat")],
)
@pytest.mark.parametrize(
    "question",
    [
        "Why?", "who else", "And then?", "But how many were there?", "What about him?", "How long did it take?",
        "Did they agree?", "And hers?", "Which one was it?", "Tell me more about that.", "So where is he?", "And in May?",
    ],
)  # fmt: skip
def test_every_follow_up_is_shown_as_a_sentence(history: tuple[Turn, ...], subject: str, question: str) -> None:
    """With a capital and a question mark, without brackets, and with what it is about."""
    found = standalone(question, history).text
    assert found[0].isupper()
    assert found.endswith("?")
    assert not set("()[]") & set(found)
    assert "asked after" not in found
    assert subject in found or history[0].answer.split(",")[0].strip(".").removeprefix("The ") in found


def test_the_follow_ups_of_the_sample_are_shown_as_sentences() -> None:
    """Or as they were put, to the letter, where they stand alone."""
    for line in (ROOT / "eval" / "sample" / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        asked = json.loads(line)
        history = [Turn(turn["question"], turn["answer"]) for turn in asked.get("history", ())]
        found = standalone(asked["question"], history).text
        assert "(" not in found
        if not history:
            assert found == asked["question"]


def test_nothing_before_it_leaves_a_question_as_it_is() -> None:
    """A turn that asked nothing gives nothing to lean on."""
    assert standalone("Why?", (Turn(" ", ""),)).text == "Why?"
    assert standalone("  and why did it close ", ()).text == "  and why did it close "
