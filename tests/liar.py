"""Sentences that a model might write of an article: true ones as they stand, true ones told loosely, and lies.

Made by code from sentences that articles print, so that it is known which are true. A lie that cannot be told of a
sentence (no number to swap, nobody who speaks) is None.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

_NAME = re.compile(r"(?<=[a-z,;] )(?:the )?([A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)*)")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+\b|(?<![\w.,/-])\d+(?:\.\d+)?(?![\w,./-]*\d)\b")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_IN_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_WORDED = re.compile(rf"\b({'|'.join(_IN_WORDS)})\b")
_UNITS = {
    "per cent": "million", "percent": "million", "%": " million", "million": "billion", "billion": "million",
    "km": "miles", "kilometres": "miles", "miles": "kilometres", "metres": "feet", "feet": "metres", "tonnes": "kilograms",
    "minutes": "hours", "hours": "days", "days": "weeks", "weeks": "months", "months": "years", "years": "months",
    "£": "$", "$": "£", "€": "$", "pounds": "dollars", "dollars": "euros",
}  # fmt: skip
_UNIT = re.compile(r"(?<=\d)%|[£$€](?=\d)|\b(?:" + "|".join(unit for unit in _UNITS if unit[0].isalpha()) + r")\b")
_SAID = re.compile(r"\b(said|says|told|warned|added|announced|according to|argued|claimed|believes?|thinks)\b")
_SPEAKER = re.compile(
    r"([A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)*)(?=,? (?:said|says|told|warned|added|announced|argued|claimed|believes?|thinks)\b)"
    r"|(?<=(?:said|told) )[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)*|(?<=according to )[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)*"
)
_VERB = re.compile(r"\b(is|are|was|were|will|would|could|can|has|had|did|does)\b(?! not|n[’']t)")
_NOT = re.compile(r"\b(?:not |never )|(?<=[a-z])n[’']t\b")
_QUOTE = re.compile(r"“([^”]{12,})”|\"([^\"]{12,})\"")
_CLAUSE = re.compile(r", (?:who|which|where|while|after|when|including)\b")
_ASIDE = re.compile(r", (?:who|which|an?|the) [^,“”\"]{5,60},(?= [a-z])")

Pick = random.Random
Lie = Callable[[str, Sequence[str], Pick], str | None]
"""Of a sentence, with other sentences to take from: the lie, or None."""


def swap_name(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """Another name of the archive stands where one stood."""
    return _swap(sentence, _NAME, [name for other in others for name in _NAME.findall(other)], pick)


def swap_number(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """Another number, in digits or in words."""
    if found := list(_NUMBER.finditer(sentence)):
        chosen = pick.choice(found)
        if not _YEAR.fullmatch(chosen.group()):
            value = float(chosen.group().replace(",", ""))
            other = value + pick.choice((1, 2, 5, -1, 10)) if value > 1 else value + 1
            return _put(sentence, chosen, f"{other:,.0f}" if value.is_integer() else f"{other:.1f}")
    return _swap(sentence, _WORDED, list(_IN_WORDS), pick)


def swap_year(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """Another year."""
    found = list(_YEAR.finditer(sentence))
    return (
        _put(sentence, one := pick.choice(found), str(int(one.group()) + pick.choice((-3, -1, 1, 2))))
        if found
        else None
    )


def swap_unit(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """Another unit."""
    found = list(_UNIT.finditer(sentence))
    return _put(sentence, one := pick.choice(found), _UNITS[one.group()]) if found else None


def swap_speaker(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """Somebody else said it."""
    return _swap(sentence, _SPEAKER, [name for other in others for name in _NAME.findall(other)], pick)


def negate(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """The opposite."""
    if found := list(_NOT.finditer(sentence)):
        return _put(sentence, found[0], "")
    found = list(_VERB.finditer(sentence))
    return _put(sentence, found[0], f"{found[0].group()} not") if found else None


def stretch_quote(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """Words are put into somebody's mouth: a quotation with a word changed, or one that was none."""
    found = list(_QUOTE.finditer(sentence))
    donors = [words for other in others if len(words := other.rstrip(".").split()) > 8]
    if not found or not donors:
        return None
    tail = " ".join(pick.choice(donors)[2:7])
    end = found[0].end() - 1
    return f"{sentence[:end].rstrip(',.')} and {tail}{sentence[end:]}"


def unsay(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """What somebody said is told as a fact."""
    begun = re.match(r"(?:[A-ZÀ-Þ][\w’'-]+ ){1,4}(?:said|says|claimed|believes|argued)(?: that)? (?=[a-z])", sentence)
    if begun and len(sentence[begun.end() :].split()) > 5:
        return sentence[begun.end()].upper() + sentence[begun.end() + 1 :]
    ended = re.search(
        r",[”\"]? (?:(?:\w+ )?[A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)*|he|she|they|officials) (?:said|says)[^,]*\.$",
        sentence,
    )
    return f"{re.sub('[“”]', '', sentence[: ended.start()])}." if ended else None


def be_surer(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """What may be is told as what is."""
    surer = re.sub(r"\b(?:may|might|could)\b", "will", sentence)
    surer = re.sub(r"\b(?:reportedly|allegedly|possibly|nearly|almost|about(?= \d)) ", "", surer)
    return surer if surer != sentence else None


def mix(sentence: str, others: Sequence[str], pick: Pick) -> str | None:
    """The beginning of one article's sentence and the end of another's."""
    words, donors = sentence.split(), [other.split() for other in others if len(other.split()) > 10]
    if len(words) < 10 or not donors:
        return None
    other = pick.choice(donors)
    return " ".join([*words[: len(words) // 2], *other[len(other) // 2 :]])


LIES: Mapping[str, Lie] = {
    "name": swap_name, "number": swap_number, "year": swap_year, "unit": swap_unit, "speaker": swap_speaker,
    "negation": negate, "quote": stretch_quote, "mixed": mix,
    "unsaid": unsay, "surer": be_surer,
}  # fmt: skip
"""Kind -> how it is told."""


def loosely(sentence: str, pick: Pick, origin: str = "") -> str:
    """The same in a sloppy model's words: shorter, numbers in figures, without quotation marks or a first "But".

    `origin` is what may stand before it, such as "According to the Courier,".
    """
    text = re.sub(r"^(?:But|And|However,|Meanwhile,|Also,) (\w)", lambda match: match[1].upper(), sentence)
    if pick.random() < 0.5:
        text = _WORDED.sub(lambda match: str(_IN_WORDS[match.group()]), text)
    if pick.random() < 0.5 and (cut := _CLAUSE.search(text)) and len(text[: cut.start()].split()) > 6:
        text = f"{text[: cut.start()]}."
    if pick.random() < 0.5:
        text = _ASIDE.sub("", text, count=1)
    if pick.random() < 0.3:
        text = re.sub(r"[“”\"]", "", text)
    if pick.random() < 0.3:
        text = re.sub(r"(\d),(\d{3})", r"\1\2", text)
    if pick.random() < 0.2:
        text = re.sub(r"\bsaid\b", "says", text)
    return (
        f"{origin} {text[0].lower() if text.startswith(('The ', 'A ', 'In ')) else text[0]}{text[1:]}"
        if origin
        else text
    )


def _swap(sentence: str, pattern: re.Pattern[str], instead: Sequence[str], pick: Pick) -> str | None:
    found = list(pattern.finditer(sentence))
    if not found:
        return None
    chosen = pick.choice(found)
    kept = chosen.group().removeprefix("the ")
    fresh = [
        other
        for other in instead
        if other.casefold() not in sentence.casefold() and kept.casefold() not in other.casefold()
    ]
    return _put(sentence, chosen, chosen.group().replace(kept, pick.choice(fresh))) if fresh else None


def _put(sentence: str, match: re.Match[str], text: str) -> str:
    return sentence[: match.start()] + text + sentence[match.end() :]
