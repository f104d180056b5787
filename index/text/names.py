"""The names in a text, by their capitals."""

from __future__ import annotations

import re

from index.text.terms import terms
from newsdesk.wording.sentences import CAPITALS

_NAME = re.compile(rf"(?<=[\w,;:)] )[“\"‘(]?([{CAPITALS}][\w’'-]+)|\d[\d.,]*")


def names_of(question: str) -> list[str]:
    """Names and numbers of the question; its first word has a capital anyway and does not count."""
    return [match.group() for match in _NAME.finditer(question)]


def without_possessive(name: str) -> str:
    """ "Ruritania" of "Ruritania's"."""
    return re.sub(r"[’']s?$", "", name) or name


def names_missing(question: str, found: frozenset[str]) -> float:
    """Share of the question's names and numbers of which no part was found."""
    names = [frozenset(terms(name)) for name in names_of(question)]
    return sum(name.isdisjoint(found) for name in names) / len(names) if names else 0.0
