"""Whether the words around a number, a month or a weekday make it a time.

Each is often something else: "may have", "Theresa May", "the 2022 World Cup", "Super Tuesday", "Boeing 737". When in doubt
it is no time: a question without a window loses little, one with a wrong window loses its answer.

Every function is given the question before a piece and after it.
"""

from __future__ import annotations

import re

from newsdesk.wording.sentences import CAPITALS

_PLACES = re.compile(
    r"\b(?:in|on|at|during|since|until|till|up to|before|after|by|from|through|throughout|over|the year|(?:events?|news|stories|headlines) of) "
    r"(?:the )?$",
    re.I,
)
_PLAINLY_IN = re.compile(r"\b(?:in|during|since|until) $", re.I)
_PLAINLY_ON = re.compile(r"\bon $", re.I)
_CAPITAL_FOLLOWS = re.compile(rf"\s+[{CAPITALS}]")
_ENDS = re.compile(r"\s*(?:$|[?.!,;:)\]”\"–—])|[’']s\b")
_NO_NOUN_FOLLOWS = re.compile(
    r"\s+(?:the|a|an|any|his|her|its|their|in|at|by|to|for|when|that|which|who|what|how|why|where|did|was|were|and|or|as|"
    r"with|after|before|near|over|against|from|of|on|about|during|because|while|are|is|has|have|had|do|does|outside|inside|"
    r"between|but|than|alone|so|will|night|morning|afternoon|evening|this|last|if|since|until|under|among|across|around|"
    r"following|amid|according|onwards?)\b"
)
_SOMETHING_ELSE = re.compile(
    rf"(?:\b(?:the|this|that|an?|his|her|its|their|our)|(?-i:\b[{CAPITALS}][\w’'.-]*)) $", re.I
)
_WILL = re.compile(
    r"\b(?:will|won[’']t|due to|set to|expected|scheduled|going to|plans? to|planning|about to|upcoming|"
    r"(?:is|are) (?!being\b)\w+ing)\b"
)


def always(before: str, after: str) -> bool:
    """The words leave no doubt: "last week"."""
    return True


def never(before: str, after: str) -> bool:
    """Only as a part of something: "the end of the year"."""
    return False


def placed(before: str, after: str) -> bool:
    """It stands behind a preposition and goes with no noun: not "the 2022 World Cup", "in 2000 homes"."""
    goes_on = _ENDS.match(after) or _NO_NOUN_FOLLOWS.match(after)
    return bool(_PLACES.search(before) and goes_on) and not after.startswith(" of ")


def in_season(before: str, after: str) -> bool:
    """ "in the summer"; it is the latest one, so a question about what will be does not mean it."""
    return placed(before, after) and not _WILL.search(before + after)


def in_month(before: str, after: str) -> bool:
    """Plainly in it, or at the end of a clause: "in June Apple said ..."; not "after May resigned" or "by April O’Neil"."""
    if _WILL.search(before + after):
        return False
    return bool(_PLAINLY_IN.search(before)) or bool(placed(before, after) and _ENDS.match(after))


def on_day(before: str, after: str) -> bool:
    """ "on Monday", "resigned Monday", "Monday’s vote"; not "Super Tuesday", "Monday Night Football", "the May 15 movement"."""
    if _WILL.search(before + after):
        return False
    if placed(before, after) or (_PLAINLY_ON.search(before) and not _CAPITAL_FOLLOWS.match(after)):
        return True
    goes_on = _ENDS.match(after) or _NO_NOUN_FOLLOWS.match(after)
    return bool(goes_on) and not _SOMETHING_ELSE.search(before)


def no_of(before: str, after: str) -> bool:
    """ "the last ten days of Ramadan" are not the last ones, "later this year" is to come, "when did it last fall?" a verb."""
    asks_when = before.lstrip().casefold().startswith("when ") and not after.strip(" ?")
    return not after.startswith(" of ") and not before.casefold().endswith("later ") and not asks_when
