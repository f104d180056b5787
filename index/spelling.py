"""Other spellings of what is asked: "Albab" for al-Bab, "Kiev" for Kyiv, and whatever a newsroom adds.

Accents and case are taken care of by the analyser (index.terms), slips of the pen by the keyword index, which looks
for near terms when one stands nowhere in the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from index.terms import terms
from newsdesk.errors import SettingsError

VARIANT_WEIGHT = 0.5
"""Weight of a term of another spelling, against 1 for the question's own. By reasoning: of two passages, the one that
spells as the question does is to lead, and none is to be lost."""
_SHORTEST_PART = 2  # letters: "al" of Albab

PACKAGED = Path(__file__).with_name("aliases.txt")

Names = tuple[tuple[str, ...], ...]
"""Spellings of one name, each as its terms."""


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
                f"Line {number} of {file} is {line!r}. Write at least two spellings, apart by =, such as: Kyiv = Kiev"
            )
        found.append(spellings)
    return found


def with_variants(
    weights: Mapping[str, float], question: str, aliases: Sequence[Names], in_archive: Callable[[str], bool]
) -> dict[str, float]:
    """The search terms with those of other spellings added, at less weight.

    `in_archive` says whether a term stands anywhere in it: words are joined or split only into words that it knows.
    """
    asked = terms(question)
    more: list[str] = []
    for spellings in aliases:
        if any(_runs_in(spelling, asked) for spelling in spellings):
            more += [term for spelling in spellings for term in spelling]
    for one, other in pairwise(asked):
        if min(len(one), len(other)) >= _SHORTEST_PART and in_archive(one + other):
            more.append(one + other)
    for term in weights:
        if not in_archive(term):
            more += _split(term, in_archive)
    added = dict(weights)
    for term in more:
        added.setdefault(term, VARIANT_WEIGHT)
    return added


def _runs_in(spelling: Sequence[str], asked: Sequence[str]) -> bool:
    return any(tuple(asked[start : start + len(spelling)]) == tuple(spelling) for start in range(len(asked)))


def _split(term: str, in_archive: Callable[[str], bool]) -> list[str]:
    """Two words of the archive that it may be made of: "albab" is al + bab."""
    for place in range(_SHORTEST_PART, len(term) - _SHORTEST_PART + 1):
        if in_archive(term[:place]) and in_archive(term[place:]):
            return [term[:place], term[place:]]
    return []
