"""Two persons of one name are told apart, or a note says that there are two."""

from __future__ import annotations

import pytest

from tests.index.answer.kinds.conftest import Asking
from tests.support import article, day

PILOT = article(
    "pilot", "The pilot Ira Sund landed her glider on the lake of Marn on Friday. She is 33.",
    title="Glider on lake", published=day("2019-03-04"),
)  # fmt: skip
BAKER = article(
    "baker", "Ira Sund, a baker from Lisk, has won the bread prize of the county for the third time. She is 67.",
    title="Bread prize", published=day("2019-09-02"),
)  # fmt: skip
LATER = article(
    "later", "Ira Sund, a baker from Lisk, has closed her shop. She is 70.",
    title="Bakery closes", published=day("2022-05-02"),
)  # fmt: skip


def test_both_are_shown_and_a_note_says_so(asking: Asking) -> None:
    """Each with its own quote."""
    answer = asking(PILOT, BAKER)("How old is Ira Sund?")
    assert "33" in answer.text
    assert "67" in answer.text
    [note] = [note.text for note in answer.notes if note.kind == "same_name"]
    assert "two people called Ira Sund" in note
    assert "a pilot" in note
    assert "a baker" in note


@pytest.mark.parametrize(
    ("question", "age"), [("How old is the pilot Ira Sund?", "33"), ("How old is Ira Sund, the baker?", "67")]
)
def test_a_question_that_tells_them_apart_is_about_one(asking: Asking, question: str, age: str) -> None:
    """The other is not shown."""
    answer = asking(PILOT, BAKER)(question)
    assert answer.short_answer == age
    assert len({citation.article_id for citation in answer.citations}) == 1


def test_what_the_other_did_is_no_answer(asking: Asking) -> None:
    """The pilot won no prize for bread."""
    answer = asking(PILOT, BAKER)("Which prize has the pilot Ira Sund won?")
    assert "bread" not in answer.text


def test_one_person_grows_older(asking: Asking) -> None:
    """Two ages that fit the days of their articles are one person's."""
    answer = asking(BAKER, LATER)("How old is Ira Sund?")
    assert not [note for note in answer.notes if note.kind == "same_name"]
