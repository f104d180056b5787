"""What changed between two versions of a text: paragraph by paragraph, and in a paragraph word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

Kind = Literal["same", "removed", "added"]

_TOKEN = re.compile(r"\s+|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+(?:['’.,:-][^\W_]+)*|.", re.DOTALL)
"""Words with what joins their parts ("12.30", "don't"); of scripts without spaces each character."""
_MOST_TOKENS = 4_000  # of a paragraph; comparing takes time that grows with the square
_MOST_PAIRS = 400  # paragraphs that went times paragraphs that came in one place
_ALIKE = 0.5
"""Share of equal words from which a paragraph that came counts as one that went, written anew."""


class Piece(NamedTuple):
    """Words that stayed, went or came."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One paragraph that is not as it was."""

    before: int | None
    """Its number before, from 0; None: it is new."""
    after: int | None
    """Its number now; None: it is gone."""
    pieces: tuple[Piece, ...]
    """Those that are not `added` are the paragraph as it was, those that are not `removed` the paragraph as it is."""


def differences(before: Sequence[str], after: Sequence[str]) -> list[Difference]:
    """The paragraphs that differ, in reading order; empty when none does."""
    found: list[Difference] = []
    for tag, first, last, start, end in SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            found += _between(before, range(first, last), after, range(start, end))
    return found


def words_changed(before: str, after: str) -> tuple[Piece, ...]:
    """The words of both, as they stayed, went and came."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) > _MOST_TOKENS or len(new) > _MOST_TOKENS:
        return _pieces([("removed", before), ("added", after)])
    parts: list[tuple[Kind, str]] = []
    for tag, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(old[first:last])))
        else:
            parts += [("removed", "".join(old[first:last])), ("added", "".join(new[start:end]))]
    return _pieces(_without_islands(parts))


def _between(before: Sequence[str], gone: range, after: Sequence[str], come: range) -> Iterator[Difference]:
    """Differences in one place: what is alike is one paragraph written anew, in the order of both."""
    pairs = _pairs(before, gone, after, come)
    left = gone.start
    for number in come:
        partner = pairs.get(number)
        if partner is None:
            yield Difference(None, number, _pieces([("added", after[number])]))
            continue
        yield from (_gone(before, other) for other in range(left, partner))
        yield Difference(partner, number, words_changed(before[partner], after[number]))
        left = partner + 1
    yield from (_gone(before, other) for other in range(left, gone.stop))


def _gone(before: Sequence[str], number: int) -> Difference:
    return Difference(number, None, _pieces([("removed", before[number])]))


def _pairs(before: Sequence[str], gone: range, after: Sequence[str], come: range) -> dict[int, int]:
    """Number of a paragraph that came -> the one that it was, both rising; by place where there are very many."""
    if len(gone) * len(come) > _MOST_PAIRS:
        return dict(zip(come, gone, strict=False))
    old, new = [_words(before[number]) for number in gone], [_words(after[number]) for number in come]
    alike = [[_likeness(one, other) for other in new] for one in old]
    # The best sum of likenesses of the first rows and columns, as an alignment of two sequences.
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for row in range(1, len(old) + 1):
        for column in range(1, len(new) + 1):
            both = best[row - 1][column - 1] + alike[row - 1][column - 1]
            best[row][column] = max(best[row - 1][column], best[row][column - 1], both)
    pairs: dict[int, int] = {}
    row, column = len(old), len(new)
    while row and column:
        if best[row][column] == best[row - 1][column]:
            row -= 1
        elif best[row][column] == best[row][column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            pairs[come[column]] = gone[row]
    return pairs


def _words(text: str) -> list[str]:
    return [token for token in _TOKEN.findall(text)[:_MOST_TOKENS] if token[0].isalnum()]


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Share of equal words in the same order; 0 where it is too small to be one paragraph written anew."""
    match = SequenceMatcher(None, one, other, autojunk=False)
    ratio = match.ratio() if match.quick_ratio() >= _ALIKE else 0.0
    return ratio if ratio >= _ALIKE else 0.0


def _without_islands(parts: Sequence[tuple[Kind, str]]) -> list[tuple[Kind, str]]:
    """White space that alone stayed between changes belongs to them: "nine people" became "some crowd", as a whole."""
    kept: list[tuple[Kind, str]] = []
    for place, (kind, text) in enumerate(parts):
        inside = 0 < place < len(parts) - 1
        if kind == "same" and inside and not text.strip():
            kept += [("removed", text), ("added", text)]
        else:
            kept.append((kind, text))
    return kept


def _pieces(parts: Sequence[tuple[Kind, str]]) -> tuple[Piece, ...]:
    """Neighbours of one kind joined, what went before what came."""
    pieces: list[Piece] = []
    waiting = {"removed": "", "added": ""}

    def flush() -> None:
        for kind in ("removed", "added"):
            if waiting[kind]:
                pieces.append(Piece(kind, waiting[kind]))
                waiting[kind] = ""

    for kind, text in parts:
        if kind == "same":
            flush()
            pieces.append(Piece(kind, text))
        else:
            waiting[kind] += text
    flush()
    return tuple(piece for piece in pieces if piece.text)
