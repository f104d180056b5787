"""What a sentence says that a sentence of the evidence does not: numbers, names, words, negation, who said it.

Code alone, no model: each check counts, and what the counts are worth together is learnt (index/llm/support.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from index.text.quantities import Figure, figures, same_measure
from index.text.terms import is_stop_word, terms
from newsdesk.wording.sentences import sentence_spans

_WORD = re.compile(r"\d+(?:,\d{3})+|[^\W_]+")
_NEGATED = frozenset(
    "not no never neither nor none nobody nothing nowhere without cannot hardly barely scarcely unlikely t".split()
)
"""Words that turn a statement into its opposite; "t" is that of "didn't". English has no more of them every year."""
_SAYING = frozenset(
    terms(
        "say says said tell told according claim claimed announce announced add added warn warned report reported state "
        "stated argue argued insist insisted confirm confirmed deny denied believe believes think thinks suggest suggested "
        "explain explained write wrote admit admitted describe described predict predicted allege alleged accuse accused"
    )
)
"""Stems of the verbs that tell whose words or thoughts something is."""
_HEDGES = frozenset("may might could likely possible possibly alleged allegedly reportedly".split())
_ROUNDING = frozenset("about around nearly almost roughly some over".split())
"""What makes less of a statement; the second before a figure alone."""
_ENDINGS = frozenset("n an ian ish ese i ic s es er ers ean is ns ans".split())
_ROOT = 4  # letters that a name and its adjective share at least: "Turk(ey)", "Turk(ish)"
_IRREGULAR = {"said": "say", "told": "tell"}
_NEAR = 4  # words on each side of a verb of saying in which its speaker stands
_MOST = {"new pairs": 6.0}
_MOST_OF_OTHERS = 3.0
"""What is counted at most: three names that stand nowhere are as bad as ten."""

FAULTS = ("numbers", "names", "words", "new pairs", "negation", "said by nobody", "said by another", "hedges")
"""What `faults` counts."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text."""

    text: str
    stem: str
    starts: bool
    """It begins a sentence, so that its capital tells nothing."""

    @property
    def is_name(self) -> bool:
        """Whether it is written as a name."""
        return self.text[0].isupper() and not self.starts and self.text != "I"

    @property
    def carries(self) -> bool:
        """Whether it carries meaning of its own; figures are compared apart."""
        return (
            len(self.text) > 1
            and not self.stem[0].isdecimal()
            and not is_stop_word(self.stem)
            and self.text.casefold() not in _NEGATED
        )


class Said:
    """A text with its words and figures, worked out when they are first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Its words in order."""
        firsts = {match.start() for start, _ in sentence_spans(self.text) if (match := _WORD.search(self.text, start))}
        found = list(_WORD.finditer(self.text))
        return tuple(Word(each.group(), _stem(each.group()), each.start() in firsts) for each in found)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Stems of its words."""
        return frozenset(word.stem for word in self.words)

    @cached_property
    def carrying(self) -> frozenset[str]:
        """Stems of the words that carry meaning, and figures as they are written."""
        return frozenset(word.stem for word in self.words if word.carries or word.stem[0].isdecimal())

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Its neighbouring stems."""
        return frozenset(self._pairs())

    @cached_property
    def capitals(self) -> frozenset[str]:
        """Its words with a capital, in small letters."""
        return frozenset(word.text.casefold() for word in self.words if word.text[0].isupper())

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Its figures."""
        return tuple(figures(self.text))

    @cached_property
    def negated(self) -> frozenset[str]:
        """What is said not to be: the stem behind each word that turns a statement into its opposite."""
        found, waits = set(), False
        for word in self.words:
            if waits and word.carries:
                found.add(word.stem)
                waits = False
            waits = waits or word.text.casefold() in _NEGATED
        return frozenset(found)

    @cached_property
    def speakers(self) -> tuple[frozenset[str], ...]:
        """For each verb of saying, the stems of the words beside it: who speaks is one of them."""
        beside = []
        for place, word in enumerate(self.words):
            if word.stem in _SAYING:
                near = self.words[max(0, place - _NEAR) : place] + self.words[place + 1 : place + 1 + _NEAR]
                beside.append(frozenset(other.stem for other in near if other.text[0].isupper()))
        return tuple(beside)

    @cached_property
    def hedges(self) -> int:
        """How many words make less of it."""
        words = [word.text.casefold() for word in self.words]
        rounded = sum(one in _ROUNDING and any(map(str.isdecimal, other)) for one, other in pairwise(words))
        return rounded + sum(word in _HEDGES for word in words)

    def new_pairs(self, *others: Said) -> int:
        """How many of its neighbouring words are neighbours in none of the others."""
        return sum(not any(pair in other.pairs for other in others) for pair in self._pairs())

    def _pairs(self) -> Iterator[tuple[str, str]]:
        stems = [word.stem for word in self.words]
        return pairwise(stems)


def faults(sentence: Said, carrier: Said, about: Said) -> dict[str, float]:
    """How much of a sentence is not in `carrier`, a sentence of the evidence; each of FAULTS, 0 where nothing is wrong.

    `about` is the article's headline, outlet and day, where names and days may come from too.
    """
    stems = carrier.stems | about.stems
    capitals = carrier.capitals | about.capitals
    missing = [word for word in sentence.words if word.carries and word.stem not in stems]
    names = [word for word in missing if word.is_name]
    there = (*carrier.figures, *about.figures)
    counted = {
        "numbers": sum(not any(same_measure(figure, other) for other in there) for figure in sentence.figures),
        "names": sum(not any(same_name(word.text, other) for other in capitals) for word in names),
        "words": len(missing) - len(names),
        "new pairs": sentence.new_pairs(carrier, about),
        "negation": len(sentence.negated - carrier.negated)
        + len((carrier.negated - sentence.negated) & sentence.stems),
        "said by nobody": bool(carrier.speakers) and not sentence.speakers,
        "said by another": sum(_is_another(speaker, carrier.speakers) for speaker in sentence.speakers),
        "hedges": max(0, carrier.hedges - sentence.hedges),
    }
    return {name: min(float(counted[name]), _MOST.get(name, _MOST_OF_OTHERS)) for name in FAULTS}


def same_name(one: str, other: str) -> bool:
    """Whether one name is the other's adjective or plural: "Turkey", "Turkish"; not "Austria", "Australia"."""
    one, other = one.casefold(), other.casefold()
    both = zip(one, other, strict=False)
    common = next((place for place, (mine, theirs) in enumerate(both) if mine != theirs), min(len(one), len(other)))
    shorter, longer = sorted((one[common:], other[common:]), key=len)
    return common >= _ROOT and len(shorter) <= 2 and (longer in _ENDINGS or not longer)


def _is_another(speaker: frozenset[str], speakers: tuple[frozenset[str], ...]) -> bool:
    """Whether a speaker that is named is none of those of the evidence."""
    return bool(speaker) and not any(speaker & other for other in speakers)


@lru_cache(maxsize=10_000)
def _stem(word: str) -> str:
    """The stem of a word; of a number, however it is written, its figures."""
    figure = next(figures(word), None)
    if figure is not None and (figure.start, figure.end) == (0, len(word)):
        return f"{figure.value:.10g}"
    found = terms(word)
    return _IRREGULAR.get(found[0], found[0]) if found else word.casefold()
