"""Questions for how things stand: what is, will be or is still being counted, and who no longer is what is asked for."""

from __future__ import annotations

import re
from collections.abc import Set

from index.terms import terms

AS_OF_NOW = r"latest|newest|current(?:ly)?|now|most recent(?:ly)?|so far|still|today"
"""Words that ask for how things stand, as alternatives of a pattern."""

_ASKS_FOR_STATE = re.compile(
    rf"\b(?:{AS_OF_NOW})\b|"
    r"^\W*(?:and )?(?:who|whom|whose|which|what|when|how (?:many|much|long|big|high|large))\b(?: [\w’'-]+){0,4}? (?:is|are|has|have|will|does)\b|"
    r"\b(?:death |casualty )?toll\b|"
    r"\bhow many\b.*\b(?:killed|dead|die[sd]?|injured|wounded|hurt|missing|arrested|detained|infected|displaced|evacuated|sick)\b",
    re.IGNORECASE,
)
_ASKS_WHO_IS = re.compile(rf"\bwho(?:'s|’s| is| are)\b|\b(?:{AS_OF_NOW})\b", re.IGNORECASE)

_GONE = r"resign(?:s|ed|ing)?|(?:steps?|stepped|stepping|stands?|stood|standing) down|quits?|quitting|retire[sd]?|retiring|died|dies"
_DISMISSED = r"sacked|fired|dismissed|ousted|removed|replaced|succeeded|voted out|forced out"
_IS_GONE = re.compile(
    r"^(?:[’']s (?:resignation|dismissal|departure|predecessor)\b|"
    rf"[,)]?(?: (?!who\b|as\b|and\b|but\b)[a-z\d-]+){{0,3}} (?:{_GONE}|(?:is|was|were|been|being) (?:{_DISMISSED})|"
    r"left (?:the |his |her |their )?(?:post|office|job|role))\b)"
)
_WAS_BEFORE = re.compile(
    r"\b(?:predecessor|succeed(?:s|ed|ing)?|replac(?:es|ed|ing)|(?:takes?|took|taking) over from|"
    r"(?:resignation|dismissal|departure|ousting|sacking) of)\b,?(?: (?:the|its|their|his|her|mr|mrs|ms|dr))?(?: [a-z-]+){0,3},? $",
    re.IGNORECASE,
)
_FORMER = re.compile(
    r"\b(?:former|ex|outgoing|ousted|sacked|late|previous)[ -](?P<what>(?:[\w’'-]+,? ){1,8})$", re.IGNORECASE
)
_ASKS_FOR_GONE = re.compile(rf"\b(?:{_GONE}|{_DISMISSED}|former|outgoing|late|was|were)\b", re.IGNORECASE)


def asks_for_state(question: str) -> bool:
    """Whether a newer report replaces an older one: what is, will be, or is still being counted.

    "Who is the mayor?" and "How many died?" do; "Who won in 1998?" does not.
    """
    return bool(_ASKS_FOR_STATE.search(question))


def asks_who_is(question: str) -> bool:
    """Whether somebody who no longer is would be a wrong answer: "Who is the harbour master?"."""
    return bool(_ASKS_WHO_IS.search(question)) and not _ASKS_FOR_GONE.search(question)


def has_gone(sentence: str, start: int, end: int, asked: Set[str]) -> bool:
    """Whether the sentence says of the person at [start:end] that they no longer are what is asked for.

    "X resigned", "the former harbour master, X", "succeeds X". `asked` is the question's terms: a former minister may well be the
    new mayor.
    """
    before, after = sentence[:start], sentence[end:]
    if _IS_GONE.search(after) or _WAS_BEFORE.search(before):
        return True
    former = _FORMER.search(before)
    return former is not None and not asked.isdisjoint(terms(former["what"]))
