"""Whether two articles are one story: one of them prints what the other printed, cut, edited or under another lead.

What tells a reprint from a look-alike: its words stand in the other in runs, and with them its names and figures. The weather
of two towns, or of two days, has the same words around other figures; a later report repeats paragraphs of an earlier one
below what is new. How the bounds were chosen: docs/why.md.
"""

from __future__ import annotations

import numpy as np

from newsdesk.catalogue.stories.words import Hashes, Marks, Words, in_shingles, of_shingles, shingles_of

FEWEST = 12
"""Shingles of the shorter text: of less only exact copies are told."""
ENOUGH = 0.48
"""Sameness from which articles of two outlets, of one day or of two that follow each other, are one story."""
A_DAY_MORE, MOST_DAYS = 0.05, 6
"""How much more is wanted for each further day, up to so many: later reports repeat earlier ones."""
SAME_OUTLET_MORE = 0.15
"""How much more of one outlet's own articles: it seldom prints a story twice, and often writes on."""
BALANCED = 0.35
"""Share of the longer text from which the two are of one size; for each hundredth below a hundredth more is wanted, because a
report cut short stands in the long one nearly whole, and a summary, a gallery or a page of briefs does not."""
NEARLY_ALL = 0.85
"""Never is more wanted than this."""
RELATED = 0.12
"""Share of the content words of the shorter of two articles on one event that the other has too, though no sentence is."""

_FEW_TELLING = 3
_FEWEST_RELATED = 2
_ANY = np.uint64(0)


def are_one_story(one: Words, other: Words, days_between: int, *, same_outlet: bool = False) -> bool:
    """Whether one prints the other, or a part of it. Articles without a date count as of the same day."""
    further = min(max(abs(days_between) - 1, 0), MOST_DAYS)
    found, of_longer = sameness(one, other)
    wanted = ENOUGH + A_DAY_MORE * further + SAME_OUTLET_MORE * same_outlet + max(BALANCED - of_longer, 0.0)
    return found >= min(wanted, NEARLY_ALL)


def sameness(one: Words, other: Words) -> tuple[float, float]:
    """How much of the shorter one is printed in the other, at most 1, and the share of the other's shingles that it has.

    The mean of the share of its shingles and the share of its names and figures that stand in shared shingles, less the
    share of names and figures whose place another one has in the same words. 0 for texts that are too short to tell.
    """
    shorter, longer = sorted((one, other), key=lambda words: len(words.shingles))
    if len(shorter.shingles) < FEWEST:
        return 0.0, 0.0
    shared = np.isin(shorter.shingles, longer.shingles)
    contained, of_longer = float(shared.mean()), float(np.isin(longer.shingles, shorter.shingles).mean())
    if shorter.telling.sum() < _FEW_TELLING:
        return contained, of_longer
    printed = of_shingles(shared)[shorter.telling]
    replaced = _in_same_places(shorter, longer)[shorter.telling] & ~printed
    return (contained + float(printed.mean())) / 2 - float(replaced.mean()), of_longer


def are_related(one: Words, other: Words) -> bool:
    """Whether the articles may be on one event: they share names, figures and long words. It tells a page of briefs."""
    mine, theirs = (np.unique(words.keys[words.content]) for words in (one, other))
    return len(np.intersect1d(mine, theirs)) >= max(_FEWEST_RELATED, RELATED * min(len(mine), len(theirs)))


def _in_same_places(shorter: Words, longer: Words) -> Marks:
    """Of each word of the shorter text, whether it stands in words among which the longer one has a name or figure too."""
    mine, theirs = _frames(shorter), _frames(longer)
    return of_shingles((mine != _ANY) & np.isin(mine, theirs))


def _frames(words: Words) -> Hashes:
    """The shingles with one name or figure, with a gap in its place; 0 for all others."""
    keys = np.where(words.telling, _ANY, words.keys)
    frames = shingles_of(keys)
    return np.where(in_shingles(words.telling, exactly_one=True), frames, _ANY)
