"""What a question is narrowed to, and how it reads without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import Question
from tests.support import article, one_each


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Two outlets on one fire, by keyword alone."""
    folder: Path = tmp_path_factory.mktemp("narrowed")
    opened = Archive(Settings(data=folder))
    articles = [
        article("a", "The fire in the Orrin mill began in the boiler room, said the chief.", source="Tannet Post",
                published=date(2023, 5, 2)),
        article("b", "The fire in the Orrin mill hurt nobody on Monday.", source="Harbour Courier", published=date(2023, 5, 3)),
    ]  # fmt: skip
    opened.catalogue.put(articles, one_each)
    opened.load()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("question", "narrowed"),
    [
        ("Where did the fire in the Orrin mill begin?", []),
        ("What began in the Orrin mill on 1 May 2023?", [("days", "1 May 2023", "What began in the Orrin mill?")]),
        ("On 1 May 2023, what burned in Orrin?", [("days", "1 May 2023", "What burned in Orrin?")]),
        ("According to the Tannet Post, where did the fire in the Orrin mill begin?",
         [("outlets", "Tannet Post", "Where did the fire in the Orrin mill begin?")]),
        ("What did the Tannet Post say about the Orrin mill?",
         [("outlets", "Tannet Post", "What was reported about the Orrin mill?")]),
        ("What happened in Orrin in May 2023?", [("days", "1 May 2023 to 3 May 2023", "What happened in Orrin?")]),
    ],
)  # fmt: skip
def test_what_narrows_a_question_can_be_left_out(archive: Archive, question: str, narrowed: list[object]) -> None:
    """Its days and its outlets; asked without them, the question is narrowed no more."""
    answer = archive.engine.ask(Question(question))
    assert [(each.kind, each.text, each.without) for each in answer.narrowed] == narrowed
    for each in answer.narrowed:
        assert archive.engine.ask(Question(each.without)).narrowed == ()


def test_of_days_alone_nothing_would_be_left(archive: Archive) -> None:
    """ "What did the Post report in May 2023?" without its outlet is no question that says anything, and is not offered."""
    (narrowed,) = archive.engine.ask(Question("What did the Tannet Post report in May 2023?")).narrowed
    assert narrowed.kind == "days"
