"""What kind of thing a question asks for, and whether a sentence offers one: cheap cues, no model."""

from __future__ import annotations

import re
from enum import Enum

from newsdesk.wording.sentences import CAPITALS, sentence_spans


class AnswerType(Enum):
    """The kinds of answer that leave a trace in the words of a sentence."""

    PERSON = "person"
    NAME = "name"
    """Anything with a name: "which airline", "which country"."""
    PLACE = "place"
    TIME = "time"
    NUMBER = "number"
    REASON = "reason"
    SPEECH = "speech"
    OTHER = "other"


_MEASURES = "percent|percentage|share|number|score|price|cost|sum|toll|magnitude|temperature|amount|rate|size|mark"
_QUESTIONS = (
    # The first that matches decides, so the narrow ones come first.
    (AnswerType.SPEECH, r"\bwhat (did|does|do|has|have|is|was)\b.*\b(say|said|saying|tell|told|claim|argue|warn|call|think)\b"),
    (AnswerType.TIME, r"\bhow (soon|long ago)\b|\bsince:?$"),
    (AnswerType.NUMBER, r"\bhow (many|much|long|old|far|big|large|high|tall|deep|heavy|fast|often)\b"),
    (AnswerType.NUMBER, rf"\b(what|which)( (?!(?:is|was|are|were|will|would|did|does|do|has|have|had)\b)[\w-]+){{0,2}} ({_MEASURES})\b"),  # not "which country was shaken by a 7.0-magnitude ..."
    (
        AnswerType.NUMBER,
        rf"\bwhat([’']s| (is|was|are|were|will|would|did|does|do|has|had)) (the|an?|its|his|her|their|[\w-]+[’']s) ([\w’'-]+ ){{0,2}}({_MEASURES})\b",
    ),
    (AnswerType.NUMBER, r"\bwhat (did|does|do|will|would|has|have)\b.*\bcost\W*$|\bwhat (pay|wage|price)\b|\b(cost|amount\w*)\b.*\b(be|to):$"),
    (AnswerType.TIME, r"\bwhen\b|\b(what|which|on what|on which) (day|date|year|month|time|week|weekday)\b"),
    (AnswerType.PLACE, r"\bwhere\b|\b(what|which|in what|in which) (\w+ )?(city|country|town|state|village|place|street|region|province|nation|island)\b"),
    (AnswerType.REASON, r"\bwhy\b|\bwhat (caused|led to|was the (reason|cause))\b|\bhow come\b"),
    (AnswerType.PERSON, r"\b(who|whom|whose)\b|\b(what|which) (person|man|woman|player|singer|actor|president|minister)\b"),
    (AnswerType.NAME, r"\bwhich\b|\bwhat\b.*\b(name|named|called|titled)\b|\bwhat (company|firm|team|party|group|club|agency)\b"),
)  # fmt: skip
_QUESTION_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _QUESTIONS)
_WHO_IS_NAME = re.compile(
    rf"^\W*[Ww]ho(?:[’']s| is| was| are| were) (?=([\w’'-]+))(?:[{CAPITALS}][\w’'.-]*(?: (?:of|de|van|von|bin|al|the) | |(?=\W*$)))+\W*$"
)
POSTS = frozenset(
    (
        "the a an our new former acting interim deputy vice us u.s uk u.k eu president prime minister premier mayor secretary "
        "chancellor governor senator congressman king queen prince princess pope bishop archbishop chairman chairwoman chair "
        "chief executive officer director general judge justice coach manager captain police health foreign defence finance "
        "interior home state council councillor speaker leader head of and for"
    ).split()
)
"""Words that say what somebody is, in lower case; a name has others."""
_ASKS = re.compile(r"\b(who|whom|whose|what|which|where|when|why|how)\b|:$", re.IGNORECASE)

_HEADS_IT = re.compile(
    r"^\W*(?:when|where|while|after|as|because)\b (?!(?:is|are|was|were|did|do|does|will|would|has|have|had|can|could|should)\b)[^,?]+, "
    r"(?=(?:(?:in|on|at|by|to|for) )?(?:who|whom|whose|what|which|when|where|why|how)\b)",
    re.IGNORECASE,
)
"""A clause before what is asked: "When the dam broke, who ..."."""
_COMES_AFTER = re.compile(
    r"^(?P<asks>.*?\b(?:who|whom|whose|what|which|how|where|why|when)\b.*? )"
    r"(?<!\band )(?<!\bor )(?:when|where|why|while)\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""A clause behind what is asked: "who was mayor when the dam broke", "who said where it was"."""
_ASKS_FOR_ITS_NOUN = re.compile(
    r"\bwhat(?:[’']s| is| was| are| were) the (?:[\w-]+ ){0,2}[\w-]+ (?:when|where|why)\b", re.IGNORECASE
)
"""What follows says which: "what was the day when"."""

_ASKS_FOR_DEAD = re.compile(r"\b(?:how many\b.*\b(?:died|dead|killed|die)|death toll)\b", re.IGNORECASE)


def expected_answer(question: str) -> AnswerType:
    """The type asked for by the form of the question, or of the last of several sentences that asks something."""
    sentences = [question[start:end] for start, end in sentence_spans(question)]
    asking = next((sentence for sentence in reversed(sentences) if _ASKS.search(sentence)), question)
    named = _WHO_IS_NAME.match(asking)
    if named and named[1].casefold() not in POSTS:  # "Who is Marta Lind?" asks what she is
        return AnswerType.OTHER
    asking = _main_clause(asking)
    return next((kind for kind, pattern in _QUESTION_PATTERNS if pattern.search(asking)), AnswerType.OTHER)


def _main_clause(asking: str) -> str:
    """What is asked, without a clause that only says when, where or why: "Who was mayor" of "Who was mayor when it fell?"."""
    asking = _HEADS_IT.sub("", asking)
    behind = _COMES_AFTER.match(asking)
    return asking if behind is None or _ASKS_FOR_ITS_NOUN.search(asking) else behind["asks"]


def asks_yes_or_no(question: str) -> bool:
    """Whether it asks if something is so, and not who, what or how much: no word asks for anything."""
    return not _ASKS.search(question)


def asks_for_dead(question: str) -> bool:
    """Whether a number of dead is asked for."""
    return bool(_ASKS_FOR_DEAD.search(question))
