"""Follow-ups written as the questions they stand for."""

from __future__ import annotations

import pytest

from index.understand.rewriting import rewritten
from newsdesk.types import Turn

FOUNDER = Turn("Who founded the Marrow Lane Theatre?", "Agnes Hollis")
LOAF = Turn("How many loaves did the baker of Ostrow give away?", "300")
BANK = Turn("Which bank did Kestrel Holdings buy?", "Fenwick Trust")
SALES = Turn("By how much did Orlan's sales fall in 2015?", "4 per cent")


@pytest.mark.parametrize(
    ("history", "question", "sentence"),
    [
        ((FOUNDER,), "When?", "When was it that Agnes Hollis founded the Marrow Lane Theatre?"),
        ((BANK,), "Why?", "Why did Kestrel Holdings buy Fenwick Trust?"),
        ((BANK,), "And since when?", "Since when did Kestrel Holdings buy Fenwick Trust?"),
        ((LOAF,), "where", "Where did the baker of Ostrow give away 300 loaves?"),
        ((Turn("Where was the yacht found?", "Off Skarn"),), "When?", "When was the yacht found?"),
        ((SALES,), "And in 2016?", "By how much did Orlan's sales fall in 2016?"),
        ((SALES,), "What about Petrel?", "By how much did Petrel's sales fall in 2015?"),
        ((FOUNDER,), "Where was she born?", "Where was Agnes Hollis born?"),
        ((FOUNDER,), "Who was her husband?", "Who was Agnes Hollis’ husband?"),
        ((FOUNDER, Turn("How old is she?", "71")), "And what did she study?", "What did Agnes Hollis study?"),
        ((BANK,), "Who founded it?", "Who founded Fenwick Trust?"),
        ((Turn("Why did Jorun Aske resign?", "He was ill."),), "How old is he?", "How old is Jorun Aske?"),
    ],
)
def test_what_is_plain_is_written_out(history: tuple[Turn, ...], question: str, sentence: str) -> None:
    """A question word alone, a new name or year in the old one's place, a person or thing for its pronoun."""
    assert rewritten(question, history) == sentence


@pytest.mark.parametrize(
    ("history", "question"),
    [
        ((FOUNDER,), "And the Globe?"),
        ((SALES,), "Education?"),
        ((SALES,), "And its rival?"),
        ((LOAF,), "What did he want for them?"),
        ((FOUNDER, Turn("Whom did he follow?", "Emil Roth")), "Where was she born?"),
        ((Turn("Which singer's horse won?", "Ona Bell"),), "Which horse?"),
        ((Turn("Where does it rain most?", "In Bergen"),), "Why?"),
        ((), "Why?"),
    ],
)
def test_what_leaves_a_doubt_is_not_written(history: tuple[Turn, ...], question: str) -> None:
    """Another may be meant, so the question is joined to those before it instead."""
    assert rewritten(question, history) is None
