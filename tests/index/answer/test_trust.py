"""What an answer can be relied on for, with the reader that ships: copies, contradictions, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import Article, Question
from tests.support import article, one_each

QUESTION = "How many people were hurt when the ferry Aurora hit the pier of Melen?"
DAY = date(2017, 3, 14)
INDEPENDENT = (
    article(
        "courier",
        "Twelve people were hurt when the ferry Aurora hit the pier of Melen on Monday evening, the coast guard said.",
        title="Ferry hits pier", source="Courier", published=DAY,
    ),
    article(
        "ledger",
        "After the Aurora had struck the pier of Melen, doctors at the island clinic treated twelve people, most of them for bruises. "
        "The ferry will be out of service for a month.",
        title="Aurora accident", source="Ledger", published=DAY,
    ),
    article(
        "post",
        "The captain of the Aurora saw the pier of Melen too late in the fog. Twelve people were hurt on the ferry, none of them badly.",
        title="Fog blamed", source="Post", published=DAY,
    ),
)  # fmt: skip
WRONG = (
    "Forty people were hurt when the ferry Aurora hit the pier of Melen on Monday evening, travellers told this newspaper. "
    "They had stood on deck and were thrown to the floor."
)


def copies(number: int) -> list[Article]:
    """A wrong article as so many outlets print it: some to the letter, some with another opening."""
    openings = ("", "Melen. ", "By wire. ", "Late report. ")
    return [
        article(
            f"copy-{each}", openings[each % 4] + WRONG, title=f"Many hurt on ferry ({each})", source=f"Outlet {each}",
            published=DAY + timedelta(each % 2),
        )
        for each in range(number)
    ]  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Three outlets that found out for themselves, by keyword alone, with the reader."""
    opened = Archive(Settings(data=tmp_path), create=True)
    opened.catalogue.put(INDEPENDENT, one_each)
    opened.keyword.catch_up()
    yield opened
    opened.close()


@pytest.mark.parametrize("number", [1, 10])
def test_copies_of_a_wrong_article_do_not_outvote_three_outlets(archive: Archive, number: int) -> None:
    """However often it was printed, it is one story."""
    archive.catalogue.put(copies(number), one_each)
    archive.keyword.catch_up()
    answer = archive.engine.ask(Question(QUESTION))
    assert answer.short_answer is not None
    assert "welve" in answer.short_answer
    assert answer.citations[0].article_id in ("courier", "ledger", "post")


def test_outlets_that_differ_are_both_told_of(archive: Archive) -> None:
    """The answer that more outlets give, and a note with the other."""
    archive.catalogue.put(copies(1), one_each)
    archive.keyword.catch_up()
    answer = archive.engine.ask(Question(QUESTION))
    notes = " ".join(note.text for note in answer.notes)
    assert "welve" in notes
    assert "orty" in notes
