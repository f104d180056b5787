"""How plainly a text offers the type of thing that a question asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from index.text.names import without_possessive
from index.text.terms import query_terms, terms
from index.understand.answer_type import AnswerType
from newsdesk.wording.dateline import MONTHS, WEEKDAYS
from newsdesk.wording.sentences import CAPITALS

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

_ONE_MORE_BEFORE = re.compile(r"\b(?:another|(?:a|some) further|the next|the last) $", re.IGNORECASE)

_ONE_MORE_BEHIND = re.compile(r" (?:more|others?|further)\b", re.IGNORECASE)

_DEADLY = re.compile(r"\b(?:die[sd]?|dying|dead|deaths?|kill(?:s|ed|ing)?|bodies|victims?|tolls?)\b", re.IGNORECASE)

_LIVES_LOST = re.compile(
    r"\b(?:claim(?:s|ed|ing)?|cost(?:s|ing)?|los(?:es?|t|ing)|tak(?:es?|en|ing)|took)(?: (?!who\b|where\b|that\b|which\b|he\b|she\b)\S+){0,4} lives\b|"
    r"\blives (?:\S+ )?(?:lost|claimed|taken)\b",
    re.IGNORECASE,
)
"""Lives in whole words: whoever lives somewhere, or was saved, is not dead."""


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


def counts_dead(before: str, behind: str) -> bool:
    """Whether a number between these words is of the dead: "the toll had reached" it, or so many "people died".

    Only words of its clause count, and none beyond another number. "Five more bodies" and "another five" are no toll.
    """
    if _ONE_MORE_BEFORE.search(before) or _ONE_MORE_BEHIND.match(behind):
        return False
    led = takewhile(_is_no_number, re.split(r"[.;:,!?\n]", before)[-1].split()[::-1][:_DEAD_BEFORE])
    followed = takewhile(_is_no_number, re.split(r"[.;:,!?\n]", behind)[0].split()[:_DEAD_BEHIND])
    clause = " ".join([*reversed(list(led)), "#", *followed])
    return bool(_DEADLY.search(clause) or _LIVES_LOST.search(clause))


def _is_no_number(word: str) -> bool:
    return not _NUMBER.fullmatch(word)


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
