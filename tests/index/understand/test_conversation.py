"""Questions that lean on the conversation before them."""

from __future__ import annotations

import json

import pytest

from index.text.terms import query_terms
from index.understand.conversation import ANSWER_WEIGHT, CONTEXT_WEIGHT, standalone
from newsdesk.types import Turn
from tests.support import ROOT

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
    assert STRIKE.question in found.searched
    assert found.text == "Who conducted the joint strike on al-Bab, and how many jets did they use?"


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


@pytest.mark.parametrize(
    "question",
    [
        "What about Turkey?", "And in Ankara?", "Ankara?", "Which countries took part?", "How many were hurt?", "of what",
        "Who said that?", "And what did Rudskoi say of the losses?", "Were there casualties?", "which bridge was it",
        "How many were recalled this week?",
    ],
)  # fmt: skip
def test_a_question_that_says_little_by_itself_leans(question: str) -> None:
    """No name and hardly a word of its own, a word that goes on, or a subject alone."""
    assert standalone(question, (STRIKE,)).weights["strike"] == CONTEXT_WEIGHT


@pytest.mark.parametrize(
    "question",
    [
        "Why did Turkey take part in the Northern Games?", "Which offer did Russia refuse?", "Which team did Lind join?",
        "In what year did the war in Kosovo end?", "What did Edmund Prior say?", "Height of the Grey Peak?",
        "Which carmaker recalled 2.9 million vehicles this week?", "Where do storks go when they leave their nests in autumn?",
    ],
)  # fmt: skip
def test_a_question_that_says_what_it_is_about_does_not_lean(question: str) -> None:
    """It has a name, or enough words, whatever pronoun they hold."""
    assert "strike" not in standalone(question, (STRIKE,)).weights


def test_the_questions_of_the_sample_are_taken_as_they_are_meant() -> None:
    """Of its follow-ups 12 of 14 lean, of its other questions 5 of 106, which say little that could not go on."""
    lines = (ROOT / "eval" / "sample" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line) for line in lines]
    leaning = [each for each in asked if standalone(each["question"], (STRIKE,)).text != each["question"]]
    assert sum(bool(each.get("history")) for each in leaning) >= 12
    assert sum(not each.get("history") for each in leaning) <= 5


def test_names_of_every_answer_leant_on_are_searched() -> None:
    """What the first answer named is still known when the third question is asked; a short answer counts as a question does."""
    second = Turn("How many jets did they use?", "Seventeen, Tarasov said.")
    weights = standalone("Were they hit?", (STRIKE, second)).weights
    assert weights["rudskoi"] == ANSWER_WEIGHT
    assert weights["tarasov"] == CONTEXT_WEIGHT


def test_a_follow_up_is_read_for_what_it_asks_itself() -> None:
    """Beside the question before it, a reader would answer that one; what has no verb is read with what that is about."""
    asked = standalone("Where is it?", [Turn("Who struck al-Bab?", "Russia.")])
    assert asked.to_read == "Where is it?"
    again = standalone("What about Turkey?", [Turn("Who struck al-Bab?", "Russia.")])
    assert again.to_read == "What about Turkey? (struck al-Bab)"


def test_a_bare_question_word_is_read_with_what_it_is_about() -> None:
    """ "When?" says nothing of its own; the question before it must not be asked again."""
    asked = standalone("When?", [Turn("Who won the Golden Gull?", "Salt Road.")])
    assert asked.to_read == "When was it that Salt Road won the Golden Gull?"
    long = Turn("Who won the Golden Gull?", "Nobody could say on Friday evening who of the four finalists had won it.")
    assert standalone("When?", [long]).to_read == "When? (won the Golden Gull)"


@pytest.mark.parametrize("turns", [3, 4, 6, 9])
def test_a_long_chain_keeps_its_subject(turns: int) -> None:
    """However many follow-ups came in between, what the conversation began with is in the sentence and in the search."""
    follow_ups = ("Why?", "Where?", "When did he say so?", "And how?")
    asked = ["Who founded the Marrow Lane Theatre?", *(follow_ups[turn % 4] for turn in range(turns))]
    alone = standalone("What did it cost?", [Turn(question, "") for question in asked])
    assert "Marrow Lane Theatre" in alone.text
    assert "Marrow Lane Theatre" in alone.searched
    assert set(query_terms("Marrow Lane Theatre")) <= set(alone.weights)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("And Mozart, how old was he when he wrote his first opera?", "whom it is about stands before"),
        ("What do puffins do when they lose a feather?", "all of a kind"),
        ("How long does it take a crab to cross a beach?", "nothing is pointed at"),
        ("Who owns the Orrin mill and what did she do when it burned?", "who was asked for is meant"),
    ],
)
def test_a_pronoun_that_has_its_noun_beside_it_does_not_lean(question: str, why: str) -> None:
    """It only looks like a follow-up."""
    assert standalone(question, (STRIKE,)).text == question, why


@pytest.mark.parametrize(
    "question", ["Why did he choose Ankara?", "what was she before she flew", "Who else from his unit was there?"]
)
def test_a_subject_that_is_only_pointed_at_leans(question: str) -> None:
    """Whatever names and words come behind it."""
    assert standalone(question, (STRIKE,)).weights["strike"] == CONTEXT_WEIGHT


def test_the_committed_conversations_are_told_apart() -> None:
    """Of 124 follow-ups at least 120 are completed; of 60 that only look so, none; of 62 first questions, 3 at most."""
    folder = ROOT / "eval" / "conversations"
    asked = [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    alone = (folder / "alone.txt").read_text(encoding="utf-8").splitlines()
    leaning = [each for each in asked if standalone(each["question"], (STRIKE,)).text != each["question"]]
    assert sum("history" in each for each in leaning) >= 120
    assert sum("history" not in each for each in leaning) <= 3
    assert len(alone) == 60
    assert [question for question in alone if standalone(question, (STRIKE,)).text != question] == []


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("Who founded the museum and when did she sell it?", True),
        ("When was the dam finished, and how much did it cost?", True),
        ("When did she sell it and what did she say?", False),
        ("And when did she sell it?", False),
    ],
)
def test_a_pronoun_that_means_what_the_question_names_needs_nobody_before_it(question: str, alone: bool) -> None:
    """Whoever the second half of a question points at may stand in its first; a first half that points needs the talk before."""
    history = (Turn("Who owns the Blue Heron gallery?", "Tilda Moss"),)
    assert (standalone(question, history).text == question) is alone
