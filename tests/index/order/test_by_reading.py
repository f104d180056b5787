"""Passages ordered by reading them, with a model that finds a word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import zip_longest
from typing import Any

from index.order.by_reading import read_and_order
from index.passage import FoundPassage, passage_of
from index.read.reader import Reader, packaged_fit
from newsdesk.types import Evidence
from tests.index.read.test_reader import FindsWords


def passages(*texts: str, published: Sequence[str] = ()) -> list[FoundPassage]:
    """Passages found ever a little less well, each of an article of its own."""
    return [
        passage_of(
            Evidence(
                text, text, (), text, 1 / (10 + rank), "News", "", (), date.fromisoformat(day) if day else None, ""
            )
        )
        for rank, (text, day) in enumerate(zip_longest(texts, published, fillvalue=""))
    ]


def order(*texts: str, published: Sequence[str] = (), **options: Any) -> list[FoundPassage]:
    """They, after a reader that looks for Ida has read them."""
    reader = Reader(FindsWords({"ida": 9.0}, {"ida": 9.0}), packaged_fit())
    return read_and_order(reader, "Who?", passages(*texts, published=published), **options)


def ids(found: Sequence[FoundPassage]) -> list[str]:
    """Of the passages, in their order."""
    return [each.evidence.passage_id for each in found]


def read(found: Sequence[FoundPassage]) -> list[str]:
    """Of those that were read."""
    return ids([each for each in found if each.reading])


def test_what_answers_comes_first() -> None:
    """A passage that holds the answer passes those that were found before it; scores are probabilities."""
    found = order("A crane fell.", "Nothing here.", "It was Ida.")
    assert ids(found) == ["It was Ida.", "A crane fell.", "Nothing here."]
    assert all(0 < each.score < 1 for each in found)


def test_what_was_not_read_stays_behind_in_its_order() -> None:
    """Time is bounded: only so many are read, and none is lost."""
    found = order("one", "two", "It was Ida.", "four, Ida", depth=3)
    assert ids(found) == ["It was Ida.", "one", "two", "four, Ida"]
    assert read(found) == ["It was Ida.", "one", "two"]


def test_what_was_read_can_be_looked_up() -> None:
    """The spans stand with the passage."""
    [passage] = order("It was Ida.")
    assert passage.reading is not None
    first = passage.reading.spans[0]
    assert passage.evidence.text[first.start : first.end] == "Ida"


def test_a_passage_keeps_how_it_was_found() -> None:
    """Reading orders the passages, but an answer is weighed by how its passage was found: its share of the best score."""
    found = order("A crane fell.", "Nothing here.", "It was Ida.")
    assert {each.evidence.passage_id: round(each.found, 3) for each in found} == {
        "It was Ida.": round(10 / 12, 3), "A crane fell.": 1.0, "Nothing here.": round(10 / 11, 3),
    }  # fmt: skip


def test_nothing_found_is_nothing_read() -> None:
    """An empty archive gives no passage."""
    assert order() == []


def test_what_was_found_badly_is_not_read() -> None:
    """Where one passage is found far better than the rest, it alone is read; the others stay behind it, in their order."""
    found = order("one", "two", "three", "It was Ida.", least=0.9)
    assert ids(found) == ["one", "two", "three", "It was Ida."]
    assert read(found) == ["one", "two"]


def test_of_equals_the_newer_comes_first_unless_days_are_named() -> None:
    """The older one is what was known before; in a question about days of its own, its age says nothing."""
    texts, days = ("Ida in May.", "Ida in July."), ("2015-05-01", "2022-07-01")
    assert ids(order(*texts, published=days)) == ["Ida in July.", "Ida in May."]
    named = order(*texts, published=days, prefers_newest=False)
    assert ids(named) == ["Ida in May.", "Ida in July."]


def test_articles_without_a_day_are_ordered_as_before() -> None:
    """Nothing is taken off where nothing is dated."""
    dated, undated = order("Ida.", "one", published=("2021-05-01", "2021-05-01")), order("Ida.", "one")
    assert [each.score for each in dated] == [each.score for each in undated]
