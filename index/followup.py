"""Makes a question of a conversation stand on its own, without an LLM.

"How many jets did they use?" after "Who conducted the joint strike on al-Bab?" has to be searched with
the words of both. A question that leans on the conversation (a pronoun without a name, a bare "and ...",
hardly a word of its own) gets the earlier question's words, with less weight than its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.terms import query_terms
from newsdesk.types import Turn

CONTEXT_WEIGHT = 0.5
"""Weight of a term that comes from an earlier question, against 1 for the question's own."""
ANSWER_WEIGHT = 0.25
"""Weight of a name that comes from the last answer."""
_TURNS = 3  # how far back a chain of follow-ups is walked
_NAMES = 6  # at most, from the last answer

_LEANS = re.compile(
    r"\b(it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|then|one|ones|both|else)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^\s*(and|but|so|or|also|what about|how about|why|where|when|who|how many|how much)\W*\b", re.I
)
_NAME = re.compile(r"\b[A-ZÀ-Þ][\w’'-]+\b")


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that needs no conversation, and the weight of each of its search terms."""

    text: str
    weights: dict[str, float]


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """The question as asked, or with what it leans on from the conversation before it."""
    weights = dict.fromkeys(query_terms(question), 1.0)
    if not history or not _leans(question):
        return Standalone(question, weights)
    context = []
    for turn in list(reversed(history))[:_TURNS]:
        context.append(turn.question.strip())
        if not _leans(turn.question):
            break
    for earlier in context:
        for term in query_terms(earlier):
            weights.setdefault(term, CONTEXT_WEIGHT)
    names = list(dict.fromkeys(_NAME.findall(history[-1].answer)))[:_NAMES]
    for term in query_terms(" ".join(names)) if names else []:
        weights.setdefault(term, ANSWER_WEIGHT)
    return Standalone(f"{question.strip()} (asked after: {' '.join(reversed(context))})", weights)


def _leans(question: str) -> bool:
    """Whether the question can hardly be understood alone."""
    names = _NAME.findall(question.strip()[1:])  # the first letter is a capital anyway
    if _LEANS.search(question) and not names:
        return True
    own = query_terms(question)
    return len(own) <= 2 and not names and bool(_CONTINUES.match(question))
