"""What a paper tells of "last Friday" is found and believed for a question about that day."""

from __future__ import annotations

import pytest

from tests.index.answer.kinds.conftest import Asking
from tests.support import article, day

FIRE = article(
    "fire", "A mill burned down in Lisk last Tuesday, the fire service said on Sunday. It had stood since 1870.",
    title="Mill lost", published=day("2021-10-17"),
)  # fmt: skip
CRASH = article(
    "crash", "A lorry with paint overturned on the bridge of Lisk yesterday. The road was blue for hours.",
    title="Blue road", published=day("2021-10-16"),
)  # fmt: skip
FERRY = article("ferry", "The ferry Lull will sail for the first time tomorrow.", title="New ferry", published=day("2021-10-18"))  # fmt: skip


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What burned down in Lisk on 12 October 2021?", "mill"),
        ("What overturned in Lisk on 15 October 2021?", "lorry"),
        ("What burned down in Lisk on October 12, 2021?", "mill"),
        ("Which ferry sails for the first time on 19 October 2021?", "Lull"),
    ],
)
def test_relative_days_count_as_the_day_asked_about(asking: Asking, question: str, answer: str) -> None:
    """Counted from the date of their article; days to come too."""
    assert answer in asking(FIRE, CRASH, FERRY)(question).text


@pytest.mark.parametrize(
    "question", ["What burned down in Lisk on 5 October 2021?", "What overturned in Lisk on 1 October 2021?"]
)
def test_another_day_is_not_the_one_asked_about(asking: Asking, question: str) -> None:
    """What happened on another day is no answer."""
    assert not asking(FIRE, CRASH, FERRY)(question).answerable


def test_an_undated_article_tells_of_no_day(asking: Asking) -> None:
    """ "Last Tuesday" of nobody knows when is left alone."""
    undated = article("undated", FIRE.paragraphs[0], title="Mill lost")
    assert not asking(undated)("What burned down in Lisk on 12 October 2021?").answerable
