"""Questions that are made of an archive's own articles."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desk.starters import SURE, Starters, question_of
from index.archive import Archive
from newsdesk.settings import Settings
from newsdesk.types import Question


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("About 60 ponies were moved from the marsh at Elder Quay, the warden said.", "How many ponies were moved from the marsh at Elder Quay?"),
        ("Lena Forsberg has bought the old brewery in Tamsworth.", "Who has bought the old brewery in Tamsworth?"),
        ("She has bought the old brewery in Tamsworth.", None),
        ("Lena Forsberg has bought the brewery that her father ran in Tamsworth.", None),
        ("When Lena Forsberg arrived in the port of Tamsworth, it rained.", None),
        ("60 per cent were said to be moved from Elder Quay.", None),
        ("Lena Forsberg was elected on a wet and windy evening.", None),
    ],
)  # fmt: skip
def test_a_sentence_asks_for_its_beginning(sentence: str, question: str | None) -> None:
    """Where what is left stands alone and names something; of every other sentence nothing is made."""
    made = question_of(sentence)
    assert (made[0] if made else None) == question


def test_what_is_offered_is_answered(sample_data: Path) -> None:
    """Each question has an answer in the archive with high confidence, and is gone with the article that gives it."""
    archive = Archive(Settings(data=sample_data), create=False)
    archive.keyword.catch_up()
    starters = Starters(archive.engine)
    starters.make(threading.Event())
    offered = starters.questions()
    assert 3 <= len(offered) <= 4
    answers = [archive.engine.ask(Question(question)) for question in offered]
    assert all(answer.answerable and answer.confidence >= SURE for answer in answers)
    cited = answers[0].citations[0]
    archive.catalogue.remove([cited.article_id, *(copy.article_id for copy in cited.also_in)])
    assert offered[0] not in starters.questions()
    archive.close()
