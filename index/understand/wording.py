"""Joins a follow-up to the questions it leans on: "Who won the Golden Gull, and by how many votes?".

So a person would ask both at once, and nothing is put in another's place on a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.terms import is_stop_word, terms

_LEADS_ON = re.compile(r"^\W*(?:(?:and|but|so|or|also|ok)\b\W*)+", re.I)
_ABOUT = re.compile(r"^(?:what|how) about\s+", re.I)
_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|when|where|why|which|how|is|are|was|were|did|does|do|has|have|had|will|would|can|could|should)\b",
    re.I,
)


def joined(questions: Sequence[str]) -> str:
    """The questions as one sentence, in their order; empty when none of them says anything."""
    clauses = [clause for clause in map(_clause, questions) if clause]
    if not clauses:
        return ""
    first, *others = clauses
    parts = [first, *map(_as_it_goes_on, others)]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"
    return f"{text[:1].upper()}{text[1:]}?"


def leads_on(question: str) -> bool:
    """Whether it begins as only what goes on does: "And ...", "What about ..."."""
    return bool(_LEADS_ON.match(question) or _ABOUT.match(question.strip()))


def names_subject_alone(question: str) -> bool:
    """Whether it has no word that asks, so that the same is asked of it as before: "What about Turkey?", "Syria?"."""
    return not _ASKS.search(_subject(question))


def _clause(question: str) -> str:
    subject = _subject(question)
    if not subject or _ASKS.search(subject):
        return _bare(question)
    return f"what about {subject}"


def _subject(question: str) -> str:
    return _ABOUT.sub("", _bare(question))


def _bare(question: str) -> str:
    """Without the "And" before it and the mark behind it."""
    return _LEADS_ON.sub("", question.strip()).rstrip(" ?!.")


def _as_it_goes_on(clause: str) -> str:
    """As it is written after other words: with a small letter, unless it begins with a name."""
    first = re.match(r"\w+", clause)
    is_plain = first and first.group()[1:].islower() and all(map(is_stop_word, terms(first.group())))
    return clause[:1].lower() + clause[1:] if is_plain else clause
