"""Which questions give somebody's words and ask who said them."""

from __future__ import annotations

import pytest

from index.understand.quotation import words_asked_about


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ('Who said "the sea always wins"?', "the sea always wins"),
        ("Who warned that “nobody will be paid”?", "nobody will be paid"),
        ("Which alderman called the tunnel 'a hole full of money'?", "a hole full of money"),
        ('Whose words are "we will be back by spring"?', "we will be back by spring"),
        ('By whom was the plan described as "a slow disaster"?', "a slow disaster"),
        ('"Not one brick will move": who said that?', "Not one brick will move"),
        ('Who is quoted as saying "I was asleep"?', "I was asleep"),
    ],
)
def test_the_words_are_found(question: str, words: str) -> None:
    """In any marks, before or behind what is asked."""
    assert words_asked_about(question) == words


@pytest.mark.parametrize(
    "question",
    [
        'Who wrote "The Long Shore"?',
        'Who told of the making of "The Long Shore"?',
        'Who starred in the film "The Long Shore"?',
        'When did the mayor say "I was asleep"?',
        'Who said the bridge was "unsafe"?',
        "Who said that the bridge's railings were safe?",
        'Which firm paid for the race called "Two Bridges Run"?',
    ],
)
def test_other_questions_with_marks_are_left_alone(question: str) -> None:
    """A title, a single doubtful word, another thing asked for, an apostrophe."""
    assert words_asked_about(question) is None
