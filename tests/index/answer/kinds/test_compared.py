"""Comparisons are answered with both values and what comes of them, or not at all."""

from __future__ import annotations

import pytest

from tests.index.answer.kinds.conftest import Asking
from tests.support import article, day

DELL = article(
    "dell",
    "The Dell stadium in Lisk, built in 1908, holds 12,000 people. Its roof is 21 metres high.",
    title="Dell stadium gets new roof", published=day("2022-03-02"),
)  # fmt: skip
ARK = article(
    "ark",
    "The Ark stadium in Marn was built in 1966 and holds 31,000 people. Its roof is 3,400 centimetres high.",
    title="Ark stadium sold out", published=day("2022-04-02"),
)  # fmt: skip
MAY = article(
    "may", "Inflation in Pellmark was 4.1 percent in May, the bank said.", title="Prices", published=day("2022-06-03")
)
JULY = article(
    "july", "Inflation in Pellmark was 5.3 percent in July, the bank said.", title="Prices", published=day("2022-08-03")
)


@pytest.mark.parametrize(
    ("question", "short", "shown"),
    [
        ("Which stadium is older, the Dell or the Ark?", "the Dell stadium", ("1908", "1966")),
        ("Is the Ark stadium older than the Dell stadium?", "No", ("1908", "1966")),
        ("Which stadium holds more people, the Ark or the Dell?", "the Ark stadium", ("12,000", "31,000")),
        ("Did inflation in Pellmark rise or fall between May and July 2022?", "rose", ("4.1", "5.3")),
        ("Was inflation in Pellmark higher in July 2022 than in May 2022?", "Yes", ("4.1", "5.3")),
    ],
)
def test_both_values_are_quoted_and_compared(asking: Asking, question: str, short: str, shown: tuple[str, str]) -> None:
    """Each from its own article; a note says what was compared."""
    answer = asking(DELL, ARK, MAY, JULY)(question)
    assert answer.short_answer == short
    assert all(value in answer.text for value in shown)
    assert len({citation.article_id for citation in answer.citations}) == 2
    assert "compared" in {note.kind for note in answer.notes}


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("Which stadium is older, the Dell or the Quill?", "Quill"),
        ("Did inflation in Pellmark rise or fall between May and September 2022?", "September"),
    ],
)
def test_without_one_of_the_values_it_is_refused(asking: Asking, question: str, note: str) -> None:
    """And a note says which is missing."""
    answer = asking(DELL, ARK, MAY, JULY)(question)
    assert not answer.answerable
    assert not answer.citations
    assert any(note in each.text for each in answer.notes if each.kind == "part_not_told")


def test_values_of_other_measures_are_not_compared(asking: Asking) -> None:
    """Euros and dollars are shown beside each other, and no side wins."""
    answer = asking(
        article("one", "The blue pass of Hohl costs 48 euros a day."), article("two", "The red pass of Tarn costs 55 dollars a day.")
    )("Which is cheaper, the blue pass of Hohl or the red pass of Tarn?")  # fmt: skip
    assert answer.short_answer is None
    assert "48 euros" in answer.text
    assert "55 dollars" in answer.text


def test_what_the_archive_compares_itself_is_read(asking: Asking) -> None:
    """Where it gives no values but says which is more."""
    answer = asking(
        article("rivers", "The river Orne is longer than the river Tove, as every child in Lisk learns at school.")
    )("Which is longer, the river Orne or the river Tove?")
    assert answer.answerable
    assert "longer than the river Tove" in answer.text
