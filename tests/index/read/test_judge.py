"""The judge of support that comes with Newsdesk."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.read.judge import FILE, Judge
from index.read.reader import WEIGHTS
from newsdesk.errors import ModelError

FERRY = (
    "The night ferry from Tolm to Garrow sank on Monday with 31 people on board. All of them were saved by fishermen."
)


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The packaged one."""
    return Judge()


def test_support_contradiction_and_silence_are_told_apart(judge: Judge) -> None:
    """Of one report: a sentence that it says in other words, one that it denies, one of which it says nothing."""
    said, denied, silent = judge.judge(
        [
            ("A ferry went down on its way from Tolm to Garrow.", FERRY),
            ("Three people drowned when the ferry from Tolm sank.", FERRY),
            ("The mayor of Brint opened a new library.", FERRY),
        ]
    )
    assert said.supports > max(denied.supports, silent.supports)
    assert denied.contradicts > max(said.contradicts, silent.contradicts)
    assert silent.neither > max(said.neither, denied.neither)


def test_a_right_answer_is_supported_better_than_a_figure_of_something_else(judge: Judge) -> None:
    """A question with its answer behind it is judged as a sentence is."""
    question = "How many people were on the ferry?"
    right, wrong = judge.judge([(f"{question} 31", FERRY), (f"{question} Monday", FERRY)])
    assert right.supports > wrong.supports


@settings(deadline=None, max_examples=25)
@given(st.text(max_size=400), st.text(max_size=2_000))
def test_probabilities_are_probabilities(judge: Judge, sentence: str, text: str) -> None:
    """Whatever is judged, empty or odd: three shares of 1."""
    [verdict] = judge.judge([(sentence, text)])
    assert all(0 <= each <= 1 for each in (verdict.supports, verdict.contradicts, verdict.neither))
    assert verdict.supports + verdict.contradicts + verdict.neither == pytest.approx(1)


def test_what_stands_far_down_in_a_long_text_is_found(judge: Judge) -> None:
    """A text is judged in parts when it is too long, and the part that says something decides."""
    filler = "The council met on Tuesday and talked about the weather for a long time. " * 60
    [verdict, alone] = judge.judge([("The ferry from Tolm to Garrow sank.", filler + FERRY), ("The ferry from Tolm to Garrow sank.", filler)])  # fmt: skip
    assert verdict.supports > 0.5 > alone.supports


def test_a_verdict_does_not_depend_on_what_else_is_judged(judge: Judge) -> None:
    """Eight bits round alike: the same pair, alone or among others, gets the same probabilities."""
    pair = ("The ferry carried 31 people.", FERRY)
    others = [("Something else entirely.", FERRY * 3), ("", "")]
    assert judge.judge([pair])[0] == judge.judge([*others, pair])[2]


def test_damaged_and_missing_weights_are_told(tmp_path: Path) -> None:
    """A file that is no model is a ModelError that names the folder, and so is none."""
    (tmp_path / "tokenizer.json").write_bytes((WEIGHTS / "tokenizer.json").read_bytes())
    with pytest.raises(ModelError, match=str(tmp_path)):
        Judge(tmp_path)
    (tmp_path / FILE).write_bytes(b"no model")
    with pytest.raises(ModelError, match=str(tmp_path)):
        Judge(tmp_path)
