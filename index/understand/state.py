"""Whether a question asks how things stand: what is, will be, or is still being counted."""

from __future__ import annotations

import re

AS_OF_NOW = r"latest|newest|current(?:ly)?|now|most recent(?:ly)?|so far|still|(?-i:today)"  # not USA Today
"""Words that ask for how things stand, as alternatives of a pattern."""

_WHO_HOLDS = (
    r"\bwho (?:runs|leads|heads|coaches|trains|manages|chairs|owns|governs|commands|directs|edits|represents)\b"
)

_ASKS_FOR_STATE = re.compile(
    rf"\b(?:{AS_OF_NOW})\b|"
    r"^\W*(?:and )?(?:who|whom|whose|which|what|when|how (?:many|much|long|big|high|large))"
    r"(?:[’']s\b|\b(?: [\w’'-]+){0,4}? (?:is|are|has|have|will|does)\b)|"
    rf"{_WHO_HOLDS}|"
    r"\btoll\b(?! (?:bridge|road|booth|gate|plaza|free))|"
    r"\bhow many\b.*\b(?:killed|dead|die[sd]?|injured|wounded|hurt|missing|arrested|detained|infected|displaced|evacuated|sick)\b",
    re.IGNORECASE,
)

_ASKS_WHO_IS = re.compile(
    rf"{_WHO_HOLDS}|"
    r"\bwho(?:[’']s| is| are)\b|\b(?:current(?:ly)?|now|latest|newest)\b",
    re.IGNORECASE,
)

_ASKS_FOR_GONE = re.compile(
    r"\b(?:resign\w*|quit\w*|retir\w+|die[sd]?|dead|dying|killed|victims?|missing|buried|leav\w+|left|(?:step|stood|stand)\w* down|"
    r"sacked|fired|dismissed|ousted|removed|replac\w+|succeed\w*|former|outgoing|late|was|were|did|had)\b",
    re.IGNORECASE,
)

_ASKS_FOR_OUTCOME = re.compile(
    r"^(?!.*\b(?:expect(?:ed|s)?|estimated?|estimates|plan(?:s|ned)?|forecasts?|predict(?:ed|s)?|budget(?:ed)?|supposed|projected)\b)"
    r".*\b(?:did|was|were|had|has|have)\b",
    re.IGNORECASE | re.DOTALL,
)


def asks_for_state(question: str) -> bool:
    """Whether a newer report replaces an older one: what is, will be, or is still being counted.

    "Who is the mayor?" and "How many died?" do; "Who won in 1998?" does not.
    """
    return bool(_ASKS_FOR_STATE.search(question))


def asks_who_is(question: str) -> bool:
    """Whether somebody who no longer is would be a wrong answer: "Who is the harbour master?"."""
    return bool(_ASKS_WHO_IS.search(question)) and not _ASKS_FOR_GONE.search(question)


def asks_for_outcome(question: str) -> bool:
    """Whether what was expected would be a wrong answer: "How much did the repairs cost?"."""
    return bool(_ASKS_FOR_OUTCOME.search(question))
