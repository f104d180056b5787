"""Which questions ask two things, and what a pronoun in the second stands for."""

from __future__ import annotations

import pytest

from index.understand.parts import filled, parts_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Who carved the altar, and where did he learn it?", ["Who carved the altar?", "Where did he learn it?"]),
        ("When did the dam break and how many people fled?", ["When did the dam break?", "How many people fled?"]),
        ("Who leads the choir? And since when does it exist?", ["Who leads the choir?", "Since when does it exist?"]),
        ("What does the pass cost, and which lines does it cover?", ["What does the pass cost?", "Which lines does it cover?"]),
    ],
)  # fmt: skip
def test_what_could_be_asked_by_itself_is_a_part(question: str, parts: list[str]) -> None:
    """In one sentence or in two."""
    assert parts_of(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "Who won the regatta, and by how many lengths?",
        "Who said where he was and who paid him?",
        "Where and when was the treaty signed?",
        "How old is Ann Lode, who swam the lake and who wrote a book?",
        "The tower fell on Monday. Who built it and when did it open?",
        "What did the court say about who lied and who was deceived?",
        "Which towns lie between the lake and where the road ends?",
        "Who are Lode and Finch?",
    ],
)
def test_what_leans_on_another_clause_is_none(question: str) -> None:
    """What is asked is one thing, or cannot be asked without the rest."""
    assert parts_of(question) == [question]


@pytest.mark.parametrize(
    ("part", "first", "answer", "full"),
    [
        ("What did it cost?", "Who painted the ceiling of Marn?", "Ivo Sand", "What did the ceiling of Marn cost?"),
        ("Who is its captain?", "When did the ferry Lull sink?", "on Monday", "Who is the ferry Lull’s captain?"),
        ("Where does she live?", "Who won the Rye Prize?", "Oda Finn", "Where does Oda Finn live?"),
        ("What is her trade?", "Who won the Rye Prize?", "Oda Finn", "What is Oda Finn’s trade?"),
        ("When did he die?", "Where was Jan Mohr born?", "Lisk", "When did Jan Mohr die?"),
        ("What was the reason?", "Who closed the mine?", "Blad", "What was the reason?"),
        ("Who paid for it?", "Why?", None, "Who paid for it?"),
    ],
)
def test_a_pronoun_is_filled_from_the_first_part(part: str, first: str, answer: str | None, full: str) -> None:
    """With what that is about, or who answers it; left alone where neither is plain."""
    assert filled(part, first, answer) == full
