"""Comparisons: "Which is longer, the Alder or the Meridian?", "Did the rate rise or fall between March and June?".

What is compared is asked of each side by itself: "How long is the Alder?". Which side is the answer is then a matter of
two values (index.answer.kinds.compared), not of reading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from newsdesk.wording.dateline import MONTHS
from newsdesk.wording.sentences import CAPITALS


class Asks(Enum):
    """What is asked of the two values."""

    WHICH = "which"
    WHETHER = "whether"
    """Whether the first is the more: "Is A longer than B?"."""
    BY_HOW_MUCH = "by how much"
    TREND = "trend"
    """Whether it rose or fell from the first to the second."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sides and what is asked of each."""

    asks: Asks
    sides: tuple[str, str]
    forms: tuple[str, ...]
    """Questions with {} for a side, any of which gives a value; the likeliest first."""
    word: str
    """The word that compares: "longer"."""
    more: bool = True
    """Whether the greater value is the answer, of days the later one; turned round by `is_inverse`."""

    def is_inverse(self, form: str) -> bool:
        """Whether less of what the form asks for is more of what is compared: who was born earlier is older."""
        of_age, of_speed = self.word in ("older", "elder", "younger", "newer"), self.word in ("faster", "slower")
        return (of_age and form.startswith("When")) or (of_speed and form.endswith("take?"))


_AGE = ("How old is {}?", "When was {} opened?", "When was {} built?", "When was {} founded?")
_COST = ("How much does {} cost?", "How much did {} cost?", "What is the price of {}?")
_WEIGHT = ("How much does {} weigh?", "How heavy is {}?")
_SIZE = ("How big is {}?", "How large is {}?", "How many people live in {}?")
_HEIGHT = ("How high is {}?", "How tall is {}?")
_FORMS = {
    "older": (_AGE, True), "elder": (_AGE, True), "younger": (_AGE, False), "newer": (_AGE, False),
    "bigger": (_SIZE, True), "larger": (_SIZE, True), "smaller": (_SIZE, False),
    "higher": (_HEIGHT, True), "taller": (_HEIGHT, True), "lower": (_HEIGHT, False),
    "longer": (("How long is {}?", "How long does {} take?"), True), "shorter": (("How long is {}?", "How tall is {}?", "How long does {} take?"), False),
    "deeper": (("How deep is {}?",), True), "shallower": (("How deep is {}?",), False),
    "wider": (("How wide is {}?",), True), "broader": (("How wide is {}?",), True), "narrower": (("How wide is {}?",), False),
    "heavier": (_WEIGHT, True), "lighter": (_WEIGHT, False),
    "faster": (("How fast is {}?", "How long does {} take?"), True), "slower": (("How fast is {}?",), False),
    "dearer": (_COST, True), "costlier": (_COST, True), "pricier": (_COST, True), "cheaper": (_COST, False),
    "more expensive": (_COST, True), "less expensive": (_COST, False), "more costly": (_COST, True),
    "further": (("How far is {}?",), True), "farther": (("How far is {}?",), True), "nearer": (("How far is {}?",), False),
}  # fmt: skip
_WORD = rf"(?P<word>{'|'.join(sorted(map(re.escape, _FORMS), key=len, reverse=True))})"
_COUNT = r"(?P<than>more|fewer|less)(?: (?P<counted>[a-z][\w’'-]*(?: [a-z][\w’'-]*)?))?"
_FIRST = r"(?P<first>first|earlier|later|last|more recently)"
_OR = r",? (?P<one>[^,?]+?),? or (?P<two>[^,?]+?)\W*$"
_BE = r"(?:is|was|are|were)"
_NOUN = r"(?:(?P<noun>(?!(?:is|was|are|were|has|had|of|one)\b)[a-z][\w’'-]*(?: (?!(?:is|was|are|were|has|had|have)\b)[a-z][\w’'-]*){0,2}?) )?"
_WHICH = r"^\W*(?:which|what|who) "

_PATTERNS = tuple(
    (asks, re.compile(pattern, re.IGNORECASE if ignore else 0))
    for asks, pattern, ignore in (
        (Asks.WHICH, rf"{_WHICH}{_NOUN}{_BE} (?:the )?{_WORD}(?: (?:one|of the two))?{_OR}", True),
        (Asks.WHICH, rf"{_WHICH}{_BE} the {_WORD} (?P<noun>[a-z][\w’'-]*){_OR}", True),
        (Asks.WHICH, rf"{_WHICH}(?:one )?of (?P<one>[^,?]+?) and (?P<two>[^,?]+?),? {_BE} (?:the )?{_WORD}(?: one)?\W*$", True),
        (Asks.WHICH, rf"{_WHICH}(?:one )?of the two (?P<noun>[a-z][\w’'-]*?)e?s, (?P<one>[^,?]+?) and (?P<two>[^,?]+?),? {_BE} (?:the )?{_WORD}(?: one)?\W*$", True),
        (Asks.WHICH, rf"{_WHICH}{_NOUN}(?P<has>has|had|have) {_COUNT}{_OR}", True),
        (Asks.WHICH, rf"{_WHICH}{_NOUN}(?P<verb>costs?|weighs?|holds|seats|employs|carries|produces|earns?) {_COUNT}{_OR}", True),
        (Asks.WHICH, rf"{_WHICH}{_NOUN}(?:was |were )?(?P<done>[a-z]+(?:ed|t|n|d)) {_FIRST}{_OR}", True),
        (Asks.BY_HOW_MUCH, rf"^\W*(?:by )?how (?:much|many (?!times\b)\w+) {_WORD} (?:is|was|are|were) (?P<one>.+?) than (?P<two>.+?)\W*$", True),
        (Asks.BY_HOW_MUCH, rf"^\W*by how (?:much|many \w+) (?:is|was|are|were) (?P<one>.+?) {_WORD} than (?P<two>.+?)\W*$", True),
        (Asks.BY_HOW_MUCH, r"^\W*how much more (?:does|did|do) (?P<one>.+?) (?P<verb>cost|weigh) than (?P<two>.+?)\W*$", True),
        (Asks.WHETHER, rf"^\W*{_BE} (?P<one>.+?) {_WORD} than (?P<two>.+?)\W*$", True),
    )
)  # fmt: skip

_TIME = rf"(?:(?:the )?(?:start|end|beginning|middle) of )?(?:(?:\d{{1,2}} )?(?:{'|'.join(MONTHS)})(?: \d{{1,2}},?)?(?: \d{{4}})?|\d{{4}})"
_TREND = re.compile(
    rf"^\W*(?:did|has|have) (?P<what>.+?) (?:(?:rise|risen|increased?|grow|grown|go up|gone up|climb) or (?:fall|fallen|decreased?|shr[iu]nk|go down|drop|decline|down|sink)|"
    r"(?:fall|fallen|decreased?|shr[iu]nk|go down|drop|decline|sink) or (?:rise|risen|increased?|grow|go up|climb))\w* "
    rf"(?:between|from) (?P<one>{_TIME}) (?:and|to|until) (?P<two>{_TIME})\W*$",
    re.IGNORECASE,
)
_HIGHER = re.compile(
    rf"^\W*(?:is|was|were|are) (?P<what>.+?) (?P<word>higher|lower|greater|smaller|more|less)(?P<either> or (?:higher|lower|greater|smaller|more|less))? "
    rf"in (?P<two>{_TIME}) than in (?P<one>{_TIME})\W*$",
    re.IGNORECASE,
)
_ONE = re.compile(r"^(?:the (?:one|other)|that|those|the ones)\b", re.IGNORECASE)
_LAST_ONE = re.compile(r" ones?$", re.IGNORECASE)
_NO_SIDE = re.compile(
    r"^(?:it|he|she|they|we|you|I|there|this|usual\w*|expected|before|now|today|ever)\b|,| or$| and (?:does|did|is|was)\b",
    re.IGNORECASE,
)
_ONLY_NAME = re.compile(rf"^the (?:[{CAPITALS}][\w’'-]*)(?: [{CAPITALS}][\w’'-]*)*$")


def comparison_of(question: str) -> Comparison | None:
    """What the question compares; None when it compares nothing, or in no form that is known."""
    question = " ".join(question.split())
    trend = _TREND.match(question) or _HIGHER.match(question)
    if trend:
        compared = _trend(trend)
        word = trend.groupdict().get("word")
        if word is None or trend["either"]:
            return compared
        more = word.casefold() in ("higher", "greater", "more")
        return replace(compared, asks=Asks.WHETHER, sides=compared.sides[::-1], word=word, more=more)
    for asks, pattern in _PATTERNS:
        match = pattern.match(question)
        if match and not any(_NO_SIDE.search(match[side]) for side in ("one", "two")):
            return _compared(asks, match)
    return None


def _trend(match: re.Match[str]) -> Comparison:
    one, two = match["one"], match["two"]
    year = re.search(r"\d{4}", two)
    if year and not re.search(r"\d{4}", one):
        one = f"{one} {year[0]}"
    what = match["what"]
    be = (
        "were"
        if re.match(r"(?:the )?[\w-]+s\b(?! of)", what) and not re.match(r"(?:the )?\w*(?:ss|us|is|ness)\b", what)
        else "was"
    )
    return Comparison(Asks.TREND, (_at(one), _at(two)), (f"What {be} {what} {{}}?", f"How high was {what} {{}}?"), "")


def _at(time: str) -> str:
    preposition = "on" if re.search(r"\b\d{1,2}\b", time) else "at" if " of " in time else "in"
    return f"{preposition} {time}"


def _compared(asks: Asks, match: re.Match[str]) -> Comparison:
    found = match.groupdict()
    sides = _sides(match["one"].strip(), match["two"].strip(), found.get("noun") or "")
    if found.get("word"):
        word = match["word"].casefold()
        forms, more = _FORMS[word]
        if found.get("noun") is None and match.string.lstrip().casefold().startswith("who"):
            forms = ("How old is {}?", "When was {} born?") if forms is _AGE else forms
        return Comparison(asks, sides, forms, word, more)
    if found.get("done"):
        done = match["done"]
        more = match["first"].casefold() not in ("first", "earlier")
        return Comparison(
            asks, sides, (f"When was {{}} {done}?", f"When did {{}} {done}?"), match["first"].casefold(), more
        )
    more = (found.get("than") or "more").casefold() == "more"
    counted, verb = found.get("counted") or "", (found.get("verb") or "have").casefold()
    if verb.rstrip("s") in ("cost", "weigh"):
        return Comparison(asks, sides, _COST if verb.startswith("cost") else _WEIGHT, "more" if more else "less", more)
    stem = "carry" if verb == "carries" else verb.rstrip("s")
    return Comparison(
        asks,
        sides,
        (f"How many {counted} does {{}} {stem}?", f"How many {counted} are there in {{}}?"),
        f"{'more' if more else 'fewer'} {counted}",
        more,
    )


def _sides(one: str, two: str, noun: str) -> tuple[str, str]:
    """Both sides as they are asked about: "the one of Birch" is the same thing of Birch, "the Alder" the Alder theatre."""
    one = re.sub(r"^(?:(?:the )?two [\w’'-]+,? )", "", one)
    if noun and noun != "one":
        one = _ONE.sub(f"the {noun}", one)
    head = re.split(r" (?:of|in|at|on|from|near|to) ", one)[0]
    two = _LAST_ONE.sub(f" {head.split()[-1]}", _ONE.sub(lambda _: head, two))
    if not noun or noun == "one":
        return one, two
    named = [f"{side} {noun}" if _ONLY_NAME.match(side) else side for side in (one, two)]
    return named[0], named[1]
