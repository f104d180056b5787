"""Numbers with the words that fit them."""

from __future__ import annotations

import pytest

from newsdesk.wording.counted import counted, paragraph_in_words


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((1, "file"), "1 file"),
        ((0, "file"), "0 files"),
        ((1_200, "story", "stories"), "1,200 stories"),
        ((1, "file is as it was", "files are as they were"), "1 file is as it was"),
    ],
)
def test_words_fit_their_number(given: tuple[int, str], said: str) -> None:
    """One is told apart from none and from many."""
    assert counted(*given) == said


def test_paragraphs_are_counted_from_one() -> None:
    """Whatever people read calls the first paragraph 1, though the API and the catalogue call it 0."""
    assert [paragraph_in_words(number) for number in (0, 12)] == ["paragraph 1", "paragraph 13"]
