"""Questions for a list that no form foretells, told by what was learnt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index.embed.key import model_key
from index.embed.model import PassageEmbedding
from index.understand.days.window import time_window
from index.understand.list_form import survey_kind
from index.understand.list_head import ListHead, cues, load_head, packaged_head, save_head
from newsdesk import packaged_model

FRIDAY = date(2017, 2, 10)


@pytest.fixture(scope="module")
def embedding() -> PassageEmbedding:
    """The packaged model."""
    return PassageEmbedding(packaged_model.NAME)


def _asks_for_list(embedding: PassageEmbedding, question: str) -> bool:
    dated = time_window(question, FRIDAY) is not None
    return packaged_head().asks_for_list(question, embedding.encode_question(question), dated=dated)


@pytest.mark.parametrize(
    "question",
    [
        "Which ferries have been taken out of service this winter?",
        "Which councils have raised their fees since the reform?",
        "How has the price of salt moved over the last year?",
        "What have shopkeepers been saying about the parking fees?",
        "complaints about the ferry timetable this year",
        "ferry accidents since 2010",
    ],
)
def test_lists_without_a_form_are_told(embedding: PassageEmbedding, question: str) -> None:
    """No form foretells them, and no such question is among those that were learnt from."""
    assert survey_kind(question, time_window(question, FRIDAY)) is None
    assert _asks_for_list(embedding, question)


@pytest.mark.parametrize(
    "question",
    [
        "Which two ferries collided off Tannet?",
        "Which ferry sank off Tannet last week?",
        "What did the shopkeeper say about the parking fees?",
        "How many ferries were taken out of service this winter?",
        "How old is Edmund Prior?",
        "Who wrote the report on the ferry?",
        "Which carmaker recalled 2.9 million vehicles this week?",
    ],
)
def test_questions_for_a_fact_stay_such(embedding: PassageEmbedding, question: str) -> None:
    """One article answers them."""
    assert not _asks_for_list(embedding, question)


def test_it_belongs_to_the_packaged_model() -> None:
    """Vectors of another model mean other things; the weights name the model they are for."""
    assert packaged_head().model == model_key(packaged_model.NAME)


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    """The file keeps four digits, which change no probability that anybody sees."""
    head = ListHead("a model", -1.25, np.array([0.5, -0.12346], dtype=np.float32), {"which": 0.75, "#plural": 2.0}, 0.5)
    save_head(head, tmp_path / "heads" / "head.json")
    again = load_head(tmp_path / "heads" / "head.json")
    vector = np.array([0.6, 0.8], dtype=np.float32)
    for question in ("Which bridges are closed?", "Where is it?"):
        before = head.probability(question, vector, dated=False)
        assert again.probability(question, vector, dated=False) == pytest.approx(before, abs=1e-4)
    assert (again.model, again.threshold) == ("a model", 0.5)


def test_the_shape_of_a_question_is_seen() -> None:
    """Things in the plural, a number of them, days, and no word that asks."""
    assert "#plural" in cues("Which of our bridges were closed?", dated=False)
    assert "#number" in cues("Which three bridges were closed?", dated=False)
    assert "#plural" not in cues("Which bus was late?", dated=False)
    assert {"#dated", "#bare", "#no mark"} <= cues("closed bridges in May", dated=True)
