"""The words of an article as numbers: its shingles (runs of three words), and the few of them that it is found by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

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
_KNOWN = np.dtype([("key", "<u8"), ("telling", "?"), ("content", "?")])
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
    known = b"".join(map(_known, _WORD.findall("\n".join(["", *paragraphs]))))
    words = np.frombuffer(known, dtype=_KNOWN)
    keys, telling, content = (words[name].copy() for name in words.dtype.fields or ())
    shingles = shingles_of(keys)
    return Words(keys, telling, content, shingles, _sketch(shingles, in_shingles(content)))


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


@lru_cache(maxsize=1 << 17)
def _known(found: tuple[str, str]) -> bytes:
    """A match of _WORD as _KNOWN holds it; numpy reads thousands of them at once."""
    end, word = found
    key = blake2b(word.casefold().encode(errors="surrogatepass"), digest_size=8).digest()
    telling = word[0].isdecimal() or (word[0].isupper() and not end)
    return key + bytes([telling, telling or len(word) >= _LONG])
