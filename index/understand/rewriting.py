"""Writes a follow-up as the question it stands for: "How much did they pay?" as "How much did Pieter and Anneke Vos pay?".

Three kinds are written: a question word alone is put before what was asked ("Why?"), a new name or year takes the place
of the old one ("And Hyundai?", "And in 2016?"), and a pronoun gives way to whom or what it means. What is none of these,
or leaves a doubt, is left to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsdesk.types import Turn
from newsdesk.wording.sentences import CAPITALS

SHORT = 8
"""Words, at most, of an answer that names what was asked for, rather than telling of it."""

_AUX = r"(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could|should|must|may)"
_ASKED = re.compile(
    rf"^\W*(?:(?:and|but|so|ok)\b\W*)*(?P<of>(?:\w+ )?(?:who|whom|whose|what|which|when|where|why|how)\b(?:(?! {_AUX}\b)[^,?])*?)"
    rf"(?P<aux> {_AUX}\b|[’']s\b)(?P<rest> [^?]+)\??\s*$",
    re.IGNORECASE,
)
"""What is asked for, the auxiliary behind it, and the rest."""
_ASKED_BY_SUBJECT = re.compile(r"^\W*(?P<of>who|(?:which|what) [\w-]+) (?P<rest>[a-z][^?]+)\??\s*$", re.IGNORECASE)
"""The same where what is asked for does something: "Which actress turned down the prize?"."""
_GOES_ON = r"^\W*(?:(?:and|but|so|or|also|ok|great)\b\W*)*"
_ALONE = re.compile(
    rf"{_GOES_ON}(?P<asks>(?:(?:from|since|until|till|by|for|of|to|at|in) )?(?:why|when|where|how|what|whom|which \w+|"
    r"how (?:much|many|long|often|old|far)))(?: (?P<last>with|for|from|to|by|of))?\W*$",
    re.IGNORECASE,
)
_OF_PLACE_TIME = re.compile(r"^(?:(?:from|since|until|in|at) )?(?:when|where|why|how)$", re.IGNORECASE)
_ASKS_THING = re.compile(r"^(?:which|what|whom|how (?:much|many))\b", re.IGNORECASE)
_HOW_MANY = re.compile(r"^how many (?P<things>.+)$", re.IGNORECASE)
_SLOT = re.compile(rf"{_GOES_ON}(?:(?:what|how) about )?(?P<new>[^?,]+?)\W*$", re.IGNORECASE)
_NAME = (
    rf"(?:[a-z]{{1,3}}[-’'])?[{CAPITALS}][\w’'.&-]*(?:(?: (?:of|de|van|von|der|al|the|and))? [{CAPITALS}][\w’'.&-]*)*"
)
_NAMES = re.compile(rf"(?<![\w-]){_NAME}")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_HE = re.compile(r"\b(?:he|him|his)\b", re.IGNORECASE)
_SHE = re.compile(r"\b(?:she|her)\b", re.IGNORECASE)
_THEY = re.compile(r"\b(?:they|them|their)\b", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|its)\b(?! (?:true|takes?|took|possible|rain|snow)\b)", re.IGNORECASE)
_POINTS = re.compile(r"\b(?:he|him|his|she|her|they|them|their|it|its|that|those|there)\b", re.IGNORECASE)
_OWNING = ("his", "her", "their", "its")
_ASKS_PERSON = re.compile(
    r"\b(?:who|whom|whose|anyone|anybody|(?:which|what) (?!other\b|number\b|\w*(?:paper|maker|brewer)\b)"
    r"(?:\w+(?:er|or|ee|ist|ian|ess|man|woman)|coach|chief|boss|captain|star|king|queen|vet))\b",
    re.IGNORECASE,
)
_ASKS_NO_NAME = re.compile(
    r"\b(?:how|when|where|why|(?:which|what) (?:\w+ )?(?:town|city|country|place|year|day|month|prison))\b",
    re.IGNORECASE,
)
_HAS_AUX = re.compile(rf"\b(?:{_AUX}|who|which|what)\b|[’']s\b", re.IGNORECASE)
_NO_QUESTION = re.compile(rf"{_GOES_ON}(?:when|where|why|how) (?:he|she|they|it)\b", re.IGNORECASE)
_DOER = re.compile(rf"\b{_AUX} (?P<name>{_NAME})|(?P<owner>{_NAME})[’']s\b")
"""Who does what a question is about: "did Michael Howard", "Howard's"."""


def rewritten(question: str, before: Sequence[Turn]) -> str | None:
    """The question that a follow-up stands for, after these turns, the oldest first; None when that is not plain."""
    written: list[Turn] = []
    for place, turn in enumerate(before):
        written.append(Turn(_rewritten(turn.question, written, before[:place]) or turn.question, turn.answer))
    return _rewritten(question, written, before)


def _rewritten(question: str, written: Sequence[Turn], before: Sequence[Turn]) -> str | None:
    """The same after turns that were written out, and as they were put."""
    if not written:
        return None
    return (
        _of_question_word(question, written[-1])
        or _of_slot(question, written[-1])
        or _of_person(question, written, before)
        or _of_thing(question, written[-1])
    )


def short_answer(turn: Turn) -> str:
    """The answer of a turn when it only names what was asked for; else nothing."""
    answer = re.sub(r"^(?:The|A|An)\b", lambda article: article[0].lower(), turn.answer.strip().rstrip("."))
    return answer if 0 < len(answer.split()) <= SHORT else ""


def _of_question_word(question: str, turn: Turn) -> str | None:
    """ "Why?" after "Which coach did Rovers dismiss?", answered by "Strand": "Why did Rovers dismiss Strand?"."""
    alone = _ALONE.match(question)
    asked = _ASKED.match(turn.question) or _ASKED_BY_SUBJECT.match(turn.question)
    if alone is None or asked is None or _POINTS.search(turn.question):
        return None
    of, answer = asked["of"].strip(), short_answer(turn)
    aux = asked.groupdict().get("aux", "")
    if aux.endswith("s") and aux[0] in "’'":
        if " " in of:
            return None  # "which singer's song"
        aux = " is"
    if _OF_PLACE_TIME.match(of):
        text = f"{alone['asks']}{aux}{asked['rest']}"
    elif of.lower().startswith("how ") and not _HOW_MANY.match(of):
        return None
    else:
        things = _HOW_MANY.match(of)
        named = f"{answer} {things['things']}" if things and answer and answer.split()[-1] not in things[0] else answer
        if aux.strip().lower() in ("did", "do", "does"):
            text = f"{alone['asks']}{aux}{asked['rest'].rstrip()} {named}".rstrip()
        elif named and not _ASKS_THING.match(alone["asks"]):
            text = f"{alone['asks']} was it that {named}{aux} {asked['rest'].strip()}"
        else:
            return None
    return _sentence(f"{text} {alone['last']}" if alone["last"] else text)


def _of_slot(question: str, turn: Turn) -> str | None:
    """ "And Hyundai?" after "How much did Suzuki sell?": "How much did Hyundai sell?"; so of a year."""
    slot = _SLOT.match(question)
    if slot is None or _ALONE.match(question):
        return None
    new = slot["new"].strip()
    if re.fullmatch(r"(?:in )?(?:1[5-9]|20)\d\d", new):
        years = _YEAR.findall(turn.question)
        return _sentence(_YEAR.sub(new[-4:], turn.question)) if len(years) == 1 else None
    bare = re.sub(r"^the ", "", new)
    if new == question.strip(" ?") and " " not in new:
        return None  # its capital may be a sentence's: "Education?"
    if not _NAMES.fullmatch(bare) or _ASKS_PERSON.search(turn.question) or turn.question.lower().startswith("which"):
        return None  # of whom is asked for, the new name may be one
    start = _first_word(turn.question)
    pronoun = _HE.search(turn.question, start) or _SHE.search(turn.question, start)
    if pronoun:
        return _sentence(_put(turn.question, pronoun, new))
    old = _NAMES.search(turn.question, start)
    if old is None or (new != bare) != turn.question[: old.start()].endswith("the "):
        return None  # "the Prius" is no "Hyundai"
    owning = re.search(r"[’']s?$", old[0])
    return _sentence(turn.question[: old.start()] + bare + (owning[0] if owning else "") + turn.question[old.end() :])


def _of_person(question: str, written: Sequence[Turn], before: Sequence[Turn]) -> str | None:
    """ "He" or "she" gives way to the person named last, unless there was talk of both."""
    he, she = _HE.search(question), _SHE.search(question)
    pronoun, other = (he, _SHE) if he else (she, _HE)
    if pronoun is None or not _HAS_AUX.search(question) or _NO_QUESTION.match(question):
        return None
    if any(other.search(text) for text in (question, *(turn.question for turn in before))):
        return None
    meant = _last_person(written)
    return _sentence(_put(question, pronoun, meant)) if meant else None


def _of_thing(question: str, turn: Turn) -> str | None:
    """ "They" or "it" gives way to what was answered, where that is a name; "it" to none that answers "who"."""
    pointed = _POINTS.search(question)
    if (
        pointed is None
        or _NAMES.search(question, _first_word(question), pointed.start())
        or not _HAS_AUX.search(question)
    ):
        return None  # a name before it may be meant
    they, it, answer = _THEY.search(question), _IT.search(question), _named_in_answer(turn)
    if they and answer:
        return _sentence(_put(question, they, answer))
    if it and answer and not _ASKS_PERSON.search(turn.question):
        return _sentence(_put(question, it, answer))
    return None


def _last_person(before: Sequence[Turn]) -> str | None:
    """The person named last: as an answer to "who", or as who does what a question is about."""
    for turn in reversed(before):
        answer = _named_in_answer(turn)
        if answer and _ASKS_PERSON.search(turn.question):
            return answer
        doer = _DOER.search(turn.question, _first_word(turn.question))
        if doer:
            return str(doer["name"] or doer["owner"])
    return None


def _named_in_answer(turn: Turn) -> str:
    """The answer, where it is a name."""
    answer = short_answer(turn)
    return answer if _NAMES.fullmatch(answer) and not _ASKS_NO_NAME.search(turn.question) else ""


def _first_word(text: str) -> int:
    """Where it ends: its capital makes no name of it."""
    found = re.match(r"\W*\w*", text)
    return found.end() if found else 0


def _put(text: str, pronoun: re.Match[str], meant: str) -> str:
    """The text with what is meant for the pronoun."""
    owning = pronoun[0].lower() in _OWNING and not re.match(r"\W*$", text[pronoun.end() :])
    ending = ("’" if meant.endswith("s") else "’s") if owning else ""
    return text[: pronoun.start()] + meant + ending + text[pronoun.end() :]


def _sentence(text: str) -> str:
    """As a question is written, without the "And" before it."""
    text = " ".join(re.sub(_GOES_ON, "", text.strip(), flags=re.IGNORECASE).rstrip(" ?!.").split())
    return f"{text[:1].upper()}{text[1:]}?"
