"""Where sentences begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.wording.sentences import cuts, sentence_spans

# Text made of what decides about sentence ends, besides any text at all.
pieces = st.sampled_from(
    [" ", "  ", "\n\n", ". ", "! ", "? ", "… ", ".” ", "Mr. ", "U.S. ", "J. ", "Jan. ", "The", "town", "9", "“", ")"]
)
texts = st.text() | st.lists(pieces | st.text(max_size=3)).map("".join)


@given(texts)
def test_spans_hold_every_word_once_and_in_order(text: str) -> None:
    """Nothing is lost between sentences but white space, and no span begins or ends with any."""
    spans = sentence_spans(text)
    end = 0
    for start, stop in spans:
        assert end <= start < stop <= len(text)
        assert not text[end:start].strip()
        assert text[start:stop] == text[start:stop].strip()
        end = stop
    assert not text[end:].strip()


@pytest.mark.parametrize(
    "sentences",
    [
        ["Nine jets flew.", "Eight came back."],
        ["Mr. Prior left on Jan. 23 for St. Helens.", "Dr. Reck stayed."],
        ["He spoke to the U.S. Army.", "It agreed."],
        ["They live in the U.S.", "The others left."],
        ["J. K. Holm won 3.5 million.", "“We did it!”", "She laughed."],
        ["“Is it over?” he asked.", "Nobody knew…", "Then it rained."],
        ["Prices rose (by 4 %.)", "Wages fell."],
        ["It cost £6.", "€3 came back."],
        ["one sentence without a capital. and no end"],
    ],
)
def test_news_prose_is_cut_where_a_reader_expects(sentences: list[str]) -> None:
    """Titles, initials, months, numbers and closing quotes do not mislead."""
    text = " ".join(sentences)
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


OWL = "An owl nests in the tower. “It came in March,” the verger says, “and nobody minds.” Visitors may look."


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        (OWL, (False, False)),
        ("An owl nests in the tower.", (False, False)),
        ("An owl nests in the tower", (False, False)),
        ("An owl nests", (False, True)),
        ("in the tower.", (True, False)),
        ("the verger says", (True, True)),
        ("It came in March,” the verger says, “and nobody minds.", (False, False)),
        ("in the tower. “It came in March", (True, True)),
    ],
)
def test_a_quote_is_cut_where_its_sentence_goes_on(quote: str, expected: tuple[bool, bool]) -> None:
    """What is left out has words; quotation marks and full stops alone are no cut."""
    start = OWL.index(quote)
    assert cuts(OWL, start, start + len(quote)) == expected
