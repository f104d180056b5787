"""Cleaning: what a reader cannot see goes, every word stays; page furniture is told from story."""

from __future__ import annotations

import textwrap
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.parts.clean import is_boilerplate, one_line, paragraphs_of, without_boilerplate


def test_blank_lines_part_paragraphs_and_line_breaks_do_not() -> None:
    """With blank lines in the text, a line break within a paragraph is a space."""
    assert paragraphs_of("One line\nand the next.\r\n \r\n\r\nTwo.\n\n\n") == ("One line and the next.", "Two.")


def test_without_blank_lines_every_line_is_a_paragraph() -> None:
    """Feeds that part paragraphs by a single line break are understood."""
    text = (
        "The council met on Monday.\nIt closed the bridge, which is old, for the whole of the winter.\nNobody objected."
    )
    assert paragraphs_of(text) == tuple(text.split("\n"))


def test_prose_wrapped_at_a_width_is_unwrapped() -> None:
    """Hard-wrapped text without blank lines gives whole paragraphs, not lines."""
    first = (
        "The council of Northfield met late on Monday and closed the old bridge to all traffic for the whole of the "
        "coming winter, because engineers had found cracks in two pillars."
    )
    second = (
        "The ferry will run every ten minutes in the mornings until the repairs are finished, the mayor said, and it "
        "will take bicycles and prams but neither cars nor vans."
    )
    assert paragraphs_of("\n".join(textwrap.fill(part, 68) for part in (first, second))) == (first, second)


def test_a_list_of_short_lines_is_not_taken_for_wrapped_prose() -> None:
    """Results and lists keep their lines."""
    lines = ("Northfield 3, Southport 1", "Eastwick 0, Westham 0", "Hillside United 2, Marsh Rovers 2 after extra time")
    assert paragraphs_of("\n".join(lines)) == lines


def test_invisible_characters_go() -> None:
    """No-break and zero-width spaces, soft hyphens, controls, direction marks and lone surrogates leave no trace."""
    text = "\ufeffThe\N{NO-BREAK SPACE} fer\N{SOFT HYPHEN}ry\N{ZERO WIDTH SPACE} sank\0\x07\x9d \u202eat no\ud800on.\t"
    assert paragraphs_of(text) == ("The ferry sank at noon.",)


def test_accents_are_composed_and_joiners_kept_where_they_spell() -> None:
    """One spelling for é however it was sent; Persian words and emoji keep their joiners."""
    assert one_line("cafe\u0301") == "café"
    assert one_line("می\u200cخواهم") == "می\u200cخواهم"
    assert one_line("a\u200d\u200db") == "ab"


def test_other_line_separators_break_lines() -> None:
    """Old Mac, form feed, NEL and Unicode separators count as line breaks."""
    assert paragraphs_of("A.\rB.\fC.\x85D.\u2028E.\u2029F.") == ("A.", "B.", "C.", "D.", "E.", "F.")


@given(st.text(st.characters(blacklist_categories=()), max_size=200))
@example("\u00c2\u200b\x80")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    """Clean paragraphs are NFC, storable as UTF-8, on one line, not empty, and clean again as themselves."""
    for paragraph in paragraphs_of(text):
        assert paragraph
        assert paragraph == " ".join(paragraph.split()) == one_line(paragraph)
        assert unicodedata.is_normalized("NFC", paragraph)
        assert paragraph.encode()


@given(st.lists(st.text("abcé .,", min_size=1, max_size=30).filter(str.strip), min_size=2, max_size=6))
def test_no_word_is_lost_or_changed(blocks: list[str]) -> None:
    """The words of the paragraphs are the words of the text."""
    assert " ".join(paragraphs_of("\n\n".join(blocks))).split() == "\n\n".join(blocks).split()


@pytest.mark.parametrize(
    "line",
    [
        "You are here",
        "Read More",
        "READ MORE:",
        "Advertisement",
        "up",
        "down",
        "147 users have voted, including you.",
        "1 user has voted.",
        "12 comments",
        "Newsletter",
        "Get top stories and blog posts emailed to you each day.",
        "Get the day's news delivered straight to your inbox. Sign up here.",
        "Sign up here to get The Harbour Letter every Friday.",
        "Sign up for our weekly newsletter.",
        "A version of this story first appeared in our Harbour Letter newsletter. You can sign up here.",
        "Support local journalism. Subscribe to the Northfield Post today.",
        "Share this article",
        "PDF",
        "Print",
        "Related stories:",
        "We use cookies to make this site work. By clicking Accept you agree.",
        "This website uses cookies.",
        "© 2021 Northfield Post",
        "Copyright 2021 Northfield Post. All rights reserved.",
        "Northfield Post Ltd, all rights reserved.",
        "(Image credit: Ada Holm/Harbour Pictures)",
        "___",
        "* * *",
        "♦",
    ],
)
def test_furniture_is_recognised(line: str) -> None:
    """Navigation, buttons, votes, boxes, notices and rules are furniture."""
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "Texas",
        "Monday",
        "1. Ukraine",
        "Up and down the coast, ferries stood still.",
        "The print edition sold out.",
        "“Read more,” she said.",
        '"Sign up here."',
        "“We use cookies,” the baker said. “Chocolate ones.”",
        "Sign up for a vaccination at the town hall, the mayor urged.",
        "Get out of the water, the lifeguards shouted.",
        "Copyright law was changed on Tuesday.",
        "(c) that the worker is employed elsewhere",
        "© 2021, Harbour Media, Inc. The council voted on Tuesday to close the bridge.",
        "147 users have voted to leave the network since March.",
        "Sign up here. The mayor had promised on Monday that nobody would have to wait.",
        "★★★",
        "$6.02",
        "“…”",
        "He resigned.",
    ],
)
def test_story_is_not_furniture(line: str) -> None:
    """Speech, sentences, headings of the story and figures are kept."""
    assert not is_boilerplate(line)


def test_a_word_in_small_letters_falls_only_beside_furniture() -> None:
    """A line of verse that is a button's word elsewhere stays; the same word in a vote box goes."""
    assert without_boilerplate(["To dig themselves", "up", "Perhaps next time"]) == (
        "To dig themselves",
        "up",
        "Perhaps next time",
    )
    assert without_boilerplate(["He left.", "up", "147 users have voted, including you."]) == ("He left.",)
