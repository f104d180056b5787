"""What changed between two versions of a text, and how it is told."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.types import Article
from newsdesk.wording.corrections import changed, correction, in_a_line
from newsdesk.wording.difference import Piece, differences, words_changed

WORDS = st.lists(st.sampled_from(["boat", "won.", "the", "race,", "12.30", "don't", "字", "\n", "é"]), max_size=8).map(
    " ".join
)


@given(WORDS | st.text(max_size=30), WORDS | st.text(max_size=30))
def test_both_texts_can_be_read_off_it(before: str, after: str) -> None:
    """Without what came it is the old text, without what went the new one; no piece is empty, and like ones are joined."""
    pieces = words_changed(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    assert all(piece.text for piece in pieces)
    assert all(one.kind != other.kind for one, other in pairwise(pieces))


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6))
def test_every_paragraph_that_differs_is_told(before: list[str], after: list[str]) -> None:
    """What is not told stands in both in the same order."""
    found = differences(before, after)
    old = [text for number, text in enumerate(before) if number not in {each.before for each in found}]
    new = [text for number, text in enumerate(after) if number not in {each.after for each in found}]
    assert old == new
    for each in found:
        was = "".join(piece.text for piece in each.pieces if piece.kind != "added")
        assert was == (before[each.before] if each.before is not None else "")


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("The toll is 1,204.", "The toll is 1,240.", ["same The toll is ", "removed 1,204", "added 1,240", "same ."]),
        ("three men fled", "two women fled", ["removed three men", "added two women", "same  fled"]),
        ("She can\u2019t say.", "She can say.", ["same She ", "removed can\u2019t", "added can", "same  say."]),
        ("市长周一辞职。", "市长周二辞职。", ["same 市长周", "removed 一", "added 二", "same 辞职。"]),
        ("Der Rat tagt.", "Der Rat tagt heute.", ["same Der Rat tagt", "added  heute", "same ."]),
    ],
)
def test_whole_words_change(before: str, after: str, pieces: list[str]) -> None:
    """A figure or a word is not cut; of scripts without spaces each character counts."""
    assert [f"{kind} {text}" for kind, text in words_changed(before, after)] == pieces


def test_a_paragraph_put_in_changes_no_other() -> None:
    """It is told as new, and the one behind it as rewritten."""
    before = ["Snow fell on Arvik all night.", "Two roads are closed."]
    after = ["Snow fell on Arvik all night.", "Schools stay shut.", "Three roads are closed."]
    assert [(each.before, each.after) for each in differences(before, after)] == [(None, 1), (1, 2)]


def test_a_paragraph_is_compared_with_the_one_it_was() -> None:
    """And not with a new one in its place that shares its small words."""
    before = ["The chair of the board left the room on Monday.", "A choir sang for the guests."]
    after = ["The clerk read the list to the crowd on Friday.", "The chair of the board left the room on Tuesday."]
    assert [(each.before, each.after) for each in differences(before, after)] == [(None, 0), (0, 1), (1, None)]


def test_huge_texts_take_no_time() -> None:
    """A paragraph of a million characters, and thousands of paragraphs that all changed."""
    began = time.process_time()
    assert words_changed("a " * 500_000, "b " * 500_000)
    assert differences([f"old {n}" for n in range(5_000)], [f"new {n}" for n in range(5_000)])
    assert time.process_time() - began < 10


def story(*paragraphs: str, modified: str = "", title: str = "Snow in Arvik") -> Article:
    return Article("arvik", title, paragraphs, modified=modified)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (
            "Nine cars were lost.",
            "Twelve cars were lost.",
            "Corrected on 5 March 2023: \u201cNine\u201d became \u201cTwelve\u201d.",
        ),
        ("Cars were lost.", "Cars were lost on Monday.", "Updated on 5 March 2023: \u201con Monday\u201d was added."),
        (
            "The reckless mayor spoke.",
            "The mayor spoke.",
            "Corrected on 5 March 2023: \u201creckless\u201d was taken out.",
        ),
    ],
)
def test_a_correction_in_a_line(before: str, after: str, line: str) -> None:
    """Corrected where printed words have gone, updated where words only came; the day is its publisher's."""
    told = correction(story(before), story(after, modified="2023-03-05T08:00:00Z"), 0, "2023-03-09T10:00:00+00:00")
    assert told is not None
    assert in_a_line(told) == line
    assert told.before == before


def test_what_was_seen_is_dated_by_its_coming() -> None:
    """Where the publisher does not say when it was changed; a paragraph that only moved was not corrected."""
    before, after = story("One.", "Two."), story("Two.", "Three.")
    told = correction(before, after, 1, "2023-03-09T10:00:00+00:00")
    assert told is not None
    assert str(told.on) == "2023-03-09"
    assert correction(before, after, 0, "2023-03-09T10:00:00+00:00") is None


def test_other_particulars_are_no_correction() -> None:
    """A version may differ in its outlet or day alone; one with another headline is corrected."""
    assert changed(story("One."), story("One.")).how == "described"
    told = changed(story("One.", title="Snow falls"), story("One.", title="Rain falls"))
    assert told.how == "corrected"
    assert told.title == (Piece("removed", "Snow"), Piece("added", "Rain"), Piece("same", " falls"))
