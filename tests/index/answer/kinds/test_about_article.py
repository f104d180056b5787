"""Questions about the articles themselves are answered with what the archive keeps beside their text."""

from __future__ import annotations

import pytest

from newsdesk.types import Article
from tests.index.answer.kinds.conftest import Asking
from tests.support import article, day

WINDMILL = article(
    "mill",
    "The old windmill on Tarle Hill lost two of its sails in the gale of Sunday night.",
    "Its miller, Bo Hallam, hopes to have it turning again by Easter.",
    title="Gale breaks Tarle windmill", source="Tarle Gazette", authors=("Ines Korda",), published=day("2021-02-09"),
)  # fmt: skip
GRANT = article(
    "grant",
    "The county gave €90,000 on Friday to mend the harbour wall of Skarn.",
    title="Money for harbour wall", source="The Coast Observer", authors=("Per Óskarsson",), published=day("2021-03-20"),
)  # fmt: skip
ORPHAN = article(
    "orphan", "A litter of otters was found in a boathouse at Lunde.", title="Otters in boathouse", source="Lunde Mail"
)
BOOK = article(
    "book",
    "The novelist Greta Sand wrote the book about the siege of Orla in two years, she told the festival.",
    title="Novelist at festival", source="Lunde Mail", authors=("Tom Ard",), published=day("2021-05-05"),
)  # fmt: skip
RUMOUR = article(
    "rumour",
    "The Orla Bugle reported on Monday that the opera house would be sold. Its owner denied the report.",
    title="Opera house owner denies sale", source="Lunde Mail", authors=("Tom Ard",), published=day("2021-06-08"),
)  # fmt: skip
ALL: tuple[Article, ...] = (WINDMILL, GRANT, ORPHAN, BOOK, RUMOUR)


@pytest.mark.parametrize(
    ("question", "short", "cited"),
    [
        ("Who wrote the article about the windmill on Tarle Hill?", "Ines Korda", "mill"),
        ("Which journalist reported on the harbour wall of Skarn?", "Per Óskarsson", "grant"),
        ("Who is the author of the piece on the money for the Skarn harbour wall?", "Per Óskarsson", "grant"),
        ("When was the story about the windmill's sails printed?", "9 February 2021", "mill"),
        ("On what date did the report on the harbour wall of Skarn appear?", "20 March 2021", "grant"),
        ("Which paper reported that the harbour wall of Skarn would be mended?", "The Coast Observer", "grant"),
        ("In which newspaper was the article about the otters in the boathouse published?", "Lunde Mail", "orphan"),
    ],
)
def test_author_day_and_outlet_come_from_the_article(asking: Asking, question: str, short: str, cited: str) -> None:
    """Each with the sentence that the article begins with as its citation."""
    answer = asking(*ALL)(question)
    assert answer.short_answer == short
    assert [citation.article_id for citation in answer.citations] == [cited]
    assert answer.citations[0].paragraph == 0
    assert short in answer.text


def test_the_day_an_article_was_printed_is_a_day(asking: Asking) -> None:
    """As an ISO date too."""
    answer = asking(*ALL)("When was the article on the Tarle windmill published?")
    assert answer.when is not None
    assert answer.when.start == answer.when.end == WINDMILL.published


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the article about the otters in the boathouse?",
        "Who wrote the article about the eruption of Mount Varg?",
        "When was the report on the otters at Lunde published?",
    ],
)
def test_what_the_archive_has_not_is_refused(asking: Asking, question: str) -> None:
    """No author, no such article, no date."""
    assert not asking(*ALL)(question).answerable


def test_who_wrote_a_book_is_no_question_about_articles(asking: Asking) -> None:
    """The reporter is not its author."""
    answer = asking(*ALL)("Who wrote the book about the siege of Orla?")
    assert "Greta Sand" in answer.text
    assert "Tom Ard" not in answer.text


def test_what_the_text_tells_of_reports_comes_first(asking: Asking) -> None:
    """Another paper's report is in the news: that paper is the answer, not the one that tells of it."""
    answer = asking(*ALL)("Which newspaper reported that the opera house of Orla would be sold?")
    assert answer.short_answer is not None
    assert "Orla Bugle" in answer.short_answer


@pytest.mark.parametrize(
    ("question", "cited"),
    [
        ("What has Ines Korda written?", {"mill"}),
        ("Which articles were written by Tom Ard?", {"book", "rumour"}),
        ("List all stories by Óskarsson", {"grant"}),
        ("What has Tom Ard written about the opera house?", {"rumour"}),
        ("What did the Lunde Mail say about the otters?", {"orphan"}),
        ("What did the Coast Observer report about the harbour wall?", {"grant"}),
    ],
)
def test_who_made_an_article_narrows_what_is_listed(asking: Asking, question: str, cited: set[str]) -> None:
    """Where the archive has an author or outlet of that name; a note says so."""
    answer = asking(*ALL)(question)
    assert {citation.article_id for citation in answer.citations} == cited
    assert "only_from" in {note.kind for note in answer.notes}


def test_an_outlet_that_is_silent_says_nothing(asking: Asking) -> None:
    """What another paper printed is not given for it."""
    ask = asking(*ALL)
    assert not ask("What did the Tarle Gazette say about the harbour wall of Skarn?").answerable
    assert not ask("According to the Lunde Mail, how many sails did the windmill lose?").answerable
    assert ask("According to the Tarle Gazette, how many sails did the windmill lose?").answerable
