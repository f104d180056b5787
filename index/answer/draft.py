"""A draft: what would be answered, before its citations are checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from newsdesk.types import Evidence, Note, Span

MAX_SENTENCES = 3

MAX_WORDS = 60
"""All sentences together; a single longer one is still shown whole."""

_STARTS_WITH_PRONOUN = re.compile(r"[“\"'‘]*(he|she|they|it|his|her|their|its|this|that|these|those|both)\b", re.I)


def starts_with_pronoun(sentence: str) -> bool:
    """Whether the sentence needs the one before it to be understood."""
    return bool(_STARTS_WITH_PRONOUN.match(sentence))


@dataclass(frozen=True, slots=True)
class Draft:
    """Sentences chosen as the answer, in the order to be shown, and the probability that they are right."""

    sentences: tuple[tuple[Evidence, Span], ...]
    confidence: float
    text: str = ""
    signals: Sequence[float] = ()
    """What the probability was computed from: Signals or ReadSignals, or nothing when there is no sentence."""
    short_answer: str | None = None
    """The words that answer, where a reader found them."""
    notes: tuple[Note, ...] = ()
    """What should be known of it."""
