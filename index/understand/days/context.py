"""Which words around a number, a month or a weekday make it a time.

Each is often something else: "may have", "Theresa May", "the March on Washington", "the 2022 World Cup", "the January 6
committee", "Super Tuesday", "the 1990s", "Boeing 737". When in doubt it is no time: a question without a window loses
little, one with a wrong window loses its answer.

Every function is given the question before a piece and after it.
"""

from __future__ import annotations

import re

from newsdesk.wording.sentences import CAPITALS

_CLAUSE_ENDS = re.compile(r"\s*(?:$|[?.!,;:)\]”\"–—])")
_NO_NOUN_FOLLOWS = re.compile(
    r"\s*(?:$|[?.!,;:)\]”\"–—])|\s+(?:the|a|an|any|his|her|its|their|in|at|by|to|for|when|that|which|who|what|how|why|"
    r"where|did|was|were|and|or|as|with|after|before|near|over|against|from|of|on|about|during|because|while|are|is|"
    r"has|have|had|do|does|outside|inside|between|but|than|alone|so|will|night|morning|afternoon|evening|this|last|if|"
    r"since|until|under|among|across|around|following|amid|according|onwards?)\b"
)
_NAMED_AFTER = re.compile(
    # "the 2022 World Cup", "January 6 committee": the date is part of a name.
    r"\s+(?:(?:[A-Z][\w’']*\s+){1,4}|(?!the |an? |his |her |its |their )[a-z]+\s+)?(?i:cup|olympics|games|championships?|open|elections?|awards|finals?|season|census|"
    r"budget|act|oscars|grammys|emmys|tour|model|edition|campaign|convention|committees?|hearings?|panel|riots?|"
    r"attacks?|insurrection|movement|alliance|weekend|massacre|protests?|rally|bombings?|coup|uprising|ceasefire|"
    r"agreement|deadline|anniversary|celebrations?|fireworks|parade|holiday)\b"
)
_COUNTED = re.compile(
    # "in 2000 homes", "after 1900 votes": a number.
    r"\s+(?:people|persons?|men|women|children|homes?|houses|cases|troops|soldiers|jobs|votes|deaths|cars|vehicles|"
    r"units|tonnes|tons|miles|metres|meters|feet|km|dollars|euros|pounds|calories|words|pages|seats|workers|"
    r"employees|members|years|months|weeks|days|hours|minutes|seconds|steps|points|schools|countries|refugees|"
    r"migrants|flights|companies|officers|passengers|students|patients|GMT|times|per ?cent|prices|terms|money)\b"
)
_NAMED_DAY = re.compile(r"\s+(?:Night|Times|Mail|Mirror|Express|Telegraph|Post|Herald|Addams|Madness|Day)\b")
_CAPITAL_FOLLOWS = re.compile(rf"\s+[{CAPITALS}]")
_CAPITAL_BEFORE = re.compile(rf"[{CAPITALS}][\w’'.-]* $")
_MARCHES = re.compile(r"\s+(?:for|on|against|through|to)\b")  # the March on Washington
_WILL = re.compile(
    r"\b(?:will|won[’']t|due to|set to|expected|scheduled|going to|plans? to|planning|about to|upcoming|"
    r"(?:is|are) (?!being\b)\w+ing)\b"
)
_POSSESSED = re.compile(r"[’']s\b")
_POSSESSOR = re.compile(rf" [{CAPITALS}][\w’]*[’']s\b")

_OF_NEWS = r"(?:events?|news|stories|headlines|articles|reports) of"
_PLAINLY_IN = re.compile(r"\b(?:in|during|since|until|throughout) $", re.I)
_IN_OR_SO = re.compile(
    rf"\b(?:in|during|since|until|till|up to|before|after|by|from|through|throughout|over|{_OF_NEWS}|the year) $", re.I
)
_IN_THE = re.compile(r"\b(?:in|during|since|until|before|after|by|from|over|throughout) (?:the )?$", re.I)
_ON = re.compile(
    r"\b(?:on|since|until|till|up to|before|after|by|from|through|for|of|early|late|dated|as of|week of) "
    r"(?:the )?$",
    re.I,
)
_BEHIND_THE = re.compile(r"\b(?:on|in|during|since|until|before|after|by|from|of|over|throughout) the $", re.I)
_DETERMINED = re.compile(r"(?:\b(?:the|this|that|an?|his|her|its|their|our)|[’']s?) $", re.I)


def always(before: str, after: str) -> bool:
    """The words leave no doubt: "last week"."""
    return True


def never(before: str, after: str) -> bool:
    """Only as a part of something: "the end of the year"."""
    return False


def dated(before: str, after: str) -> bool:
    """A date opens the question, closes a clause or stands behind a preposition, and goes with no noun."""
    if _NAMED_AFTER.match(after) or _COUNTED.match(after) or before.endswith((" ending ", " ended ")):
        return False
    if _DETERMINED.search(before) and not (_BEHIND_THE.search(before) and _NO_NOUN_FOLLOWS.match(after)):
        return False
    placed = _ON.search(before) or _PLAINLY_IN.search(before) or _CLAUSE_ENDS.match(after)
    return bool(placed) or not before.strip()


def dated_without_year(before: str, after: str) -> bool:
    """It is the latest one, so a question about what will be on that day does not mean it."""
    return dated(before, after) and not _WILL.search(before + after)


def in_month(before: str, after: str) -> bool:
    """ "in April", "since April"; not "by April O’Neil", "in August Wilson’s play"."""
    if _WILL.search(before + after):
        return False
    if not _IN_OR_SO.search(before) or _NAMED_DAY.match(after) or _NAMED_AFTER.match(after):
        return False
    return bool(_NO_NOUN_FOLLOWS.match(after) or (_PLAINLY_IN.search(before) and not _POSSESSOR.match(after)))


def in_march_or_may(before: str, after: str) -> bool:
    """Plainly in it, or at the end of a clause: "after May resigned" and "since the March on Rome" are others."""
    if not in_month(before, after) or _MARCHES.match(after):
        return False
    return bool(_PLAINLY_IN.search(before) or _CLAUSE_ENDS.match(after)) or after.startswith(" onward")


def in_season(before: str, after: str) -> bool:
    """ "in the summer"; not "in the fall of Kabul"."""
    placed = _IN_THE.search(before) and _NO_NOUN_FOLLOWS.match(after) and not after.startswith(" of ")
    return bool(placed) and not _WILL.search(before + after)


def in_year(before: str, after: str) -> bool:
    """ "in 2021"; not "the 2022 World Cup", "in 2000 homes"."""
    return bool(_IN_OR_SO.search(before)) and not (_COUNTED.match(after) or _NAMED_AFTER.match(after))


def on_weekday(before: str, after: str) -> bool:
    """ "on Monday", "resigned Monday"; not "what will happen on Monday", "Super Tuesday", "Monday Night Football", "Wednesday Addams"."""
    if _NAMED_DAY.match(after) or _WILL.search(before + after):
        return False
    if _ON.search(before):
        return before[-3:].casefold() == "on " or not _CAPITAL_FOLLOWS.match(after)
    if _CAPITAL_BEFORE.search(before) or _DETERMINED.search(before):
        return False
    return bool(_CLAUSE_ENDS.match(after) or _POSSESSED.match(after)) or bool(
        re.match(r" (?:night|morning|afternoon|evening|after|when|that)\b", after)
    )


def no_of(before: str, after: str) -> bool:
    """ "the last ten days of Ramadan" and "the last week of March" are not the last ones."""
    return not after.startswith(" of ")


def not_later(before: str, after: str) -> bool:
    """ "later this year" is to come."""
    return no_of(before, after) and not before.casefold().endswith("later ")


def not_asked_when(before: str, after: str) -> bool:
    """ "When did the rouble last fall?": a verb."""
    return not_later(before, after) and not before.lstrip().casefold().startswith("when ")


def not_from_on(before: str, after: str) -> bool:
    """ "from now on", "until now"."""
    return not re.search(r"\b(?:from|until|till) $", before, re.I) and not after.startswith("-")
