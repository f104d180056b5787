"""Orders passages by reading them: what the reader finds in a passage says most about whether it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from index.order.newness import newness_of
from index.passage import FoundPassage
from index.read.fit import OrderFit
from index.read.reader import Reader
from index.read.windows import Window
from index.text.odds import probability

DEPTH = 16
"""Passages that are read, at most."""
LEAST = 0.5
"""What was found with less than this share of the best score is not read. 16 at most and half of the best score take no more
reading than the first 12 of all (12.6 passages of a quiz question, 6.4 of the sample's), and find more (docs/why.md)."""
MOST_SURE = 12.0
"""Log-odds of a reader beyond this, either way, say nothing more."""

# Of the packaged reader's fit, `older` (here for `found` = 5, as the ratio counts): with 1.2, 2 and 3 the first article is right
# in 72.8, 73.8 and 71.8 % of June and July 2022, in 66.1, 66.5 and 66.9 % of the first half of 2023, in 82.3 % of the sample with all
# three, and in 46.8, 51.6 and 58.1 % of EvoTemp (docs/why.md).


class OrderMeasures(NamedTuple):
    """What the order of a passage that was read is made of, in the order of the weights of an `OrderFit`."""

    found: float
    """Its score before reading, against the best one's."""
    read: float
    """Log-odds of its best span, at most MOST_SURE either way."""
    older: float
    """How much less new it is than the newest passage read (index.order.newness); 0 where newer ones are not preferred."""


def read_and_order(
    reader: Reader,
    question: str,
    passages: Sequence[FoundPassage],
    prefers_newest: bool = True,
    depth: int = DEPTH,
    least: float = LEAST,
    days: str = "",
) -> list[FoundPassage]:
    """Reads the best passages and orders them by what was found in them, by how they were found, and the newer first.

    `days` are words of the question that name days; what a passage tells of these days is read in the passage's own words.
    """
    return by_reading(read_best(reader, question, passages, depth, least, days), reader.fit.order, prefers_newest)


def read_best(
    reader: Reader,
    question: str,
    passages: Sequence[FoundPassage],
    depth: int = DEPTH,
    least: float = LEAST,
    days: str = "",
) -> list[FoundPassage]:
    """The passages as they are, the best of them read: each of those carries its reading."""
    read = read_each(reader, question, passages, worth_reading(passages, depth, least), days)
    return with_readings(passages, read)


def worth_reading(passages: Sequence[FoundPassage], depth: int = DEPTH, least: float = LEAST) -> list[FoundPassage]:
    """The first `depth` of the passages that were found with at least this share of the best score."""
    best = passages[0].score if passages else 0.0
    return [passage for passage in passages[:depth] if passage.score >= least * (best or 1.0)]


def read_each(
    reader: Reader, question: str, passages: Sequence[FoundPassage], chosen: Sequence[FoundPassage], days: str = ""
) -> dict[int, FoundPassage]:
    """Those `chosen` of the passages with their readings, by the `id` of what they were before."""
    best = (passages[0].score if passages else 0.0) or 1.0
    asked = [question.replace(days, passage.tells, 1) if days and passage.tells else question for passage in chosen]
    windows = [
        Window(each, passage.evidence.text, passage.evidence.title) for each, passage in zip(asked, chosen, strict=True)
    ]
    return {
        id(passage): replace(passage, found=passage.score / best, reading=reading)
        for passage, reading in zip(chosen, reader.read(windows), strict=True)
    }


def with_readings(passages: Sequence[FoundPassage], read: Mapping[int, FoundPassage]) -> list[FoundPassage]:
    """The passages as they are, those that were read with their readings (see read_each)."""
    return [read.get(id(passage), passage) for passage in passages]


def by_reading(passages: Sequence[FoundPassage], fit: OrderFit, prefers_newest: bool = True) -> list[FoundPassage]:
    """The passages that were read, each with the probability that it answers as its score, best first; then the others.

    What was not read stays in the order given, with a score of 0. Newer ones are not preferred where the question names
    its days.
    """
    read = [passage for passage in passages if passage.reading]
    measures = order_measures(read, prefers_newest)
    scored = [passage.scored(_probability(fit, each)) for passage, each in zip(read, measures, strict=True)]
    rest = [passage.scored(0.0) for passage in passages if not passage.reading]
    return sorted(scored, key=lambda passage: -passage.score) + rest


def order_measures(read: Sequence[FoundPassage], prefers_newest: bool = True) -> list[OrderMeasures]:
    """Of each of the passages that were read, in their order."""
    newness = newness_of(passage.evidence for passage in read)
    newest = max(newness.values(), default=0.0)
    return [
        OrderMeasures(
            found=passage.found,
            read=bounded(passage.reading.score) if passage.reading else -MOST_SURE,
            older=newest - newness[passage.evidence.article_id] if prefers_newest else 0.0,
        )
        for passage in read
    ]


def bounded(log_odds: float) -> float:
    """A reader's log-odds, at most MOST_SURE either way."""
    return max(-MOST_SURE, min(MOST_SURE, log_odds))


def _probability(fit: OrderFit, measures: OrderMeasures) -> float:
    """That the passage answers."""
    return probability(fit.bias + fit.found * measures.found + fit.read * measures.read - fit.older * measures.older)
