"""How much of what a question asks about a text holds: rare words count more than common ones."""

from __future__ import annotations

from collections.abc import Mapping

from index.find.keyword import KeywordIndex
from index.text.names import names_of
from index.text.terms import terms
from index.understand.conversation import Standalone

NAME_WEIGHT = 1.5
"""A name or number of the question counts this much more than another word of the same rarity."""
LEAST_RARITY = 1.0
"""Added to each term's rarity: in an archive of a few passages rarity is chance."""


def term_worth(keyword: KeywordIndex, question: Standalone) -> dict[str, float]:
    """What each term of the question counts: its weight times its rarity in the archive."""
    rarity = keyword.inverse_document_frequency(list(question.weights))
    names = frozenset(terms(" ".join(names_of(question.searched))))
    return {
        term: weight * (LEAST_RARITY + rarity[term]) * (NAME_WEIGHT if term in names else 1.0)
        for term, weight in question.weights.items()
    }


def coverage(worth: Mapping[str, float], found: frozenset[str]) -> float:
    """The part of the question's worth that these terms hold, 0..1."""
    return sum(value for term, value in worth.items() if term in found) / (sum(worth.values()) or 1.0)
