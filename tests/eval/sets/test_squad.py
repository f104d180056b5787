"""SQuAD's JSON as an evaluation folder."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eval.sets.folder import load_folder, load_questions
from eval.sets.squad import is_squad, squad_folder
from ingest.formats.jsonl import read_jsonl
from newsdesk.errors import EvaluationFolderError
from newsdesk.types import Article
from tests.support import SAMPLE


def qa(id_: Any, *answers: Any, **more: Any) -> dict[str, Any]:
    """A question as SQuAD has it."""
    listed = [{"text": text, "answer_start": 0} for text in answers]
    return {"id": id_, "question": f"What of {id_}?", "answers": listed, **more}


def item(title: str, *paragraphs: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """An item of "data"."""
    return {"title": title, "paragraphs": [{"context": context, "qas": qas} for context, qas in paragraphs]}


def squad(*items: Any) -> dict[str, Any]:
    """A whole file."""
    return {"version": "v2.0", "data": list(items)}


TWO = squad(
    item(
        "Harbour_of_Mel%C3%A9n",
        ("The harbour has nine cranes.\n\nThey are red.", [qa("q1", "nine", "nine cranes", "nine")]),
        ("It froze in 1901.", [qa("q2", is_impossible=True, plausible_answers=[{"text": "1901", "answer_start": 13}])]),
    ),
    item("Tram", ("Line 4 was closed.", [qa("q3", "4", is_impossible=False), qa("q4", "Line 4")])),
)


def write(content: Any, file: Path, packed: bool = False) -> Path:
    """Writes the file as JSON."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    file.write_bytes(gzip.compress(data, mtime=0) if packed else data)
    return file


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_becomes_a_folder(tmp_path: Path, packed: bool) -> None:
    """Questions, answers and gold paragraphs are those of the file, plain or gzipped."""
    file = write(TWO, tmp_path / "dev.json", packed)
    assert is_squad(file)
    squad_folder(file, tmp_path / "made" / "folder")
    assert load_folder(tmp_path / "made" / "folder").warnings == ()
    questions = load_questions(tmp_path / "made" / "folder")
    assert [(q.id, q.answers, q.answerable, q.type) for q in questions] == [
        ("q1", ("nine", "nine cranes"), True, "squad"),
        ("q2", (), False, "squad"),
        ("q3", ("4",), True, "squad"),
        ("q4", ("Line 4",), True, "squad"),
    ]
    assert [[(gold.article_id, gold.paragraphs) for gold in q.gold] for q in questions] == [
        [("Harbour_of_Mel%C3%A9n", ("The harbour has nine cranes. They are red.",))],
        [],
        [("Tram", ("Line 4 was closed.",))],
        [("Tram", ("Line 4 was closed.",))],
    ]


def test_the_articles_can_be_taken_in(tmp_path: Path) -> None:
    """A context is one paragraph of the archive too, and the title is readable."""
    squad_folder(write(TWO, tmp_path / "dev.json"), tmp_path)
    articles = [article for article in read_jsonl(tmp_path / "articles.jsonl") if isinstance(article, Article)]
    assert [(article.id, article.title) for article in articles] == [
        ("Harbour_of_Mel%C3%A9n", "Harbour of Melén"),
        ("Tram", "Tram"),
    ]
    assert articles[0].paragraphs == ("The harbour has nine cranes. They are red.", "It froze in 1901.")


def test_titles_need_not_be_unique(tmp_path: Path) -> None:
    """Each item is an article of its own, whatever it is called."""
    titles = ["A", "A", "A (2)", "", "", "\x00"]
    items = [item(title, (f"Text {number}.", [qa(f"q{number}", "x")])) for number, title in enumerate(titles)]
    squad_folder(write(squad(*items), tmp_path / "dev.json"), tmp_path)
    gold = [question.gold[0] for question in load_questions(tmp_path)]
    assert [each.article_id for each in gold] == ["A", "A (2)", "A (2) (2)", "article", "article (2)", "article (3)"]
    assert [each.paragraphs for each in gold] == [(f"Text {number}.",) for number in range(6)]


def test_what_an_impossible_question_is_about_is_not_gold(tmp_path: Path) -> None:
    """Its paragraph is named, for whoever wants to look, as what it is about."""
    squad_folder(write(TWO, tmp_path / "dev.json"), tmp_path)
    records = [json.loads(line) for line in (tmp_path / "questions.jsonl").read_text().splitlines()]
    assert records[1]["evidence"] == [{"article_id": "Harbour_of_Mel%C3%A9n", "kind": "about", "paragraphs": [1]}]


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Whoever mends the file sees all of it, each with its place, and nothing was written."""
    bad = squad(
        "text",
        {"title": 5, "paragraphs": []},
        {"title": "no paragraphs"},
        item("A", ("", [qa("q1", "x")]), ("Text.", [qa("q2", "x"), qa("q2", "x"), qa("", "x"), qa("q3"), qa(4, "x")])),
        item("B", ("Text.", [qa("q5", "x", is_impossible=True), qa("q6", "x", is_impossible=1), {"id": "q7", "question": "?"}])),
        item("C", ("Text.", [qa("q8", 5), qa("q9", ""), qa("q\ud800", "x")])),
        {"title": "D", "paragraphs": ["text", {"context": "Text.", "qas": {}}]},
    )  # fmt: skip
    with pytest.raises(EvaluationFolderError) as caught:
        squad_folder(write(bad, tmp_path / "dev.json"), tmp_path / "folder")
    said = str(caught.value).splitlines()
    assert [line.strip() for line in said[1:]] == [
        "data[0]: not an object with a text as title",
        "data[1]: not an object with a text as title",
        "data[2]: paragraphs is not a list",
        "data[3].paragraphs[0]: no context that is text",
        "data[3].paragraphs[1].qas[1]: the id “q2” was there before",
        "data[3].paragraphs[1].qas[2]: no id that is text",
        "data[3].paragraphs[1].qas[3]: it has no answer and is_impossible is not true",
        "data[3].paragraphs[1].qas[4]: no id that is text",
        "data[4].paragraphs[0].qas[0]: it has an answer and is_impossible is true",
        "data[4].paragraphs[0].qas[1]: is_impossible is 1, not true or false",
        "data[4].paragraphs[0].qas[2]: answers is not a list of objects with a text",
        "data[5].paragraphs[0].qas[0]: answers is not a list of objects with a text",
        "data[5].paragraphs[0].qas[1]: answers is not a list of objects with a text",
        "data[5].paragraphs[0].qas[2]: no id that is text",
        "data[5].paragraphs[0].qas[2]: no question that is text",
        "data[6].paragraphs[0]: not an object",
        "data[6].paragraphs[1]: qas is not a list",
    ]
    assert not (tmp_path / "folder").exists()


def test_a_long_list_of_faults_is_cut(tmp_path: Path) -> None:
    """The first twenty are enough to see what is wrong."""
    with pytest.raises(EvaluationFolderError, match=r"data\[19\].*\n  \.\.\. and 480 more$"):
        squad_folder(write(squad(*["text"] * 500), tmp_path / "dev.json"), tmp_path / "folder")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as JSON"),
        (b'{"data": [', "cannot be read as JSON"),
        (b"\xff\xfe", "cannot be read as JSON"),
        (gzip.compress(json.dumps(TWO).encode(), mtime=0)[:-20], "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        ([1], "is no SQuAD file"),
        ({"data": {}}, "is no SQuAD file"),
        (squad(), "no question in it"),
        (squad(item("A", ("Text.", []))), "no question in it"),
    ],
)
def test_what_is_no_squad_file(tmp_path: Path, content: Any, said: str) -> None:
    """One clear message, never a traceback."""
    with pytest.raises(EvaluationFolderError, match=said):
        squad_folder(write(content, tmp_path / "dev.json"), tmp_path / "folder")


def test_a_squad_file_is_known_by_its_beginning(tmp_path: Path) -> None:
    """Damage further on is for the reading to tell; folders, JSON lines and other JSON are something else."""
    begun = json.dumps(TWO).encode()[:60]
    assert is_squad(write(begun, tmp_path / "begun.json"))
    assert is_squad(write(json.dumps(TWO, indent=1).encode(), tmp_path / "indented.json"))
    assert is_squad(write(b"\xef\xbb\xbf" + json.dumps(TWO).encode() + b"\n", tmp_path / "mark.json"))
    assert not is_squad(SAMPLE)
    assert not is_squad(SAMPLE / "articles.jsonl")
    assert not is_squad(SAMPLE / "questions.jsonl")
    assert not is_squad(tmp_path / "nowhere.json")
    assert not is_squad(write(b'{"id": 1, "data": [2]}\n{"id": 2}\n', tmp_path / "lines.json"))
    assert not is_squad(write(b"", tmp_path / "empty.json"))
    assert not is_squad(write(b'\xff\xfe{"data": []}', tmp_path / "bytes.json"))
    assert not is_squad(write({"a": 1}, tmp_path / "other.json"))
