"""Reading that stops when it is enough."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from index.order.best_first import FIRST, MORE, read_best_first
from index.order.by_reading import read_best
from index.passage import FoundPassage
from index.read.reader import Reader, packaged_fit
from tests.index.order.test_by_reading import ids, passages, read
from tests.index.read.test_reader import FindsWords

TEXTS = [f"Line {number} of the log." for number in range(10)]


def reader() -> Reader:
    """One that looks for Ida."""
    return Reader(FindsWords({"ida": 9.0}, {"ida": 9.0}), packaged_fit())


def read_until(enough_from: int, found: Sequence[FoundPassage]) -> list[FoundPassage]:
    """The passages, where so many read are enough."""
    return read_best_first(reader(), "Who?", found, lambda some: inf if len(some) >= enough_from else -inf, least=0.0)


def test_no_more_is_read_than_is_needed() -> None:
    """The first few are read, then some more at a time; none is lost, and all stay in their order."""
    found = passages(*TEXTS)
    for enough, many in ((1, FIRST), (FIRST + 1, FIRST + MORE), (99, len(TEXTS))):
        after = read_until(enough, found)
        assert ids(after) == ids(found)
        assert read(after) == ids(found)[:many]


def test_what_is_read_is_read_as_ever() -> None:
    """A reading does not depend on what else was read, or when."""
    found = passages(*TEXTS[:3], "It was Ida.")
    assert read_until(99, found) == read_best(reader(), "Who?", found, least=0.0)


def test_the_newest_is_read_before_it_is_enough() -> None:
    """A later report found a little less well may replace the answer, so it is among the first that are read."""
    found = passages(*TEXTS, published=["2021-03-01"] * 9 + ["2024-03-01"])
    assert ids(found)[-1] in read(read_until(1, found))


def test_nothing_found_is_nothing_read_first() -> None:
    """An empty archive has an answer too: none."""
    assert read_until(1, []) == []
