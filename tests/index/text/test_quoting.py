"""Where a text holds somebody's words."""

from __future__ import annotations

import pytest

from index.text.quoting import held

TEXT = "“We’ll never sell the  meadow,” Ana Brill said, “to anybody who would build on it.” She left."


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("never sell the meadow", "never sell the  meadow"),
        ("WE'LL NEVER SELL", "We’ll never sell"),
        (
            "We'll never sell the meadow to anybody who would build on it",
            "We’ll never sell the  meadow,” Ana Brill said, “to anybody who would build on it",
        ),
        ("to somebody who would build on it", "to anybody who would build on it"),
        ("to somebody who might ever build on it", None),
        ("buy the meadow", None),
        ("", None),
    ],
)
def test_words_are_held_to_the_letter_or_nearly(words: str, found: str | None) -> None:
    """Marks, case and spaces do not count; of long words nearly all, in their order, are enough."""
    place = held(words, TEXT)
    assert (TEXT[place.start : place.end] if place else None) == found
