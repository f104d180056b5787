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
LONG = "The council met on Monday and heard what Mira Vant, who had led the inquiry, thinks of Ulf Lind and of his friends."


@pytest.mark.parametrize(
    ("history", "question", "sentence"),
    [
        ((STORM,), "Who succeeded her?", "Who succeeded Helga Storm?"),
        ((STORM,), "And what did her deputy say?", "What did Helga Storm’s deputy say?"),
        ((COUNCIL,), "How old is he?", "How old is Olaf Brenner?"),
        (
            (Turn("Why did Tessel Rowers withdraw?", "Fever."),),
            "Whom had they beaten?",
            "Whom had Tessel Rowers beaten?",
        ),
        ((VIADUCT,), "How much did it cost?", "How much did the Grey Viaduct cost?"),
        ((VIADUCT,), "Who designed its arches?", "Who designed the Grey Viaduct’s arches?"),
        ((RAID,), "When was it planned?", "When was the raid on Korvat planned?"),
        ((RAID, SHIPS), "Where is it?", "Where is Korvat?"),
        ((STORM, Turn("When was that?", "In May.")), "Who replaced her?", "Who replaced Helga Storm?"),
    ],
)
def test_a_pronoun_gives_way_to_the_name_it_stands_for(history: tuple[Turn, ...], question: str, sentence: str) -> None:
    """The one person, team, place or thing that the question before names, or the person whom its answer does."""
    assert standalone(question, history).text == sentence


@pytest.mark.parametrize(
    ("history", "question", "sentence"),
    [
        ((COUNCIL,), "What about Tessel?", "Who leads the city council of Tessel?"),
        ((COUNCIL,), "And in Tessel?", "Who leads the city council of Tessel?"),
        ((OAR,), "And the Bronze Oar?", "Who won the Bronze Oar?"),
        ((OAR,), "And in 2015?", "Who won the Silver Oar in 2015?"),
        ((Turn("What happened in Tessel on Monday?", "A fair."),), "And on Tuesday?", "What happened in Tessel on Tuesday?"),
        ((Turn("What is Varnholm's debt?", "Nothing."),), "And Tessel?", "What is Tessel's debt?"),
        ((VIADUCT,), "Why?", "Why was the Grey Viaduct opened?"),
        ((STORM,), "When?", "When did Helga Storm retire?"),
        ((Turn("Did the miners strike in May?", "Yes."),), "Why?", "Why did the miners strike in May?"),
        ((COUNCIL, Turn("What about Tessel?", "Pia Rohde."),), "How old is she?", "How old is Pia Rohde?"),
    ],
)  # fmt: skip
def test_what_is_asked_again_is_the_question_before_with_one_thing_changed(
    history: tuple[Turn, ...], question: str, sentence: str
) -> None:
    """Another name, another day, or another question word."""
    assert standalone(question, history).text == sentence


@pytest.mark.parametrize(
    ("history", "question", "sentence"),
    [
        (
            (OAR,),
            "By how many lengths did they win?",
            "Who won the Silver Oar, and by how many lengths did they win?",
        ),
        ((OAR,), "When?", "Who won the Silver Oar, and when?"),
        ((RAID,), "Why did Brenland take part?", "Who planned the raid on Korvat, and why did Brenland take part?"),
        (
            (Turn("How many people fled from the flood?", "400."),),
            "What about the children?",
            "How many people fled from the flood, and what about the children?",
        ),
        (
            (Turn("Who sacked Edmund Prior?", "Ida Brandt."),),
            "Why did she do so?",
            "Who sacked Edmund Prior, and why did she do so?",
        ),
        (
            (Turn("How many ships did Brenland lose off Korvat?", "Nine."),),
            "What about Norland?",
            "How many ships did Brenland lose off Korvat, and what about Norland?",
        ),
        ((Turn("Who led the inquiry?", LONG),), "How old is she?", "Who led the inquiry, and how old is she?"),
        ((Turn("Where is Korvat?", "In Brenland."),), "Why?", "Where is Korvat, and why?"),
    ],
)
def test_what_may_mean_two_things_is_asked_with_the_question_before(
    history: tuple[Turn, ...], question: str, sentence: str
) -> None:
    """Nothing is put in another's place on a guess."""
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
