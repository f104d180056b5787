"""Whether two passages of one story hold the same words."""

from __future__ import annotations

SAME_WORDS = 0.7
"""Two passages of one story that share more than this part of the shorter one's terms are copies of each other."""

FEWEST_TERMS = 8
"""Passages of fewer terms share them by chance."""


def share_most_words(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one passage, by its terms, says nearly nothing that the other does not say in the same words."""
    return len(one & other) > SAME_WORDS * max(FEWEST_TERMS, min(len(one), len(other)))
