"""A draft: what would be answered, before its citations are checked; and the interface of whatever drafts one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from index.passage import FoundPassage
from index.understand.question import UnderstoodQuestion
from newsdesk.types import Evidence, Note, Span, When

MAX_SENTENCES = 3
MAX_WORDS = 60
"""All sentences together; a single longer one is still shown whole."""
_STARTS_WITH_PRONOUN = re.compile(r"[“\"'‘]*(he|she|they|it|his|her|their|its|this|that|these|those|both)\b", re.I)


def starts_with_pronoun(sentence: str) -> bool:
    """Whether the sentence needs the one before it to be understood."""
    return bool(_STARTS_WITH_PRONOUN.match(sentence))


Part = Literal[
    "other spellings", "copies last", "few per article", "newer reports first",
    "newest of contradicting reports",
]  # fmt: skip
"""Parts of finding and answering that can be left out, to measure what each is worth (tests/ablation.py)."""


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
    short_at: tuple[Evidence, Span] | None = None
    """Where the short answer stands."""
    when: When | None = None
    """The days that the short answer means, where it stands nowhere: the date of an article."""
    notes: tuple[Note, ...] = ()
    """What should be known of it."""


class Answerer(Protocol):
    """Makes a draft of the passages that were found: a list, sentences chosen by words, or by a reader."""

    def draft(self, asked: UnderstoodQuestion, passages: Sequence[FoundPassage]) -> Draft:
        """The draft for a question; one without sentences when nothing answers it."""
        ...
