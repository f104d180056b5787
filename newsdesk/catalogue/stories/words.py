"""The words of an article as numbers: its shingles (runs of three words), and the few of them that it is found by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from operator import not_
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Marks = npt.NDArray[np.bool_]

SHINGLE = 3
"""Words in a shingle. Reprints are cut and edited: of longer ones too few are left (docs/why.md)."""

_KEPT = 6  # one in so many of an article's shingles is in its sketch
_FEWEST, _MOST = 24, 256
_LONG = 8  # letters: such a word says what an article is about

# What ends a sentence, if anything, and the next word. In scripts without spaces each character is a word.
_WORD = re.compile(
    r"""([.!?:\n“”"]?)[^\w.!?:\n“”"]*"""
    r"([぀-ヿ㐀-䶿一-鿿豈-﫿]|\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?|\w)"
)
_MULTIPLIERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in their order."""

    keys: Hashes
    """A hash of each, the same whatever its case."""
    telling: Marks
    """Those that tell this event from others of its kind: figures, and names (words with a capital within a sentence)."""
    content: Marks
    """Those that say what it is about: telling and long ones."""
    shingles: Hashes
    """A hash of each run of SHINGLE words; the first begins with the first word."""
    sketch: tuple[int, ...]
    """The smallest hashes of the shingles that hold a content word, rising: articles that share some may be one
    story. How many there are grows with the text, so that a third of it still shares its part (Broder 1997)."""


def words_of(paragraphs: Sequence[str]) -> Words:
    """The words of an article's paragraphs."""
    found = _WORD.findall("\n".join(["", *paragraphs]))
    ends, words = zip(*found, strict=True) if found else ((), ())
    keys, figures, capitals, longs = zip(*map(_known, words), strict=True) if found else ((), (), (), ())
    hashes = np.array(keys, dtype=np.uint64)
    within = np.fromiter(map(not_, ends), dtype=np.bool_, count=len(ends))
    marks = np.array(figures, dtype=np.bool_) | (np.array(capitals, dtype=np.bool_) & within)
    content = marks | np.array(longs, dtype=np.bool_)
    shingles = shingles_of(hashes)
    return Words(hashes, marks, content, shingles, _sketch(shingles, in_shingles(content)))


def in_shingles(marks: Marks, *, exactly_one: bool = False) -> Marks:
    """Of each shingle, whether one of its words, or `exactly_one`, is marked."""
    count = max(len(marks) - SHINGLE + 1, 0)
    marked = np.add.reduce([marks[place : place + count].astype(np.uint8) for place in range(SHINGLE)])
    return np.asarray(marked == 1 if exactly_one else marked > 0)


def of_shingles(marks: Marks) -> Marks:
    """Of each word, whether one of the shingles that hold it is marked."""
    count = len(marks)
    held = np.zeros(count + SHINGLE - 1 if count else 0, dtype=np.bool_)
    for place in range(SHINGLE if count else 0):
        held[place : place + count] |= marks
    return held


def shingles_of(keys: Hashes) -> Hashes:
    """A hash of each run of SHINGLE keys."""
    count = max(len(keys) - SHINGLE + 1, 0)
    with np.errstate(over="ignore"):
        mixed = np.zeros(count, dtype=np.uint64)
        for place in range(SHINGLE):
            mixed += keys[place : place + count] * _MULTIPLIERS[place]
        mixed ^= mixed >> np.uint64(29)
        mixed *= _MULTIPLIERS[0]
        return mixed ^ (mixed >> np.uint64(32))


def _sketch(shingles: Hashes, worth: Marks) -> tuple[int, ...]:
    chosen = shingles[worth] if worth.sum() >= _FEWEST else shingles
    kept = min(max(_FEWEST, len(chosen) // _KEPT), _MOST)
    return tuple(np.unique(chosen >> np.uint64(33))[:kept].tolist())  # 31 bits: four bytes in SQLite


class _Known(NamedTuple):
    """A word by itself."""

    key: int
    figure: bool
    capital: bool
    long: bool


@lru_cache(maxsize=1 << 16)
def _known(word: str) -> _Known:
    key = blake2b(word.casefold().encode(errors="surrogatepass"), digest_size=8).digest()
    return _Known(int.from_bytes(key, "little"), word[0].isdecimal(), word[0].isupper(), len(word) >= _LONG)
