"""Other spellings of what is asked: "Albab" for al-Bab, "Kiev" for Kyiv, and whatever a newsroom adds.

Accents and case are taken care of by the analyser (index.text.terms), slips of the pen by the keyword index, which looks
for near terms when one stands nowhere in the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from index.text.terms import is_stop_word, terms
from newsdesk.errors import SettingsError
from newsdesk.wording.quoted import quoted

VARIANT_WEIGHT = 0.5
"""Weight of a term of another spelling, against 1 for the question's own. By reasoning: of two passages, the one that
spells as the question does is to lead, and none is to be lost."""
_SHORTEST_PART = 2  # letters: "al" of Albab

PACKAGED = Path(__file__).with_name("aliases.txt")

Spelling = tuple[str, ...]
"""A word or a name, as its terms."""
Names = tuple[Spelling, ...]
"""Spellings of one name."""
Respelt = tuple[Spelling, tuple[Spelling, ...]]
"""A spelling of the question, and the other ones."""


def read_aliases(file: Path) -> list[Names]:
    """The names of a file with one a line, spellings apart by " = ": "Kyiv = Kiev". "#" begins a comment.

    Raises SettingsError for a file that cannot be read or a line with fewer than two spellings.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The aliases in {file} cannot be read: {error}. Name another file, or none.") from error
    found = []
    for number, line in enumerate(lines, start=1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        spellings = tuple(tuple(terms(spelling)) for spelling in line.split("="))
        if len(spellings) < 2 or not all(spellings):
            raise SettingsError(
                f"Line {number} of {file} is {quoted(line)}. Write at least two spellings, apart by =, such as: Kyiv = Kiev"
            )
        found.append(spellings)
    return found


def with_variants(
    weights: Mapping[str, float], question: str, aliases: Sequence[Names], in_archive: Callable[[str], bool]
) -> dict[str, float]:
    """The search terms with those of other spellings added, at less weight.

    `in_archive` says whether a term stands anywhere in it: words are joined or split only into words that it knows.
    """
    added = dict(weights)
    for _, others in other_spellings(weights, question, aliases, in_archive):
        for term in (term for other in others for term in other):
            added.setdefault(term, VARIANT_WEIGHT)
    return added


def other_spellings(
    asked_for: Iterable[str], question: str, aliases: Sequence[Names], in_archive: Callable[[str], bool]
) -> list[Respelt]:
    """What of the question is spelt in other ways too, and how. `asked_for` is its terms that may be split."""
    asked = terms(question)
    known = frozenset(asked)
    found: list[Respelt] = []
    for spellings in aliases:
        for spelling in spellings:
            if spelling[0] in known and _runs_in(spelling, asked):
                found.append((spelling, tuple(other for other in spellings if other != spelling)))
    for one, other in pairwise(asked):
        if (
            min(len(one), len(other)) >= _SHORTEST_PART
            and in_archive(one + other)
            and not _is_chance(one, other, in_archive)
        ):
            found.append(((one, other), ((one + other,),)))
    for term in asked_for:
        parts = () if in_archive(term) else _split(term, in_archive)
        if parts:
            found.append(((term,), (parts,)))
    return found


def as_asked(found: frozenset[str], respelt: Sequence[Respelt]) -> frozenset[str]:
    """The terms found, with those of the question that they spell in another way."""
    said = [asked for asked, others in respelt if any(found.issuperset(other) for other in others)]
    return found.union(*said)


def _is_chance(one: str, other: str, in_archive: Callable[[str], bool]) -> bool:
    """Whether two words only happen to make a third: "is land", where both are known and one is everywhere."""
    return in_archive(one) and in_archive(other) and (is_stop_word(one) or is_stop_word(other))


def _runs_in(spelling: Sequence[str], asked: Sequence[str]) -> bool:
    return any(tuple(asked[start : start + len(spelling)]) == tuple(spelling) for start in range(len(asked)))


def _split(term: str, in_archive: Callable[[str], bool]) -> Spelling:
    """Two words of the archive that it may be made of: "albab" is al + bab."""
    for place in range(_SHORTEST_PART, len(term) - _SHORTEST_PART + 1):
        if in_archive(term[:place]) and in_archive(term[place:]):
            return term[:place], term[place:]
    return ()
