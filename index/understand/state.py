"""Whether a question asks how things stand: what is, will be, or is still being counted."""

from __future__ import annotations

import re

AS_OF_NOW = r"latest|newest|current(?:ly)?|now|most recent(?:ly)?|so far|still|(?-i:today)"  # not USA Today
"""Words that ask for how things stand, as alternatives of a pattern."""

_ASKS_FOR_STATE = re.compile(
    rf"\b(?:{AS_OF_NOW})\b|"
    r"^\W*(?:and )?(?:who|whom|whose|which|what|when|how (?:many|much|long|big|high|large))"
    r"(?:[’']s\b|\b(?: [\w’'-]+){0,4}? (?:is|are|has|have|will|does)\b)|"
    r"\bwho (?:runs|leads|heads|coaches|trains|manages|chairs|owns|governs|commands|directs|edits|represents)\b|"
    r"\btoll\b(?! (?:bridge|road|booth|gate|plaza|free))|"
    r"\bhow many\b.*\b(?:killed|dead|die[sd]?|injured|wounded|hurt|missing|arrested|detained|infected|displaced|evacuated|sick)\b",
    re.IGNORECASE,
)


def asks_for_state(question: str) -> bool:
    """Whether a newer report replaces an older one: what is, will be, or is still being counted.

    "Who is the mayor?" and "How many died?" do; "Who won in 1998?" does not.
    """
    return bool(_ASKS_FOR_STATE.search(question))
