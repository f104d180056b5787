"""Where a text holds somebody's words, whatever the quotation marks, the case and the spaces."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

NEAR = 0.8
"""Share of the words that a text must hold in their order, where it does not hold them to the letter."""
_LEAST = 5  # words; fewer have to be held to the letter
_BETWEEN = 6  # words of the text among them: “I take no joy,” she said, “in it.”
_WORD = re.compile(r"\w+(?:['’]\w+)*")


class Held(NamedTuple):
    """Characters [start:end] of a text, and how much of the words they hold, up to 1."""

    start: int
    end: int
    share: float


def held(words: str, text: str) -> Held | None:
    """Where the text holds the words, or nearly; None when it does not."""
    wanted = [_plain(match.group()) for match in _WORD.finditer(words)]
    found = list(_WORD.finditer(text))
    said = [_plain(match.group()) for match in found]
    if not wanted:
        return None
    for start in range(len(said) - len(wanted) + 1):
        if said[start : start + len(wanted)] == wanted:
            return Held(found[start].start(), found[start + len(wanted) - 1].end(), 1.0)
    near = _nearly(wanted, said) if len(wanted) >= _LEAST else None
    return None if near is None else Held(found[near[0]].start(), found[near[1]].end(), near[2])


def _nearly(wanted: Sequence[str], said: Sequence[str]) -> tuple[int, int, float] | None:
    """First and last word of the best place that holds nearly all in their order, and which share of them."""
    counted, best = Counter(wanted), None
    for start, word in enumerate(said):
        window = said[start : start + len(wanted) + _BETWEEN]
        if word not in counted or (counted & Counter(window)).total() < NEAR * len(wanted):
            continue
        blocks = [
            block for block in SequenceMatcher(None, wanted, window, autojunk=False).get_matching_blocks() if block.size
        ]
        share = sum(block.size for block in blocks) / len(wanted)
        if share >= NEAR and (best is None or share > best[2]):
            best = (start + blocks[0].b, start + blocks[-1].b + blocks[-1].size - 1, share)
    return best


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'")
