"""A sentence of a draft beside one of the archive: what code alone can tell that they say differently.

Figures, days, names and denials are compared; what the two must have in common for that is decided in desk.drafts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Literal

from index.llm.checks import Said, Word, same_name
from index.text.quantities import Figure, in_base, same_measure
from newsdesk.wording.dateline import MONTHS, WEEKDAYS

Kind = Literal["figure", "unit", "day", "name", "denial", "words"]

_SCALE = re.compile(r"\btwice\b", re.IGNORECASE)
_YEAR = re.compile(r"1[0-9]\d\d|20\d\d", re.ASCII)
_BEHIND = 4  # words behind a figure among which what it counts is looked for
_CALENDAR = tuple(frozenset(map(str.casefold, names)) for names in (MONTHS, WEEKDAYS))
_DAYS = frozenset().union(*_CALENDAR)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a draft and the archive say differently, each in its own words."""

    kind: Kind
    draft: str
    archive: str
    counts_same: bool = False
    """Of figures: both plainly count the same things."""


class Sentence:
    """A sentence with what is compared of it."""

    def __init__(self, text: str) -> None:
        self.text = _SCALE.sub(lambda match: "two times", text)
        self.said = Said(self.text)
        self.figures = tuple(self.said.figures)

    def unit(self, figure: Figure) -> str:
        """What a figure is of: its unit in the base of its kind, or that it is a year; empty when that cannot be told."""
        written = self.text[figure.start : figure.end]
        return in_base(figure)[1] or ("a year" if _YEAR.fullmatch(written) else "")

    def counted(self, figure: Figure) -> list[str]:
        """Stems of the words right behind a figure, which say what it counts."""
        return [word.stem for word in Said(self.text[figure.end :]).words[:_BEHIND] if word.carries]

    def shown(self, figure: Figure) -> str:
        """The figure with the word behind it."""
        behind = re.match(r"[-\s]*[^\W\d_]+|%", self.text[figure.end :])
        return self.text[figure.start : figure.end] + (behind.group() if behind else "")

    @cached_property
    def names(self) -> tuple[Word, ...]:
        """Its words that are written as names, days and months not among them; its first word only before another name."""
        return tuple(
            word
            for word, behind in zip_longest(self.said.words, self.said.words[1:])
            if _is_written_as_name(word)
            and word.text.casefold() not in _DAYS
            and (not word.starts or (behind is not None and behind.is_name))
        )

    def word_before(self, word: Word) -> str:
        """The word before one of its words; empty before the first."""
        place = next(i for i, other in enumerate(self.said.words) if other is word)
        return self.said.words[place - 1].text.casefold() if place else ""


def _is_written_as_name(word: Word) -> bool:
    return word.text[0].isupper() and word.text != "I" and word.carries


def missing_figures(draft: Sentence, others: Iterable[Sentence]) -> list[Figure]:
    """The figures of the draft that none of the others has."""
    there = [figure for other in others for figure in other.figures]
    return [figure for figure in draft.figures if not any(same_measure(figure, other) for other in there)]


def other_figure(draft: Sentence, figure: Figure, beside: Sentence) -> Difference | None:
    """What `beside` has in the place of a figure that it lacks: of the same unit, and of the same things where that can be told."""
    free = [
        other for other in beside.figures if not any(same_measure(other, mine) for mine in draft.figures)
    ]  # fmt: skip
    for other in beside.figures:
        if figure.value == other.value and figure.unit and other.unit and in_base(figure)[1] != in_base(other)[1]:
            return Difference("unit", draft.shown(figure), beside.shown(other))
    unit = draft.unit(figure)
    alike = [other for other in free if beside.unit(other) == unit]
    if not alike:
        return None
    counted = draft.counted(figure)
    same = [other for other in alike if set(counted) & set(beside.counted(other))]
    chosen = same or (alike if len(alike) == 1 or unit else [])
    if not chosen:
        return None
    best = min(chosen, key=lambda other: abs(other.start / len(beside.text) - figure.start / len(draft.text)))
    return Difference("figure", draft.shown(figure), beside.shown(best), counts_same=bool(same))


def other_day(draft: Sentence, beside: Sentence, around: Sequence[Sentence]) -> Difference | None:
    """A month or weekday of the draft that nothing around has, where `beside` has another one."""
    for names in _CALENDAR:
        mine, theirs = _named(draft, names), _named(beside, names)
        known = {name for each in around for name in _named(each, names)}
        for name in mine:
            others = [other for other in theirs if other not in mine]
            if name not in known and others:
                return Difference("day", name.capitalize(), others[0].capitalize())
    return None


def _named(sentence: Sentence, names: frozenset[str]) -> list[str]:
    return [
        word.text.casefold() for word in sentence.said.words if word.text[0].isupper() and word.text.casefold() in names
    ]


def missing_names(draft: Sentence, others: Iterable[Sentence]) -> list[Word]:
    """The draft's names that none of the others has."""
    capitals = {name for other in others for name in other.said.capitals}
    return [
        word
        for word in draft.names
        if word.text.casefold() not in capitals and not any(same_name(word.text, other) for other in capitals)
    ]


def other_name(
    draft: Sentence, missing: Sequence[Word], beside: Sentence, known: Iterable[Sentence], alike: bool = False
) -> Difference | None:
    """The name that `beside` has in the place of one that it lacks: none that the draft's sentence or those before it have.

    With `alike`, only where the same word stands before both: "in Utrecht", "in Delft".
    """
    capitals = {name for each in (draft, *known) for name in each.said.capitals}
    free = [
        word
        for word in beside.names
        if not any(same_name(word.text, name) or word.text.casefold() == name for name in capitals)
    ]
    for mine in missing:
        for theirs in free:
            before = draft.word_before(mine)
            if not alike or (before and before == beside.word_before(theirs)):
                return Difference("name", _whole_name(draft, mine), _whole_name(beside, theirs))
    return None


def _whole_name(sentence: Sentence, word: Word) -> str:
    """A name with the names right beside it."""
    every = sentence.said.words
    first = last = next(i for i, other in enumerate(every) if other is word)
    while first and _is_written_as_name(every[first - 1]):
        first -= 1
    while last + 1 < len(every) and _is_written_as_name(every[last + 1]):
        last += 1
    return " ".join(each.text for each in every[first : last + 1])


def denial(draft: Sentence, beside: Sentence) -> Difference | None:
    """What one of the two denies and the other says."""
    mine, theirs = draft.said, beside.said
    if (mine.negated - theirs.negated) & theirs.stems or (theirs.negated - mine.negated) & mine.stems:
        return Difference("denial", draft.text, beside.text)
    return None
