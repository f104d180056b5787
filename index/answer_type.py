"""What kind of thing a question asks for, and whether a sentence offers one: cheap cues, no model."""

from __future__ import annotations

import re
from enum import Enum


class AnswerType(Enum):
    """The kinds of answer that leave a trace in the words of a sentence."""

    PERSON = "person"
    PLACE = "place"
    TIME = "time"
    NUMBER = "number"
    REASON = "reason"
    SPEECH = "speech"
    OTHER = "other"


_QUESTIONS = (
    # The first that matches decides, so the narrow ones come first.
    (AnswerType.SPEECH, r"\bwhat (did|does|do|has|have|is|was)\b.*\b(say|said|saying|tell|told|claim|argue|warn|call|think)\b"),
    (AnswerType.NUMBER, r"\bhow (many|much|long|old|far|big|large|high|tall|deep|heavy|fast|often)\b"),
    (AnswerType.NUMBER, r"\b(what|which) (was the |is the |were the )?(percentage|share|number|score|price|cost|sum|toll)\b"),
    (AnswerType.TIME, r"\bwhen\b|\b(what|which|on what|on which) (day|date|year|month|time|week|weekday)\b"),
    (AnswerType.PLACE, r"\bwhere\b|\b(what|which|in what|in which) (city|country|town|state|village|place|street|region|province)\b"),
    (AnswerType.REASON, r"\bwhy\b|\bwhat (caused|led to|was the (reason|cause))\b|\bhow come\b"),
    (AnswerType.PERSON, r"\b(who|whom|whose)\b|\b(what|which) (person|man|woman|player|company|firm|team|party|group|country|countries)\b"),
)  # fmt: skip
_QUESTION_PATTERNS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _QUESTIONS)

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|"
    "dozens?|half|third|quarter|twice|once"
)
_OFFERS = {
    AnswerType.TIME: re.compile(
        rf"\b({_DAYS}|{_MONTHS})\b|\b(1[6-9]|20)\d\d\b|\b\d{{1,2}}([:.]\d\d)?\s?(a\.?m\.?|p\.?m\.?)(?!\w)|"
        r"\b(yesterday|today|tomorrow|midnight|noon|last|next) ?(week|month|year|night|spring|summer|autumn|winter)?\b",
    ),
    AnswerType.NUMBER: re.compile(rf"\d|\b({_NUMBER_WORDS})\b", re.IGNORECASE),
    AnswerType.PLACE: re.compile(
        r"\b(in|at|near|outside|from|to|of|around|on|off|across|along|between|north|south|east|west)\s+(the\s+)?[A-ZÀ-Þ]"
    ),
    AnswerType.REASON: re.compile(
        r"\b(because|since|due to|owing to|as a result|in order to|so that|to (prevent|avoid|allow|make|keep|save|protect|"
        r"stop|reduce|give)|after|over|caused|blamed?|reasons?|meant|thanks to|for fear)\b",
        re.IGNORECASE,
    ),
    AnswerType.SPEECH: re.compile(
        r"[“\"]|\b(said|says|told|added|warned|argued|called|claimed|insisted|denied|stated|described|according)\b"
    ),
}
_NAME = re.compile(r"(?<![.!?“\"‘]\s)(?<!^)\b[A-ZÀ-Þ][\w’'-]+")


def expected_answer(question: str) -> AnswerType:
    """The type the question's form asks for."""
    return next((kind for kind, pattern in _QUESTION_PATTERNS if pattern.search(question)), AnswerType.OTHER)


def offers(kind: AnswerType, sentence: str, question: str) -> bool:
    """Whether the sentence holds something of that type that the question does not already say."""
    if kind is AnswerType.OTHER:
        return True
    said = question.casefold()
    if kind is AnswerType.PERSON:
        return any(name.casefold() not in said for name in _NAME.findall(f" {sentence}"))
    found = [match.group() for match in _OFFERS[kind].finditer(sentence)]
    if kind in (AnswerType.NUMBER, AnswerType.TIME):
        return any(text.casefold() not in said for text in found)
    return bool(found)
