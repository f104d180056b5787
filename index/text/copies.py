"""Whether two texts tell one story in the same words."""

from __future__ import annotations

SAME_STORY = 0.7
"""Two passages that share more than this part of the shorter one's terms are copies of one story."""

FEWEST_TERMS = 8
"""Passages of fewer terms share them by chance."""


def are_copies(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two passages, by their terms, tell one story in the same words."""
    return len(one & other) > SAME_STORY * max(FEWEST_TERMS, min(len(one), len(other)))
