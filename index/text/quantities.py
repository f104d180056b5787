"""Figures as they stand in news, in digits or words, with what they are of: "forty-two", "1,800", "£2bn", "two weeks"."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: value for value, word in enumerate(_SMALL)} | {word: 10 * value for value, word in enumerate(_TENS, 2)}
_SCALES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12}
_CURRENCIES = frozenset("$€£")
_UNITS = {
    "$": "$", "dollar": "$", "€": "€", "euro": "€", "£": "£", "pound": "£", "%": "%", "percent": "%",
    "second": "second", "minute": "minute", "hour": "hour", "day": "day", "week": "week", "month": "month", "year": "year",
    "mm": "mm", "millimetre": "mm", "millimeter": "mm", "cm": "cm", "centimetre": "cm", "centimeter": "cm", "inch": "inch",
    "inche": "inch", "ft": "foot", "foot": "foot", "feet": "foot", "yard": "yard", "metre": "m", "meter": "m", "m": "m",
    "km": "km", "kilometre": "km", "kilometer": "km", "mile": "mile",
    "g": "g", "gram": "g", "gramme": "g", "lb": "lb", "kg": "kg", "kilo": "kg", "kilogram": "kg", "kilogramme": "kg", "tonne": "tonne",
}  # fmt: skip
_LENGTHS = frozenset(("km", "mile", "m", "cm", "mm", "foot", "yard", "inch"))
_IN_BASE = {
    "second": ("second", 1.0), "minute": ("second", 60.0), "hour": ("second", 3600.0), "day": ("second", 86_400.0),
    "week": ("second", 604_800.0), "month": ("month", 1.0), "year": ("month", 12.0),
    "mm": ("m", 0.001), "cm": ("m", 0.01), "m": ("m", 1.0), "km": ("m", 1000.0), "inch": ("m", 0.0254), "foot": ("m", 0.3048),
    "yard": ("m", 0.9144), "mile": ("m", 1609.344), "km/": ("m/", 1000.0), "mile/": ("m/", 1609.344),
    "g": ("kg", 0.001), "lb": ("kg", 0.45359237), "kg": ("kg", 1.0), "tonne": ("kg", 1000.0),
}  # fmt: skip
"""Units by the one that their kind is compared in, and how many of that they are; months have no fixed number of days."""
_ROUNDED = 0.05
"""Of what was converted, so much is rounding: three miles are told as 5 km."""
_PARTS = {"half": 0.5, "quarter": 0.25, "quarters": 0.25}
_VAGUE = frozenset(("several", "few", "many"))
_BEGIN = frozenset((*_WORDS, *_SCALES, *_PARTS))
"""The words that a number in words may begin with."""
_MONEY = (
    "fine|note|coin|fee|bill|prize|reward|award|grant|gift|ticket|cheque|check|deal|debt|loan|fund|budget|bonus|price|penalty|"
    "payment|pay|rent|deposit|donation|contract|investment|project|scheme|wage|salary|pension|voucher|bet|bribe|ransom|house"
)
_IS_WEIGHT_BEFORE = re.compile(r"\bweigh\w*(?: [\w’'-]+){0,4} $", re.IGNORECASE)
_IS_WEIGHT_BEHIND = re.compile(
    rf"-pound\b(?!-)(?! (?:[\w-]+ )?(?:{_MONEY})s?\b)|"
    r" pounds? (?:heavier|lighter|overweight|in weight\b|of (?!(?:the|his|her|its|their|our|public|tax\w*|damages?|money|cash|"
    r"savings?|debts?|aid|funding|investment|profits?|losses)\b))",
    re.IGNORECASE,
)
_EACH = re.compile(r"/|\s(?:per|an?) (?:second|minute|hour|day|week|month|year)\b")
_TOKEN = re.compile(r"[$€£%]|(?<!\w)\d+(?:,\d{3})*(?:\.\d+)?|[^\W\d_]+")

_NEAR = 60  # characters before a number in which it is said to be a weight

_Tokens = Sequence[re.Match[str]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and where it stands in its text."""

    value: float
    unit: str
    """A currency's sign, "%", or a measure of time or length in one form ("week", of speed "km/"); empty for anything else."""
    start: int
    end: int
    """Where the number with its currency and scale stands in the text, [start:end]; without the unit's name."""


def figures(text: str) -> Iterator[Figure]:
    """The figures of a text, in order; years, scores and house numbers are figures too, "42nd" is none."""
    tokens = list(_TOKEN.finditer(text))
    place = 0
    while place < len(tokens):
        first = tokens[place].group()
        currency = first if first in _CURRENCIES else ""
        if not (currency or first[0].isdecimal() or first.casefold() in _BEGIN):
            place += 1  # nearly every word: an answer is made of hundreds of texts
            continue
        value, after = _of_a_scale(tokens, place) or _number(tokens, place + bool(currency))
        if value is None:
            place += 1
            continue
        suffix = _word(tokens, after) if _is_attached(tokens, after) else ""
        if suffix in _SHORT_SCALES and (currency or suffix != "m"):  # "5m" alone is a length
            value, after = value * _SHORT_SCALES[suffix], after + 1
        elif suffix and suffix not in _UNITS:
            place = after
            continue
        unit = currency or _unit(tokens, after)
        if unit == "£" and not currency and _is_weight(text, tokens[place].start(), tokens[after - 1].end()):
            unit = "lb"
        yield Figure(value, unit, tokens[place].start(), tokens[after - 1].end())
        place = after


def in_base(figure: Figure) -> tuple[float, str]:
    """Its value and unit in the unit that all of its kind are compared in: 1.5 and "m" for 150 cm; else as they are."""
    base, times = _IN_BASE.get(figure.unit, (figure.unit, 1.0))
    return figure.value * times, base


def same_measure(one: Figure, other: Figure) -> bool:
    """Whether two figures say the same, perhaps in other units: "150 cm" and "1.5 m"."""
    (mine, unit), (theirs, other_unit) = in_base(one), in_base(other)
    return unit == other_unit and math.isclose(mine, theirs, rel_tol=_ROUNDED if one.unit != other.unit else 1e-9)


def _number(tokens: _Tokens, place: int) -> tuple[float | None, int]:
    """The number that begins with a token, and the place after it; None when none begins there."""
    value: float | None = None
    if _word(tokens, place)[:1].isdecimal():
        value, place = float(_word(tokens, place).replace(",", "")), place + 1
    in_words = value is None
    while word := _word(tokens, place):
        if value is not None and _is_and_a_half(tokens, place):
            value, place = value + 0.5, place + 2
        elif word in _SCALES:
            value = (1.0 if value is None else value) * _SCALES[word]
        elif in_words and word in _WORDS and _continues(value, _WORDS[word]):
            value = (value or 0.0) + _WORDS[word]
        elif not (
            word == "and" and value and value % 100 == 0 and in_words and _word(tokens, place + 1) in _WORDS
        ):  # "two hundred and five"
            break
        place += 1
    return value, place


def _is_and_a_half(tokens: _Tokens, place: int) -> bool:
    """Whether "and a half" goes on here, as in "two and a half million"."""
    return [_word(tokens, place + step) for step in range(3)] == ["and", "a", "half"]


def _of_a_scale(tokens: _Tokens, place: int) -> tuple[float | None, int] | None:
    """A part of a million ("half a million", "three quarters of a million"), and no number for "several million"."""
    word, first = _word(tokens, place), place
    if word in _VAGUE and _word(tokens, place + 1) in _SCALES:
        return None, place
    if place and _word(tokens, place - 1) in _VAGUE and word in _SCALES:
        return None, place
    count = float(_WORDS.get(word, 1)) if _word(tokens, place + 1) in _PARTS else 1.0
    place += word in _WORDS and _word(tokens, place + 1) in _PARTS
    part = _PARTS.get(_word(tokens, place))
    if part is None:
        return None
    place += 1
    while place - first < 5 and _word(tokens, place) in ("of", "a"):
        place += 1
    scale = _SCALES.get(_word(tokens, place))
    return None if scale is None else (count * part * scale, place + 1)


def _is_weight(text: str, start: int, end: int) -> bool:
    """Whether pounds of the number at [start:end] are of weight: "a 200-pound man", "pounds of flour", "weighs"."""
    return bool(_IS_WEIGHT_BEFORE.search(text[max(0, start - _NEAR) : start]) or _IS_WEIGHT_BEHIND.match(text, end))


def _continues(value: float | None, more: int) -> bool:
    """Whether a number goes on with a smaller one: "forty-two", "two hundred five"; not "twenty ten"."""
    if value is None:
        return True
    return (value >= 100 and value % 100 == 0) or (value % 100 >= 20 and value % 10 == 0 and 0 < more < 10)


def _unit(tokens: _Tokens, place: int) -> str:
    word = _word(tokens, place)
    if word == "per" and _word(tokens, place + 1) == "cent":
        return "%"
    unit = _UNITS.get(word, _UNITS.get(word.removesuffix("s"), ""))
    is_rate = unit in _LENGTHS and _EACH.match(tokens[place].string, tokens[place].end())
    return f"{unit}/" if is_rate else unit


def _word(tokens: _Tokens, place: int) -> str:
    return tokens[place].group().casefold() if place < len(tokens) else ""


def _is_attached(tokens: _Tokens, place: int) -> bool:
    """Whether nothing stands between this token and the one before it."""
    return place < len(tokens) and tokens[place - 1].end() == tokens[place].start()
