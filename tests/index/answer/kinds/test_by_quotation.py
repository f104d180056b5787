"""Who said some words is answered with the words themselves and with whoever spoke them."""

from __future__ import annotations

import pytest

from tests.index.answer.kinds.conftest import Asking
from tests.support import article, day

MINE = article(
    "mine",
    "“Every lamp will be tested,” said Ludo Krantz, who runs the mine at Feld. Union secretary Pia Holm spoke of a “lost year”.",
    "Engineer Abe Winter said the shaft was dry. Holm denied that she had asked for money.",
    "“They never came down to look,” Holm said. “That is how it was for years. We were left alone with it.”",
    title="Mine reopens", published=day("2020-02-03"),
)  # fmt: skip
RIVER = article(
    "river",
    "The angler Otto Lem has fished the Sarn for sixty years. He blames the dam for its state. “You could drink from it once,” he says.",
    title="River dries", published=day("2020-08-03"),
)  # fmt: skip
COUNCIL = article(
    "council",
    "Councillor Greta Moos voted against the dam on Tuesday. The plan was called “a gift to the builders” by Councillor Ivo Prell.",
    title="Vote on dam", published=day("2020-09-03"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "speaker", "shown"),
    [
        ('Who said "That is how it was for years"?', "Holm", "how it was for years"),
        ("Who said “we were left alone with it”?", "Holm", "left alone with it"),
        ('Who spoke of a "lost year"?', "Holm", "lost year"),
        ('Who said "every lamp will be tested"?', "Ludo Krantz", "Every lamp"),
        ('Who said "you could drink from it once"?', "Otto Lem", "drink from it"),
        ('Who called the plan "a gift to the builders"?', "Ivo Prell", "a gift to"),
        ('"They never came down to look": who said that?', "Holm", "never came down"),
    ],
)
def test_the_speaker_is_shown_with_the_words(asking: Asking, question: str, speaker: str, shown: str) -> None:
    """And nobody else is named as the speaker."""
    answer = asking(MINE, RIVER, COUNCIL)(question)
    assert speaker in answer.text
    assert shown in answer.text
    assert speaker in (answer.short_answer or "")


def test_words_that_nobody_said_are_refused(asking: Asking) -> None:
    """However many words of them are in the archive."""
    assert not asking(MINE, RIVER, COUNCIL)('Who said "the lamp was lost for years"?').answerable


@pytest.mark.parametrize("words", ["has fished the Sarn for sixty years", "voted against the dam on Tuesday"])
def test_what_the_paper_tells_itself_was_said_by_nobody(asking: Asking, words: str) -> None:
    """Whoever stands beside it: narration is no quotation."""
    assert not asking(MINE, RIVER, COUNCIL)(f'Who said "{words}"?').answerable
