"""Whether a clause tells of what was or of what is to come: cues of its verbs, no tagger.

It decides whether "on Monday" is the Monday before an article or the one after it. A wrong day is worse than none, so
where the cues are missing or contradict each other it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

Tense = Literal["past", "future"]
_Cue = Literal["past", "future", "present", "timetable", "doubtful"]

_AHEAD = frozenset("will shall ’ll won’t may might can must should".split())
_NOW = frozenset("is are isn’t aren’t be".split())
_DOUBTFUL = frozenset("would could wouldn’t couldn’t ’d".split())
_WAS = frozenset("was were wasn’t weren’t".split())
_HAS = frozenset("has have ’ve".split())
_HAD = frozenset("had did didn’t hadn’t hasn’t haven’t been".split())
_AUXILIARIES = _AHEAD | _NOW | _DOUBTFUL | _WAS | _HAS | _HAD
_LOOKING_AHEAD = frozenset("to due set going expected scheduled supposed planned".split())
"""Behind "was" they leave open whether it came about; behind "is" they are the present, so to come."""
_INTENT = re.compile(
    r"(?:vote|decide|agree|promise|plan|vow|ask|want|hope|intend|pledge|threaten|offer|propose|order|urge|invite|expect|"
    r"schedule|prepare|call|aim|seek)(?:ned|ed|d|s)?"
)
"""What is meant to happen later than the saying of it: "voted to stop work from Monday"."""
_TIMETABLE = re.compile(
    r"(?:re)?(?:open|begin|start|meet|resume|go|come|arrive|sit)(?:s|es)?|(?:close|end|return|take|face|play)s"
)
"""Verbs of which newspapers use the present for what is to come: "the trial opens on Monday"."""
_IRREGULAR = frozenset(
    """beat began bent bit blew bore bought broke brought built burnt came caught chose cut drew drove ate fell felt fought found
    fled flew forgot froze gave went grew heard held hid hit hurt kept knew laid led left lent let lit lost made meant met
    paid put quit ran rang read rode rose said sang sank sat saw sent set shook shone shot shut slept slid sold sought spent
    split spoke spread stood stole struck stuck swam swept swore taught thought threw told took tore understood woke won
    wore wrote withdrew overtook overthrew became died lied tied""".split()
)
_NOT_PAST = frozenset(
    "hundred naked sacred wicked kindred proceed exceed succeed need indeed speed feed seed weed breed bleed heed".split()
)
"""Words that end like a past and are none."""
_DETERMINERS = frozenset(
    "a an the his her its their our my this that these those of with no some several many any two three four five both".split()
)
_REACH = 4  # words from an auxiliary to its verb: "has not yet been named"
_BREAK = re.compile(
    r"[,;:](?!\d)|[()“”\"]|\s[–—-]+\s|\b(?:that|although|while|because|which|who|when|if|why|how|whether)\b"
)
_AFTER = re.compile(r"\bafter\b")
_LEADS_AHEAD = re.compile(
    r"\b(?:before|until|till|by|for|to|ahead of)(?: (?:next|the|late|early|at least|about))* $", re.I
)
"""The day itself may be to come, whatever has happened: "was dropped ahead of Saturday’s match"."""
_IS_ON = re.compile(r"\b(?:is|are) (?:not )?(?:(?:on|until|this|next|due|early|late) )*$")
"""Only then is it the day that the present is of: "the final is on Monday", not "the case is like that of Monday"."""
_CLITIC = r"[’'](?:ll|d|ve)\b"
_WORD = re.compile(rf"{_CLITIC}|[^\W\d_]+?(?={_CLITIC})|[^\W\d_]+(?:[’'-][^\W\d_]+)*|\d+")


def tense_around(sentence: str, start: int, end: int) -> Tense | None:
    """The tense of the clause in which characters [start:end] stand; None when it is not plain."""
    tense = _of_clause(sentence, start, end)
    return None if tense == "past" and _LEADS_AHEAD.search(sentence[:start]) else tense


def _of_clause(sentence: str, start: int, end: int) -> Tense | None:
    before, after = _clause(sentence, start, end)
    main, *later = _AFTER.split(before)
    if later and not _cues(later[-1]):  # what was done "after Monday's talks" was done later than they were held
        return "past" if _verdict(_cues(main)[::-1]) == "past" else None
    led, followed = _cues(before), _cues(after)
    if led and _only_reports(before) and followed and followed[0] != "past":  # "said talks on Monday would ..."
        return None
    if any(map(_is_past, _WORD.findall(after)[:1])):  # "they are looking for more and on Monday opened ..."
        return "past"
    if led:
        return None if led[-1] == "present" and not _IS_ON.search(before) else _verdict(led[::-1])
    if followed and followed[0] in ("present", "timetable"):  # "Wednesday’s raid is proof of ..."
        return None
    return _verdict(followed)


def _clause(sentence: str, start: int, end: int) -> tuple[str, str]:
    """The words of the clause before [start:end] and after it; of "On Saturday, he was crowned" those after the comma."""
    before, (after, *rest) = _BREAK.split(sentence[:start])[-1], _BREAK.split(sentence[end:])
    opens = before == sentence[:start] and len(_WORD.findall(before)) <= 1 and not _WORD.findall(after)
    return before, rest[0] if opens and rest else after


def _verdict(cues: Sequence[_Cue]) -> Tense | None:
    """What the nearest cue says, unless a verb that may as well be a noun says otherwise."""
    if not cues or cues[0] == "doubtful":
        return None
    if cues[0] != "future" and {"timetable", "past"}.issubset(cues):
        return None
    return "past" if cues[0] == "past" else "future"


def _only_reports(clause: str) -> bool:
    """Whether the last verb is "said" with something said right behind it, of which the day may be a part."""
    return bool(re.search(r"\bsaid (?!(?:on|in|at|late|early|last)\b)\w", clause))


def _cues(clause: str) -> list[_Cue]:
    """The cues of the clause in reading order."""
    words = [word.replace("'", "’") for word in _WORD.findall(clause)]
    return list(_read(words))


def _read(words: Sequence[str]) -> Iterator[_Cue]:
    taken = -1  # the last word that belongs to an auxiliary
    for place, word in enumerate(words):
        following = words[place + 1 : place + 1 + _REACH]
        if word in _AUXILIARIES:
            cue = None if place <= taken else _of_auxiliary(word, following)
            taken = max(taken, place + _REACH) if cue or place <= taken else taken
        elif word == "to" and following and following[0] not in _DETERMINERS and following[0].islower():
            cue = _of_infinitive(words[max(0, place - _REACH) : place])
            taken = max(taken, place + 1)
        else:
            cue = None if place <= taken else _of_verb(word, words[place - 1] if place else "", following)
        if cue:
            yield cue


def _of_auxiliary(word: str, following: Sequence[str]) -> _Cue | None:
    if word in _AHEAD:
        return "doubtful" if "have" in following[:2] else "future"
    if word in _NOW:
        return _of_now(following)
    if word in _DOUBTFUL:
        return "doubtful"
    if word in _HAD:
        return "past"
    if word in _WAS:
        return "doubtful" if _LOOKING_AHEAD.intersection(following[:1]) else "past"
    if following[:1] == ["to"]:
        return "future"  # "has to appear in court on Monday"
    return "past" if any(_is_past(each) or each == "been" for each in following) else None


def _of_now(following: Sequence[str]) -> _Cue:
    """ "Is to open" is to come; "is carried" and "are looking for" may describe what has just been."""
    if _LOOKING_AHEAD.intersection(following[:2]):
        return "future"
    verb = any(_is_past(each) or each.endswith("ing") for each in following[:2])
    return "doubtful" if verb else "present"


def _of_infinitive(before: Sequence[str]) -> _Cue | None:
    """What is intended is to come, or was when it was intended; of other infinitives the verb before them tells."""
    if "due" in before[-1:] or "likely" in before[-1:]:
        return "future" if not _WAS.intersection(before) else "doubtful"
    if not any(map(_INTENT.fullmatch, before)):
        return None
    present = not any(map(_is_past, before)) or bool(_NOW.intersection(before))
    return "future" if present else "doubtful"  # "voted to stop on Monday", "seemed to want to win on Sunday"


def _of_verb(word: str, previous: str, following: Sequence[str]) -> _Cue | None:
    if previous.casefold() in _DETERMINERS or previous.endswith("’s"):  # "the disputed contract", "its end"
        return None
    if _is_past(word):
        return None if following[:1] in (["of"], ["by"]) and word.endswith("ed") else "past"  # "a ship owned by"
    return "timetable" if _TIMETABLE.fullmatch(word) else None


def _is_past(word: str) -> bool:
    return word in _IRREGULAR or (word.endswith("ed") and word.islower() and len(word) > 4 and word not in _NOT_PAST)
