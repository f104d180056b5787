"""Orders passages by reading them: what the reader finds in a passage says most about whether it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.order.newness import newness_of
from index.passage import FoundPassage
from index.read.fit import OrderFit
from index.read.reader import Reader, Reading
from index.read.windows import Window
from index.text.odds import probability

DEPTH = 16
"""Passages that are read, at most."""
LEAST = 0.5
"""What was found with less than this share of the best score is not read. 16 at most and half of the best score take no more
reading than the first 12 of all (12.6 passages of a quiz question, 6.4 of the sample's), and find more (docs/why.md)."""
MOST_SURE = 12.0
"""Log-odds of a reader beyond this, either way, say nothing more."""

# Of the packaged reader's fit, `older`: with 0, 0.5, 1 and 2 the first article is right in 68.9, 69.9, 71.8 and 71.8 % of the
# quiz of June and July, in 80.2, 80.2, 80.2 and 81.2 % of the sample, in 81.1 % of half of RGB with all four, and in 38, 44,
# 44 and 51 % of half of EvoTemp (docs/why.md).


def read_and_order(
    reader: Reader,
    question: str,
    passages: Sequence[FoundPassage],
    prefers_newest: bool = True,
    depth: int = DEPTH,
    least: float = LEAST,
) -> list[FoundPassage]:
    """Reads the best passages and orders them by what was found in them, by how they were found, and the newer first.

    Each passage that was read carries its reading; its score is the probability that it answers. What was not read stays
    behind, in the order given, with a score of 0. Newer ones are not preferred where the question names its days.
    """
    if not passages:
        return []
    best = passages[0].score or 1.0
    chosen = [passage for passage in passages[:depth] if passage.score >= least * best]
    windows = [Window(question, passage.evidence.text, passage.evidence.title) for passage in chosen]
    newness = newness_of(passage.evidence for passage in chosen)
    newest = max(newness.values(), default=0.0)
    read: dict[int, FoundPassage] = {}
    for passage, reading in zip(chosen, reader.read(windows), strict=True):
        found = passage.score / best
        older = newest - newness[passage.evidence.article_id] if prefers_newest else 0.0
        score = _probability(reader.fit.order, found, reading, older)
        read[id(passage)] = replace(passage, found=found, reading=reading).scored(score)
    rest = [passage.scored(0.0) for passage in passages if id(passage) not in read]
    return sorted(read.values(), key=lambda passage: -passage.score) + rest


def _probability(fit: OrderFit, found: float, reading: Reading, older: float) -> float:
    """That the passage answers, from its share of the best score, its best span, and its newness less than the newest's."""
    read = max(-MOST_SURE, min(MOST_SURE, reading.score))
    return probability(fit.bias + fit.found * found + fit.read * read - fit.older * older)
