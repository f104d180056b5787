"""What was given, repeated to people."""

from __future__ import annotations

import pytest

from newsdesk.wording.quoted import quoted


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Reuter's", "“Reuter's”"),
        ('the "Post"', '“the "Post"”'),
        ("C:\\in", "“C:\\in”"),
        ("Zeitung für Köln", "“Zeitung für Köln”"),
        ("one\ntwo\x1b[31m", "“one\\ntwo\\x1b[31m”"),
        ("\ud800", "“\\ud800”"),
        ("", "“”"),
        (12.5, "12.5"),
        (True, "true"),
        (None, "null"),
        (["x", 5], "[“x”, 5]"),
        ([["x"]], "a list"),
        (["x"] * 50, "a list"),
        ({"a": 1}, "an object"),
    ],
)
def test_what_was_given_is_repeated_plainly(given: object, shown: str) -> None:
    """As people write, not as Python does; nothing in it can steer a terminal or fail to be sent."""
    assert quoted(given) == shown


def test_a_long_text_is_cut() -> None:
    """A message stays a message."""
    assert quoted("ab" * 500, 3) == "“aba…”"
