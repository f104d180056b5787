"""Of a question for who said some words, the passages that hold them."""

from __future__ import annotations

from collections.abc import Sequence

from index.passage import FoundPassage
from index.text.quoting import held


def that_hold(words: str, passages: Sequence[FoundPassage]) -> list[FoundPassage]:
    """The passages that hold the words: to the letter first, then nearly; else in their order. The others are left out."""
    found = [(place, passage) for passage in passages if (place := held(words, passage.evidence.text))]
    return [passage for _, passage in sorted(found, key=lambda each: -each[0].share)]
