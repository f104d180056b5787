"""Whether a follow-up that an LLM wrote out can be believed: it asks what was asked, of what was talked about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from index.text.names import without_possessive
from index.text.quantities import figures
from index.text.terms import is_stop_word, terms
from index.understand.conversation import only_points, standalone
from index.understand.days.window import time_window
from newsdesk.types import Turn

LONGEST = 300
"""Characters of a question that is believed."""
NEW_WORDS = 2
"""Words, at most, that stand neither in a question nor in a short answer; no name and no number is among them."""

_THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_LABEL = re.compile(r"^(?:[a-z -]{0,24}\b(?:question|rewritten|rewrite)|q)\s*:\s*", re.IGNORECASE)
_MARKUP = re.compile(r"[<>\[\]{}|\\]|https?:", re.IGNORECASE)
_ABOUT = re.compile(r"\b(?:what|how) about\b", re.IGNORECASE)
_ASKING = re.compile(
    r"\b(?:how (?:many|much|long|often|old|far|high|big|late|large)|who|whom|whose|what|which|when|where|why|how)\b",
    re.IGNORECASE,
)
_SAME = {"whom": "who", "which": "what"}
_ASKS_WHETHER = re.compile(
    r"^(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could|should|must|may)\b", re.IGNORECASE
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot)\b|n[’']t\b", re.IGNORECASE
)
_WORD = re.compile(r"\w+(?:[-’'&.]\w+)*")
_PADDING = frozenset(terms("ok okay one ones great thanks really please"))


def believed(written: str, question: str, before: Sequence[Turn], day: date) -> str | None:
    """The question that an LLM wrote for a follow-up, in one line with its mark; None where it cannot be believed.

    `before` are the turns that the follow-up leans on, as the LLM saw them, `day` the one on which it is asked. None too
    where the LLM changed nothing: whether the question stands alone after all is told by what is found for it.
    """
    text = _in_one_line(written)
    if not text or len(text) > LONGEST or _words(text) == _words(question) or only_points(text):
        return None
    holds = (
        _asks_the_same(text, question)
        and _keeps(text, question, before)
        and _invents_nothing(text, question, before)
        and _of_its_days(text, question, before, day)
    )
    return text if holds else None


def _in_one_line(written: str) -> str:
    """What was written as a question, without a label or marks of quotation; nothing where it is more than a line."""
    lines = [line.strip() for line in _THOUGHTS.sub("", written).splitlines() if line.strip()]
    if len(lines) != 1 or _MARKUP.search(lines[0]):
        return ""
    text = _LABEL.sub("", lines[0].strip("*`")).strip(" *`\"“”'’")
    return f"{text[:1].upper()}{text[1:].rstrip('?').rstrip()}?" if text and text[-1] not in ".!:" else ""


def _asks_the_same(text: str, question: str) -> bool:
    """Whether it asks who, when or how many where the question does; of one that only names something, whether it asks at all."""
    asked, asks = _asking(_ABOUT.sub("", question)), _asking(text)
    return asked <= asks if asked else bool(asks or _ASKS_WHETHER.match(text))


def _asking(text: str) -> set[str]:
    return {_SAME.get(each.lower(), each.lower()) for each in _ASKING.findall(text)}


def _keeps(text: str, question: str, before: Sequence[Turn]) -> bool:
    """Whether each word of the question that says something is still there, and "not" where it was."""
    if not _content(_ABOUT.sub("", question)) <= set(terms(text)):
        return False
    if _NEGATION.search(question):
        return bool(_NEGATION.search(text))
    return not _NEGATION.search(text) or any(_NEGATION.search(turn.question) for turn in before)


def _invents_nothing(text: str, question: str, before: Sequence[Turn]) -> bool:
    """Whether its names and numbers stand in the conversation, hardly a word is new, and it leans on what was talked about."""
    alone = standalone(question, before)
    asked = " ".join([alone.searched, question, *(turn.question for turn in before)])
    said = " ".join([asked, *(turn.answer for turn in before)])
    words = _WORD.findall(text)
    names = [word for place, word in enumerate(words) if _is_name(word, first=not place)]
    others = [word for place, word in enumerate(words) if not _is_name(word, first=not place)]
    new = _content(" ".join(others)) - set(terms(asked))
    writes_names = any(word[0].isupper() for word in words[1:])
    return (
        _numbers(text) <= _numbers(said)
        and set(terms(" ".join(map(without_possessive, names)))) <= set(terms(said))
        and len(new) <= (NEW_WORDS if writes_names else 0)
        and bool(_content(text) & set(alone.weights) - _content(question))
    )


def _is_name(word: str, *, first: bool) -> bool:
    """Whether it is a name, or holds a figure; the first word has a capital anyway, and is none where it says nothing."""
    return any(map(str.isdigit, word)) or (word[0].isupper() and not (first and not _content(word)))


def _numbers(text: str) -> set[float]:
    """The values of its figures; "one" is a word like others."""
    return {figure.value for figure in figures(text)} - {1.0}


def _of_its_days(text: str, question: str, before: Sequence[Turn], day: date) -> bool:
    """Whether it is about the days that the question names; where it names none, about none or those that were talked about."""
    asked, now = time_window(question, day), time_window(text, day)
    if asked is not None:
        return now is not None and (now.first, now.last) == (asked.first, asked.last)
    talk = " ".join(f"{turn.question} {turn.answer}" for turn in before).casefold()
    return now is None or now.text.casefold() in talk


def _content(text: str) -> set[str]:
    """The terms that say something."""
    return {term for term in terms(text) if not is_stop_word(term) and term not in _PADDING}


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]
