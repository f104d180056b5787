"""Makes a question of a conversation stand on its own, without an LLM.

"How many jets did they use?" after "Who conducted the joint strike on al-Bab?" has to be searched with
the words of both. A question that leans on the conversation (a pronoun without a name, a bare "and ...",
hardly a word of its own, a verb whose object was said before) gets the earlier question's words, with less
weight than its own. What is shown of it is a sentence (index.understand.wording).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.terms import query_terms
from index.understand.wording import asked_anew, in_full
from newsdesk.types import Turn
from newsdesk.wording.sentences import CAPITALS

CONTEXT_WEIGHT = 0.5
"""Weight of a term that comes from an earlier question, against 1 for the question's own."""
ANSWER_WEIGHT = 0.25
"""Weight of a name that comes from the last answer."""
_TURNS = 3  # of a chain of follow-ups: the question that it began with, and the last ones
_NAMES = 6  # at most, from the last answer

_FEW_TERMS = 2
"""A question with more of its own is found better alone: with the earlier one, the reader answers that one too."""

_LEANS = re.compile(
    r"\b(it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|then|one|ones|both|else)\b",
    re.IGNORECASE,
)
_REFERS_TO_NOTHING = re.compile(
    r"\bthis (morning|afternoon|evening|night|week|weekend|month|quarter|spring|summer|autumn|fall|winter|season|year|decade|century)\b"
    r"|\bone of\b"
    r"|\b(sa(y|ys|id)|announce[ds]?|report(ed|s)?|claim(ed|s)?|found|believe[ds]?|think|thinks|thought|warn(ed|s)?) that (?=\w)",
    re.I,
)
"""Words that look as if they pointed back: "this week", "one of the hills", "said that the hills had moved"."""
_CONTINUES = re.compile(
    r"^\s*(and|but|so|or|also|what about|how about|why|where|when|who|how many|how much)\W*\b", re.I
)
_VERBLESS = re.compile(
    r"^\s*(what about|how about|(and|but|or)\b(?!.*\b(who|whom|whose|what|when|where|why|which|how|is|are|was|were|did|does"
    r"|do|has|have|had|will|would|can|could|should)\b))",
    re.I,
)
"""Names a subject alone, of which the same is asked as before: "What about Turkey?", "And in Hallowby?"."""
_OPEN = re.compile(
    r"^\s*((and|but|so) )?"
    # "Which offer did Russia refuse?" says what was refused.
    r"(why|when|where|how(?! many| much)|did|does|do|will|would|has|have|had|is|are|was|were|can|could|should"
    r"|(who|which|what|how many)(?!.*\b(did|does|do|has|have|had|will|would|can|could|should)\b))\b.*"
    r"\b(t(ake|ook|aken|aking) part|participat(e|ed|ing)|join(ed|ing)?( in)?|(dis)?agree(d|ing)?|refus(e|ed|ing)"
    r"|(respond|react|(?<!an )(?<!the )object)(ed|ing)?|repl(y|ied|ying)|compl(y|ied|ying)|interven(e|ed|ing)|(do|doing|done|say|said|think) so)"
    r"( (to|with|in|against) (it|that|this|them))?\W*$",
    re.I,
)
"""Ends with a verb of which something is missing: "Why did Turkey take part?" does not say in what."""
_FEW_WORDS = 2  # "Why?", "Who else?", "How many?"
_QUESTION_WORD = re.compile(r"^\W*(?:who|what|when|where|why|how many|how much|how|which \w+)\b", re.I)
_NAME = re.compile(rf"\b[{CAPITALS}][\w’'-]+\b")


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question that needs no conversation, and the weight of each of its search terms."""

    text: str
    """A sentence, as it is shown: the question as asked where it stands alone."""
    searched: str
    """The words that are searched: the question, and the earlier ones it leans on behind it."""
    weights: dict[str, float]
    to_read: str
    """What the reader is asked of a passage: the question as it was put, where it says what it wants to know. Beside an
    earlier question it would answer that one: of the sample's 14 follow-ups 12 are then right, else 11. "Why?" alone says too
    little, and is read with what the earlier question was about, without that one's question word."""


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """The question as asked, or with what it leans on from the conversation before it."""
    weights = dict.fromkeys(query_terms(question), 1.0)
    if not history or not _leans(question):
        return Standalone(question, question, weights, question)
    leant_on = _leant_on(history)
    for turn in reversed(leant_on):
        for term in query_terms(turn.question):
            weights.setdefault(term, CONTEXT_WEIGHT)
    names = list(dict.fromkeys(_NAME.findall(history[-1].answer)))[:_NAMES]
    for term in query_terms(" ".join(names)) if names else []:
        weights.setdefault(term, ANSWER_WEIGHT)
    earlier = " ".join(turn.question.strip() for turn in leant_on)
    text = in_full(question, leant_on)
    return Standalone(text, f"{question.strip()} {earlier}", weights, _to_read(question.strip(), text, earlier))


def _leant_on(history: Sequence[Turn]) -> list[Turn]:
    """The turn whose question needs none before it, which says what all is about, and the last ones since; the oldest first."""
    turns: list[Turn] = []
    for turn in reversed(history):
        turns.insert(0, turn)
        if not _leans(turn.question):
            break
    return [turns[0], *turns[1:][-(_TURNS - 1) :]]


def _to_read(question: str, text: str, earlier: str) -> str:
    if _VERBLESS.search(question):
        return text
    if len(question.split()) <= _FEW_WORDS:
        return asked_anew(question, earlier) or f"{question} ({_QUESTION_WORD.sub('', earlier).strip(' ?')})"
    return question


def _leans(question: str) -> bool:
    """Whether the question can hardly be understood alone."""
    names = _NAME.findall(question.strip()[1:])  # the first letter is a capital anyway
    if _VERBLESS.search(question) or (not names and _LEANS.search(_REFERS_TO_NOTHING.sub(" ", question))):
        return True
    if len(query_terms(question)) > _FEW_TERMS:
        return False
    return bool(_OPEN.search(question) or (not names and _CONTINUES.match(question)))
