"""Who is named as the speaker in a sentence: cues of the verbs of saying, no tagger."""

from __future__ import annotations

import re
from typing import NamedTuple

from index.text.names import without_possessive
from index.text.terms import is_stop_word, terms
from newsdesk.wording.dateline import CALENDAR
from newsdesk.wording.sentences import CAPITALS

_SAID = (
    r"(?:sa(?:id|ys)|told|tells|warn(?:ed|s)|add(?:ed|s)|argue[ds]|call(?:ed|s)|claim(?:ed|s)|insist(?:ed|s)|denied|denies|state[ds]|"
    r"describe[ds]|wrote|writes|ask(?:ed|s)|explain(?:ed|s)|recall(?:ed|s)|replied|shouted|declared|complained|promised|dubbed|"
    r"remarked|commented|joked|admitted|exclaimed|announced|tweeted|answered|spoke of|speaks of|calling|saying|describing)"
)
_NAME_WORD = rf"[{CAPITALS}][\w’'.-]*\w"
_NAME = re.compile(rf"{_NAME_WORD}(?: (?:(?:de|van|von|der|bin|al|el|la|of|du|da) )?{_NAME_WORD})*")
_PRONOUN = re.compile(r"\b(?:he|she|they|it|I|we)\b", re.IGNORECASE)
_VERB = re.compile(rf"\b{_SAID}\b")
_BY = re.compile(r"\b(?:according to|(?:called|described|dubbed|branded|labelled)\b[^“”\"]*? by)\s+")
_QUOTED = re.compile(r"“[^”]*(?:”|$)|\"[^\"]*(?:\"|$)|^[^“\"]*”")


class Speaker(NamedTuple):
    """Who speaks; without a name where it is a pronoun."""

    name: str


def speaker_in(sentence: str, words: tuple[int, int] | None = None) -> Speaker | None:
    """The speaker that the sentence names for what it quotes; None when it names none. `words`: where those asked about stand."""
    outside = _blanked(sentence, words)
    named = _BY.search(outside)
    if named:
        name = _first_name(outside[named.end() :])
        if name:
            return Speaker(name)
    verbs = list(_VERB.finditer(outside))
    if not verbs:
        return None
    verb = min(verbs, key=lambda each: _distance(each, words)) if words else verbs[-1]
    before, behind = _segment_before(outside, verb.start()), outside[verb.end() :]
    if not re.search(r"\w", before):  # “...,” said Mara Lind, who ...
        name = _first_name(re.split(r"\x00", behind)[0])
        return Speaker(name) if name else Speaker("") if _PRONOUN.match(behind.strip()) else None
    subject = before.split(",")[0] if before.rstrip().endswith(",") else before
    names = [name for match in _NAME.finditer(subject) if (name := _bare(match.group()))]
    if re.search(rf"{_PRONOUN.pattern}\W*(?:has |had |have |also |later |then |\w+ly )*$", before, re.IGNORECASE):
        return Speaker("")
    if names:
        return Speaker(names[0] if subject is not before else names[-1])
    return None


def named_in(sentence: str, part: str = "") -> str:
    """The last full name in the sentence, outside of quotations; with `part`, one that ends in this word. Empty when there is none."""
    names = [name for match in _NAME.finditer(_blanked(sentence, None)) if (name := _bare(match.group()))]
    if part:
        fitting = [name for name in names if without_possessive(name.split()[-1]) == part and " " in name]
    else:
        fitting = [name for name in names if " " in name]
    return without_possessive(fitting[-1]) if fitting else ""


def tells_speech(sentence: str) -> bool:
    """Whether it has a verb of saying, or names whose words they are ("according to")."""
    return bool(_VERB.search(sentence) or _BY.search(sentence))


def is_quoted(sentence: str) -> bool:
    """Whether it holds the end or the beginning of a quotation."""
    return bool(re.search(r"[“”\"]", sentence))


def _blanked(sentence: str, words: tuple[int, int] | None) -> str:
    """The sentence with what is quoted, and the words asked about, blanked out."""
    text = _QUOTED.sub(lambda match: "\x00" * len(match.group()), sentence)
    if words:
        start, end = max(0, words[0]), min(len(text), words[1])
        text = text[:start] + "\x00" * (end - start) + text[end:]
    return text


def _segment_before(text: str, end: int) -> str:
    """From the quotation before a verb, or the beginning, to the verb."""
    return re.split(r"\x00|;", text[:end])[-1]


def _distance(verb: re.Match[str], words: tuple[int, int]) -> int:
    return max(words[0] - verb.end(), verb.start() - words[1], 0)


def _first_name(text: str) -> str:
    match = _NAME.search(text)
    return without_possessive(_bare(match.group())) if match else ""


def _bare(name: str) -> str:
    """Without a first word that has its capital from the sentence alone, and days."""
    words = name.split()
    while words and (words[0] in CALENDAR or all(is_stop_word(term) for term in terms(words[0]))):
        words = words[1:]
    return " ".join(words)
