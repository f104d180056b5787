"""Makes a question of a conversation stand on its own, without an LLM.

"How many jets did they use?" after "Who conducted the joint strike on al-Bab?" has to be searched with
the words of both. A question that says little by itself gets the earlier question's words, with less
weight than its own. What is shown of it is a sentence (index.understand.wording).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.terms import is_stop_word, query_terms, terms
from index.understand.rewriting import rewritten, short_answer
from index.understand.wording import joined, leads_on, names_subject_alone
from newsdesk.types import Turn
from newsdesk.wording.sentences import CAPITALS

CONTEXT_WEIGHT = 0.5
"""Weight of a term that comes from an earlier question, against 1 for the question's own."""
ANSWER_WEIGHT = 0.25
"""Weight of a name that comes from an earlier answer."""
_TURNS = 3  # of a chain of follow-ups: the question that it began with, and the last ones
_NAMES = 6  # at most, from the earlier answers

_FEW_TERMS = 3
"""With no more of its own and no name, a question needs the one before it. A wrong guess costs little (docs/why.md)."""
_SOME_TERMS = 6
"""So does one with as many, names too, that begins as what goes on ("And ...", "What about ..."), or whose subject is
somebody or something that it does not name ("Why did he choose Tolsk?")."""
_FEW_WORDS = 2  # "Why?", "Who else?", "How many?"

_LIGHT = frozenset(
    terms("not most more least only one ones other another else last next first new old also just really")
)
"""Words that are searched for, but say nothing of what a question is about."""

_QUESTION_WORD = re.compile(r"^\W*(?:who|what|when|where|why|how many|how much|how|which \w+)\b", re.I)
_NAMES_FIRST = re.compile(rf"^\W*(?i:and|but|so|or|ok)\b\W*(?:the )?[{CAPITALS}][^,?]*, ")
"""What it is about stands before what it asks: "And Mozart, how old was he?"."""
_AUX = r"(?:did|does|do|is|are|was|were|has|have|had|will|would|can|could|should|didn[’']t)"
_UNNAMED = re.compile(
    rf"^\W*(?:(?!{_AUX}\b)[\w’'-]+ )?(?:(?!{_AUX} |and )[a-z’'-]+ ){{0,5}}?(?i:{_AUX} (?:he|she|they|it)\b)"
    r"(?! (?:true|possible|takes?|rain|snow)\b)|"
    r"^\W*(?i:who|whom|whose|which one) (?:else |[a-z]+ ){0,3}(?:him|her|his|them|their|its?)\b|\belse\b"
)
"""Its subject, or whom it is about, is only pointed at, and nothing before the pronoun can be meant."""
_OF_A_KIND = re.compile(
    r"\b(?:do|are|did) (?!they|these|those|we|you)(?P<kind>[a-z]{3,}s) [a-z]|\bit take an? \b", re.I
)
"""About all of a kind, which needs nobody before it: "What do penguins do when they lose their egg?"."""
_PRONOUN = r"\b(?:he|she|they|it|him|her|them|his|their|its)\b"
_MEANS_ITSELF = re.compile(rf"^(?:(?!{_PRONOUN}).)+ and (?:who|whom|what|when|where|why|how|which)\b.*{_PRONOUN}", re.I)
"""Whoever its second half points at is in its first: "Who founded the firm and when did she sell it?"."""
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
    earlier question it would answer that one. "Why?" and "Syria?" alone say too little, and are read with what the earlier
    question was about, without that one's question word."""


def standalone(question: str, history: Sequence[Turn]) -> Standalone:
    """The question as asked, or with what it leans on from the conversation before it."""
    if not leans(question, history):
        return Standalone(question, question, dict.fromkeys(query_terms(question), 1.0), question)
    turns = _leant_on(history)
    earlier = " ".join(turn.question.strip() for turn in turns)
    sentence = rewritten(question, turns)
    text = sentence or joined([*(turn.question for turn in turns), question])
    weights = _weights(question, turns)
    to_read = sentence or _to_read(question.strip(), earlier)
    return Standalone(text, _searched(sentence or question.strip(), turns), weights, to_read)


def written_out(question: str, history: Sequence[Turn]) -> Standalone:
    """The same of a follow-up that was written out: it is read as it is, and what it leant on is searched with it."""
    turns = _leant_on(history)
    return Standalone(question, _searched(question, turns), _weights(question, turns), question)


def _weights(question: str, turns: Sequence[Turn]) -> dict[str, float]:
    """What each term counts: the question's own, those of the earlier questions, those of names in the answers."""
    weights = dict.fromkeys(query_terms(question), 1.0)
    for turn in reversed(turns):
        for term in query_terms(turn.question):
            weights.setdefault(term, CONTEXT_WEIGHT)
    for term in query_terms(_named(turns)):
        weights[term] = max(weights.get(term, 0.0), CONTEXT_WEIGHT)
    answers = " ".join(turn.answer for turn in reversed(turns))
    names = " ".join(list(dict.fromkeys(_NAME.findall(answers)))[:_NAMES])
    for term in query_terms(names):
        weights.setdefault(term, ANSWER_WEIGHT)
    return weights


def _searched(sentence: str, turns: Sequence[Turn]) -> str:
    earlier = " ".join(turn.question.strip() for turn in turns)
    return " ".join(filter(None, (sentence, _named(turns), earlier)))


def _named(turns: Sequence[Turn]) -> str:
    """What the last answer names, if it only does that."""
    return short_answer(turns[-1]) if turns else ""


def leans(question: str, history: Sequence[Turn]) -> bool:
    """Whether the question needs the conversation before it."""
    return any(turn.question.strip() for turn in history) and _leans(question)


def only_points(question: str) -> bool:
    """Whether its subject, or whom it is about, is somebody or something that it does not name; "else" may be explained in it."""
    return bool(_UNNAMED.search(re.sub(r"\belse\b", "", question))) and not _MEANS_ITSELF.match(question)


def may_be_new(question: str) -> bool:
    """Whether a question that says little may all the same begin something new: it points at nobody and goes on with nothing."""
    return len(query_terms(question)) > 1 and not leads_on(question) and not re.search(_PRONOUN, question, re.I)


def _leant_on(history: Sequence[Turn]) -> list[Turn]:
    """The turn whose question needs none before it, which says what all is about, and the last ones since; the oldest first."""
    turns: list[Turn] = []
    for turn in reversed([turn for turn in history if turn.question.strip()]):
        turns.insert(0, turn)
        if not _leans(turn.question):
            break
    return [*turns[:1], *turns[1:][-(_TURNS - 1) :]]


def _to_read(question: str, earlier: str) -> str:
    if len(question.split()) > _FEW_WORDS and not names_subject_alone(question):
        return question
    return f"{question} ({_QUESTION_WORD.sub('', earlier).strip(' ?')})"


def _leans(question: str) -> bool:
    """Whether the question says so little that it can hardly be understood alone."""
    own = sum(not is_stop_word(term) and term not in _LIGHT for term in set(terms(question)))
    if _NAMES_FIRST.match(question) or _OF_A_KIND.search(question) or _MEANS_ITSELF.match(question):
        return False
    if leads_on(question) or _UNNAMED.search(question):
        return own <= _SOME_TERMS
    named = _NAME.search(question.strip()[1:])  # the first letter is a capital anyway
    return not named and own <= _FEW_TERMS
