"""What kind of thing a question asks for, and whether a sentence offers one: cheap cues, no model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from itertools import takewhile

from index.confidence import without_possessive
from index.terms import query_terms, terms
from newsdesk.dateline import MONTHS, WEEKDAYS
from newsdesk.sentences import CAPITALS, sentence_spans


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

_MONTHS = "|".join(MONTHS)
_DAYS = "|".join(WEEKDAYS)
_NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|billions?|"
    "dozens?|half|third|quarter|twice|once"
)
_TIME = re.compile(
    rf"\b({_DAYS}|{_MONTHS})\b|\b(1[6-9]|20)\d\ds?\b|\b\d{{1,2}}([:.]\d\d)?\s?(a\.?m\.?|p\.?m\.?)(?!\w)|"
    r"\b(yesterday|today|tomorrow|midnight|noon|last|next) ?(week|month|year|night|spring|summer|autumn|winter)?\b",
)
_NUMBER = re.compile(rf"[$£€]?\d[\d.,]*|\b({_NUMBER_WORDS})\b", re.IGNORECASE)
_DAY_OR_YEAR = re.compile(rf"\d|\b(?:{_DAYS})\b")
_SMALL_WORDS = re.compile(
    r"\b(?:in|on|morning|afternoon|evening|night|last|next|this|s|at|since|until|about|the|of|and|to|early|late|mid|years?|months?|weeks?|days?|old|ago|th|st|nd|rd)\b",
    re.I,
)
_DATE = re.compile(rf"\b({_MONTHS})\.? \d+|\b\d{{1,2}} ({_MONTHS})\b|\b(19|20)\d\d\b")  # figures that count nothing
_PLACE = re.compile(
    r"\b(?:in|at|near|outside|inside|from|to|of|around|on|off|across|along|between|north|south|east|west)\s+(?:the\s+)?"
    rf"([{CAPITALS}][\w’'-]+)"
)
_LOCATED = re.compile(
    r"\b(lies?|lying|located|situated|based|(north|south|east|west)\w* of|km|kilomet\w+|miles?|coast|near|outside)\b",
    re.IGNORECASE,
)
_WHERE_IS = re.compile(r"\bwhere (is|are|was|were)\b", re.IGNORECASE)
_REASON = re.compile(
    r"\b(because|since|due to|owing to|as a result|in order to|so that|caus\w+|blam\w+|reasons?|meant|thanks to|for fear|fears?|"
    r"following)\b",
    re.IGNORECASE,
)
_PURPOSE = re.compile(r"\b(after|over|as|for|to (?!the\b|a\b|an\b)[a-z]+)\b")
_SPEECH = re.compile(
    r"[“\"]|\b(said|says|told|added|warned|argue[ds]|called|claimed|insisted|denied|stated|described|according)\b"
)
_NAME = re.compile(rf"(?<=[\w,;:)] )[“\"‘(]?([{CAPITALS}][\w’'-]+)")  # not the first word, which has a capital anyway
_NO_NAMES = frozenset(f"{_DAYS}|{_MONTHS}|CNN|AP|Reuters".casefold().split("|"))


# What a number counts, by the words after "how", as stems.
_UNITS = (
    (r"percent|\bshare\b", "% percent per"),
    (r"\bhow old\b", "year age"),
    (r"\bhow long\b", "year month week day hour minut second decad km kilometr kilomet metr meter mile feet foot"),
    (r"\bhow (tall|high|deep|wide|far)\b", "m cm km kilometr kilomet metr meter mile feet foot inch"),
    (r"\bhow much\b|\b(cost|price|pay|paid|worth|amount|raise)\b", "$ £ € % million billion euro dollar pound"),
)
_UNIT_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), frozenset(units.split())) for pattern, units in _UNITS)
_COUNTED = re.compile(r"\bhow many ([\w-]+ ?[\w-]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[$£€%]|\d[\d.,]*\d|\w+")
_REACH = 3  # tokens from a number to its unit: "eight Turkish war planes"
_DEAD_BEFORE, _DEAD_BEHIND = 14, 5
"""Words from the dead to their number: "the death toll from a landslide in the village of Lower Tarrick reached nine"."""
_ASKS_FOR_DEAD = re.compile(r"\b(?:how many\b.*\b(?:died|dead|killed|die)|death toll)\b", re.IGNORECASE)
_ONE_MORE_BEFORE = re.compile(r"\b(?:another|(?:a|some) further|the next|the last) $", re.IGNORECASE)
_ONE_MORE_BEHIND = re.compile(r" (?:more|others?|further)\b", re.IGNORECASE)
_DEADLY = frozenset(terms("die died dead death deaths kill killed bodies victims toll lives"))


def expected_answer(question: str) -> AnswerType:
    """The type asked for by the form of the question, or of the last of several sentences that asks something."""
    sentences = [question[start:end] for start, end in sentence_spans(question)]
    asking = next((sentence for sentence in reversed(sentences) if _ASKS.search(sentence)), question)
    named = _WHO_IS_NAME.match(asking)
    if named and named[1].casefold() not in POSTS:  # "Who is Marta Lind?" asks what she is
        return AnswerType.OTHER
    return next((kind for kind, pattern in _QUESTION_PATTERNS if pattern.search(asking)), AnswerType.OTHER)


def offers(kind: AnswerType, sentence: str, question: str) -> float:
    """How plainly the sentence holds something of that type that the question does not already say: 0, 0.5 or 1."""
    if kind is AnswerType.OTHER:
        return 0.5
    if kind is AnswerType.SPEECH:
        return float(bool(_SPEECH.search(sentence)))
    if kind is AnswerType.REASON:
        return 1.0 if _REASON.search(sentence) else 0.5 * bool(_PURPOSE.search(sentence))
    said = question.casefold()
    if not any(item.casefold() not in said for item in _items(kind, sentence)):
        return 0.0
    if kind is AnswerType.NUMBER:
        return 1.0 if _has_unit(sentence, _units(question)) else 0.5
    if kind is AnswerType.PLACE and _WHERE_IS.search(question):
        return 1.0 if _LOCATED.search(sentence) else 0.5
    return 1.0


def _units(question: str) -> frozenset[str]:
    """Stems of what is counted in the question: "how many jets", "how old"; empty when it does not say."""
    counted = _COUNTED.search(question)
    if counted:
        return frozenset(query_terms(counted.group(1)))
    return next((units for pattern, units in _UNIT_PATTERNS if pattern.search(question)), frozenset())


def _has_unit(sentence: str, units: frozenset[str]) -> bool:
    """Whether a number of the sentence has one of the units right before it or soon after it."""
    tokens = _TOKEN.findall(sentence)
    numbers = [place for place, token in enumerate(tokens) if _NUMBER.fullmatch(token)]
    return any(
        token in units or not units.isdisjoint(terms(token))
        for number in numbers
        for place, token in enumerate(tokens[max(0, number - 1) : number + _REACH + 1], start=max(0, number - 1))
        if place != number
    )


def is_only_a_time(span: str) -> bool:
    """Whether there is nothing but a day or a year in it, which is neither person nor place; "May" and "April" may be both."""
    return bool(_TIME.search(span) and _DAY_OR_YEAR.search(span)) and not re.search(
        r"\w", _SMALL_WORDS.sub("", _NUMBER.sub("", _TIME.sub("", span)))
    )


def asks_for_dead(question: str) -> bool:
    """Whether a number of dead is asked for."""
    return bool(_ASKS_FOR_DEAD.search(question))


def counts_dead(before: str, behind: str) -> bool:
    """Whether a number between these words is of the dead: "the toll had reached" it, or so many "people died".

    Only words of its clause count, and none beyond another number. "Five more bodies" and "another five" are no toll.
    """
    if _ONE_MORE_BEFORE.search(before) or _ONE_MORE_BEHIND.match(behind):
        return False
    nearest = (
        re.split(r"[.;:,!?\n]", before)[-1].split()[::-1][:_DEAD_BEFORE],
        re.split(r"[.;:,!?\n]", behind)[0].split()[:_DEAD_BEHIND],
    )
    return any(
        not _DEADLY.isdisjoint(terms(word))
        for words in nearest
        for word in takewhile(lambda word: not _NUMBER.fullmatch(word), words)
    )


def _items(kind: AnswerType, sentence: str) -> Iterator[str]:
    """Numbers, times, or names, as the type has it."""
    if kind is AnswerType.NUMBER:
        yield from (match.group().rstrip(".,") for match in _NUMBER.finditer(_DATE.sub("", sentence)))
    elif kind is AnswerType.TIME:
        yield from (match.group() for match in _TIME.finditer(sentence))
    else:
        names = _PLACE.findall(sentence) if kind is AnswerType.PLACE else _NAME.findall(sentence)
        for name in names:
            bare = without_possessive(name)
            if bare.casefold() not in _NO_NAMES:
                yield bare
