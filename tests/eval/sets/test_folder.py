"""Evaluation folders: what is read, and that everything wrong is told at once."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from eval.sets.folder import load_folder, load_questions, load_splits, members
from newsdesk.errors import EvaluationFolderError
from newsdesk.types import Turn

SAMPLE = Path(__file__).parents[3] / "eval" / "sample"

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


def test_faults_of_questions_are_told_though_the_articles_are_missing(tmp_path: Path) -> None:
    """One list, not one after the other."""
    write(tmp_path, [], [{"question": "Who?"}])
    (tmp_path / "articles.jsonl").unlink()
    with pytest.raises(EvaluationFolderError, match=r"(?s)articles\.jsonl .* is missing.*line 1: no id"):
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
        {"id": "q2", "question": ""},
    ]
    with pytest.raises(EvaluationFolderError) as raised:
        load_questions(write(tmp_path, [ARTICLE, ARTICLE, {"text": "x"}], questions))
    told = str(raised.value)
    for expected in (
        "questions.jsonl line 1: no id",
        "questions.jsonl line 3: the id “q1” was there before",
        "questions.jsonl line 4: answers",
        "questions.jsonl line 4: answerable",
        "questions.jsonl line 4: as_of",
        "questions.jsonl line 5: evidence",
        "questions.jsonl line 5: history",
        "questions.jsonl line 6: paragraphs",
        "questions.jsonl line 7: not an object",
        "questions.jsonl line 8: no question",
        "questions.jsonl line 8: the id “q2” was there before",
        "articles.jsonl line 2: the id “a/1” was there before",
        "articles.jsonl line 3: no id",
    ):
        assert expected in told


def test_evidence_of_what_is_not_there_is_a_warning(tmp_path: Path) -> None:
    """The question stays, and still counts; the warning names the article, or the question and the article."""
    evidence = [
        {"article_id": "gone", "kind": "positive"},
        {"article_id": "a/1", "kind": "positive", "paragraphs": [0, 7]},
    ]
    folder = load_folder(write(tmp_path, [ARTICLE], [QUESTION | {"evidence": evidence}]))
    assert [gold.article_id for gold in folder.questions[0].gold] == ["gone", "a/1"]
    assert folder.questions[0].gold[1].paragraphs == ("First paragraph.",)
    assert folder.warnings == (
        "q1: evidence names the article “gone”, which is not in articles.jsonl.",
        "q1: evidence names paragraph 7 of “a/1”, which has 2, counted from 0.",
    )


def test_an_answer_in_parts(tmp_path: Path) -> None:
    """A list among the answers is one answer of which every part is needed."""
    record = QUESTION | {"answers": [["1960", "2023"], "63 years"], "answerable": True}
    (question,) = load_questions(write(tmp_path, [ARTICLE], [record]))
    assert question.answers == (("1960", "2023"), "63 years")


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"answers": []}, "answerable, but without answers"),
        ({"answers": ["nine", ""]}, "empty"),
        ({"answers": ["?!", "the"]}, "can match"),
        ({"history": [{"question": "x\ud83d", "answer": ""}]}, "half a character"),
        ({"answers": [[]]}, "empty"),
        ({"answers": [["a", 3]]}, "not a list of texts"),
        ({"answerable": 1}, "not true, false or null"),
        ({"question": "  "}, "no question"),
        ({"question": "half \ud800"}, "half a character"),
        ({"id": 7}, "id is 7, not text"),
    ],
)
def test_what_a_question_may_not_be(tmp_path: Path, field: dict[str, object], said: str) -> None:
    """Nothing that could only be scored wrongly gets in: said with its line before any work starts."""
    record = QUESTION | {"answers": ["nine"], "answerable": True} | field
    with pytest.raises(EvaluationFolderError, match=r"questions\.jsonl line 1") as raised:
        load_questions(write(tmp_path, [ARTICLE], [record]))
    assert said in str(raised.value)


def test_one_answer_of_several_that_cannot_match_is_a_warning(tmp_path: Path) -> None:
    """SQuAD's own questions have "." among their answers: it is left out, and said."""
    folder = load_folder(write(tmp_path, [ARTICLE], [QUESTION | {"answers": [".", "nine"], "answerable": True}]))
    assert folder.questions[0].answers == ("nine",)
    assert "q1: the answer “.” is left out" in folder.warnings[0]


def test_a_quote_finds_its_paragraph(tmp_path: Path) -> None:
    """Evidence that names no paragraph, but quotes one, or several whole ones, has these as gold."""
    first, second = (
        "Nine jets flew over the town that morning, it was said.",
        "Nobody at all was hurt, the mayor of the town said.",
    )
    article = {"id": "a/1", "text": f"{first}\n\nRussia\n\n{second}"}
    evidence = [
        {"article_id": "a/1", "kind": "positive", "quote": "jets flew over  the town"},
        {"article_id": "a/1", "kind": "positive", "quote": f"{first} Russia {second}"},
        {"article_id": "a/1", "kind": "positive", "quote": "somewhere else"},
        {"article_id": "a/1", "kind": "positive"},
    ]
    (question,) = load_questions(write(tmp_path, [article], [QUESTION | {"evidence": evidence}]))
    assert [gold.paragraphs for gold in question.gold] == [(first,), (first, second), (), ()]


def test_evidence_of_no_gold_kind_is_a_warning(tmp_path: Path) -> None:
    """Otherwise finding would go unmeasured without a word."""
    record = QUESTION | {"evidence": [{"article_id": "a/1", "kind": "gold"}]}
    assert "of the kinds gold does not count" in load_folder(write(tmp_path, [ARTICLE], [record])).warnings[0]


def test_the_same_content_has_the_same_hash(tmp_path: Path) -> None:
    """Packed or not; another letter is another hash."""
    first = load_folder(write(tmp_path, [ARTICLE], [QUESTION]))
    plain = tmp_path / "articles.jsonl"
    (tmp_path / "articles.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    packed = load_folder(tmp_path)
    assert (packed.articles_hash, packed.questions_hash) == (first.articles_hash, first.questions_hash)
    other = load_folder(write(tmp_path, [ARTICLE | {"title": "x"}], [QUESTION]))
    assert other.articles_hash != first.articles_hash


def test_splits(tmp_path: Path) -> None:
    """A splits file holds lists of ids or beginnings of ids; anything else is refused."""
    file = tmp_path / "splits.json"
    file.write_text('{"tune": ["q1", "q2"]}')
    assert load_splits(file) == {"tune": ("q1", "q2")}
    file.write_text('{"tune": "q1"}')
    with pytest.raises(EvaluationFolderError, match="lists of ids"):
        load_splits(file)


def test_who_belongs_to_a_split() -> None:
    """An entry that is an id means that question alone; any other is a beginning."""
    ids = ["q1", "q10", "b:1", "b:2"]
    belongs = members({"one": ("q1",), "b": ("b:",), "both": ("b:1", "q10")}, ids)
    assert belongs == {"q1": ("one",), "q10": ("both",), "b:1": ("b", "both"), "b:2": ("b",)}
