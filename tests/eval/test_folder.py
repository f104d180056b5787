"""Evaluation folders: what is read, and that everything wrong is told at once."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from eval.folder import load_questions, load_splits
from newsdesk.errors import EvaluationFolderError
from newsdesk.types import Turn

SAMPLE = Path(__file__).parents[2] / "eval" / "sample"

ARTICLE = {"id": "a/1", "text": "First paragraph.\n\n\n\nSecond paragraph."}
QUESTION = {"id": "q1", "question": "Which is the second?"}


def write(folder: Path, articles: list[object], questions: list[object]) -> Path:
    """Makes a folder of these records."""
    for name, records in (("articles", articles), ("questions", questions)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    return folder


def test_the_sample_loads() -> None:
    """The folder that ships is right, and every gold paragraph is found."""
    questions = load_questions(SAMPLE)
    assert len(questions) == 120
    assert all(gold.paragraphs for question in questions for gold in question.gold)
    assert {question.answerable for question in questions} == {True, False}


def test_everything_is_read(tmp_path: Path) -> None:
    """Answers, evidence of gold kinds with its paragraphs' text, type, as_of, history; extra fields do not matter."""
    evidence = [
        {"article_id": "a/1", "kind": "gold_fact", "paragraphs": [1], "quote": "Second"},
        {"article_id": "a/1", "kind": "answer_string_weak"},
    ]
    history = [{"question": "What is this?", "answer": "A text."}]
    record = QUESTION | {"answers": ["Second"], "evidence": evidence, "type": "what", "answerable": True}
    (question,) = load_questions(
        write(tmp_path, [ARTICLE], [record | {"as_of": "2017-01-18", "history": history, "x": 1}])
    )
    assert question.answers == ("Second",)
    assert [gold.paragraphs for gold in question.gold] == [("Second paragraph.",)]
    assert (question.type, question.answerable, question.as_of) == ("what", True, date(2017, 1, 18))
    assert question.history == (Turn("What is this?", "A text."),)


def test_what_is_not_said_is_not_known(tmp_path: Path) -> None:
    """Without "answerable" it is None, not False."""
    (question,) = load_questions(write(tmp_path, [ARTICLE], [QUESTION]))
    assert question.answerable is None
    assert question.answers == ()
    assert question.gold == ()


def test_gzip(tmp_path: Path) -> None:
    """Either file may be gzipped."""
    write(tmp_path, [ARTICLE], [QUESTION])
    plain = tmp_path / "questions.jsonl"
    (tmp_path / "questions.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert [question.id for question in load_questions(tmp_path)] == ["q1"]


def test_missing_files_are_told_together(tmp_path: Path) -> None:
    """One message names both."""
    with pytest.raises(EvaluationFolderError, match=r"(?s)articles.jsonl.*questions.jsonl"):
        load_questions(tmp_path)


def test_all_faults_are_told_together(tmp_path: Path) -> None:
    """No id, the same id twice, wrong types: each with its line."""
    questions = [
        {"question": "Who?"},
        QUESTION,
        QUESTION,
        {"id": "q2", "question": "Who?", "answers": "Ann", "answerable": "yes", "as_of": "soon"},
        {"id": "q3", "question": "Who?", "evidence": [{"article_id": 3}], "history": ["no"]},
        {"id": "q4", "question": "Who?", "evidence": [{"article_id": "a/1", "kind": "positive", "paragraphs": [-1]}]},
        ["a list"],
    ]
    with pytest.raises(EvaluationFolderError) as raised:
        load_questions(write(tmp_path, [ARTICLE, ARTICLE, {"text": "x"}], questions))
    told = str(raised.value)
    for expected in (
        "questions.jsonl line 1: no id",
        "questions.jsonl line 3: the id 'q1' was there before",
        "questions.jsonl line 4: answers",
        "questions.jsonl line 4: answerable",
        "questions.jsonl line 4: as_of",
        "questions.jsonl line 5: evidence",
        "questions.jsonl line 5: history",
        "questions.jsonl line 6: paragraphs",
        "questions.jsonl line 7: not an object",
        "articles.jsonl line 2: the id 'a/1' was there before",
        "articles.jsonl line 3: no id",
    ):
        assert expected in told


def test_evidence_of_an_unknown_article_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The question stays; the log names the article."""
    record = QUESTION | {"evidence": [{"article_id": "gone", "kind": "positive"}]}
    (question,) = load_questions(write(tmp_path, [ARTICLE], [record]))
    assert question.gold[0].article_id == "gone"
    assert "'gone'" in caplog.text


def test_splits(tmp_path: Path) -> None:
    """A splits file holds lists of ids or beginnings of ids; anything else is refused."""
    file = tmp_path / "splits.json"
    file.write_text('{"tune": ["q1", "q2"]}')
    assert load_splits(file) == {"tune": ("q1", "q2")}
    file.write_text('{"tune": "q1"}')
    with pytest.raises(EvaluationFolderError, match="lists of ids"):
        load_splits(file)
