"""Files of questions with contexts, as others make them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from index.read.training.examples import Example, read_examples
from newsdesk.errors import TrainingDataError
from tests.index.read.training.world import OWN, record, write

LINE = {
    "id": "q1", "title": "Crane", "context": "The crane is red.", "question": "What colour has the crane?",
    "answers": [{"text": "red", "start": 13}],
}  # fmt: skip
READ = Example("q1", "Crane", "The crane is red.", "What colour has the crane?", (("red", 13),))


def squad(**more: Any) -> dict[str, Any]:
    """The same in SQuAD's form."""
    asked = {"id": "q1", "question": LINE["question"], "answers": [{"text": "red", "answer_start": 13}], **more}
    paragraph = {"context": LINE["context"], "qas": [asked]}
    return {"version": "v2.0", "data": [{"title": "Crane", "paragraphs": [paragraph]}]}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("content", [LINE, squad()])
def test_both_forms_give_the_same(tmp_path: Path, content: Any, packed: bool) -> None:
    """JSON lines and SQuAD's JSON, plain or gzipped, are told apart by what is in them, not by their name."""
    data = json.dumps(content).encode()
    (tmp_path / "file").write_bytes(gzip.compress(data) if packed else data)
    assert read_examples(tmp_path / "file") == [READ]


def test_all_lines_are_read_in_order(tmp_path: Path) -> None:
    """Each line is a question; empty lines, a byte order mark and Windows' ends of lines do no harm."""
    lines = [json.dumps(record(each)) for each in OWN]
    (tmp_path / "file").write_bytes(b"\xef\xbb\xbf" + "\r\n\r\n".join(lines).encode() + b"\r\n")
    assert read_examples(tmp_path / "file") == OWN


def test_a_text_may_hold_any_character_that_json_allows(tmp_path: Path) -> None:
    """U+2028 and its like stand unescaped in files that others wrote; a line of JSON does not end there."""
    context = "One\u2028two\u0085three red"
    line = {**LINE, "context": context, "answers": [{"text": "red", "start": context.index("red")}]}
    (tmp_path / "file").write_text("\n".join([json.dumps(line, ensure_ascii=False)] * 2), encoding="utf-8")
    assert [each.context for each in read_examples(tmp_path / "file")] == [context] * 2


@pytest.mark.parametrize(
    ("more", "answers"),
    [
        ({}, (("red", 13),)),
        ({"is_impossible": False}, (("red", 13),)),
        ({"is_impossible": True, "answers": []}, ()),
        ({"is_impossible": True, "plausible_answers": [{"text": "crane", "answer_start": 4}]}, ()),
        ({"is_impossible": True, "answers": [{"text": "blue", "answer_start": 5}]}, ()),
        ({"answers": [{"text": "red", "answer_start": 13}, {"text": "red.", "answer_start": 13}]}, (("red", 13), ("red.", 13))),
    ],
)  # fmt: skip
def test_what_is_impossible_has_no_answer(tmp_path: Path, more: dict[str, Any], answers: Any) -> None:
    """SQuAD 2.0's impossible questions teach that there is none, whatever else stands beside them."""
    (tmp_path / "file").write_text(json.dumps(squad(**more)))
    assert [each.answers for each in read_examples(tmp_path / "file")] == [answers]


def test_a_missing_title_is_none(tmp_path: Path) -> None:
    """Not every set has titles."""
    for title in ({}, {"title": None}, {"title": ""}):
        line = {name: value for name, value in LINE.items() if name != "title"}
        (tmp_path / "file").write_text(json.dumps({**line, **title}))
        assert read_examples(tmp_path / "file")[0].title == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": 5}, r"line 2: 'id' is 5, expected a text"),
        ({"id": " "}, r"line 2: 'id' is ' ', expected a text"),
        ({"context": None}, r"line 2: 'context' is None, expected a text"),
        ({"context": ""}, r"line 2: 'context' is '', expected a text"),
        ({"question": ["Who?"]}, r"line 2: 'question' is \['Who\?'\], expected a text"),
        ({"question": "Who \ud800?"}, r"line 2: a text in it holds half a character"),
        ({"title": "\udfff"}, r"line 2: a text in it holds half a character"),
        ({"answers": "red"}, r"line 2: 'answers' is 'red', expected a list"),
        ({"answers": None}, r"line 2: 'answers' is None, expected a list"),
        ({"answers": ["red"]}, r"line 2: an answer is 'red', expected an object with a 'text'"),
        ({"answers": [{"start": 13}]}, r"line 2: an answer is {'start': 13}, expected an object with a 'text'"),
        ({"answers": [{"text": "red"}]}, r"line 2: the answer 'red' does not stand in the context at None"),
        ({"answers": [{"text": "red", "start": 12}]}, r"the answer 'red' does not stand in the context at 12"),
        ({"answers": [{"text": "red", "start": -4}]}, r"the answer 'red' does not stand in the context at -4"),
        ({"answers": [{"text": "red", "start": "13"}]}, r"the answer 'red' does not stand in the context at '13'"),
        ({"answers": [{"text": "Red", "start": 13}]}, r"the answer 'Red' does not stand in the context at 13"),
        ({"tempting": "red"}, r"line 2: a tempting answer is 'red', expected an object with a 'text'"),
        ({"tempting": {"text": "red", "start": 12}}, r"the tempting answer 'red' does not stand in the context at 12"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    """Which line, what is wrong with it, and the value."""
    (tmp_path / "file").write_text("\n".join([json.dumps(LINE), json.dumps({**LINE, **change})]))
    with pytest.raises(TrainingDataError, match=said):
        read_examples(tmp_path / "file")


@pytest.mark.parametrize("missing", ["id", "context", "question"])
def test_a_missing_part_is_named(tmp_path: Path, missing: str) -> None:
    """As a wrong one is."""
    line = {name: value for name, value in LINE.items() if name != missing}
    (tmp_path / "file").write_text(json.dumps(line))
    with pytest.raises(TrainingDataError, match=f"line 1: '{missing}' is None, expected a text"):
        read_examples(tmp_path / "file")


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (["text"], r"data\[0\]"),
        ([{"title": "no paragraphs"}], r"data\[0\]"),
        ([{"paragraphs": 5}], r"data\[0\]"),
        ([*squad()["data"], {"paragraphs": ["text"]}], r"data\[1\].paragraphs\[0\]"),
        ([{"paragraphs": [{"context": "Text.", "qas": None}]}], r"data\[0\].paragraphs\[0\]"),
        ([{"paragraphs": [{"context": "Text.", "qas": ["text"]}]}], r"data\[0\].paragraphs\[0\].qas\[0\]"),
    ],
)
def test_a_bad_place_in_squads_form_is_named(tmp_path: Path, data: Any, place: str) -> None:
    """A file that is nearly SQuAD's is told where it is not; nothing of it is left out silently."""
    (tmp_path / "file").write_text(json.dumps({"data": data}))
    with pytest.raises(TrainingDataError, match=f"{place}.*: not an object"):
        read_examples(tmp_path / "file")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no question in it"),
        (b" \n\n", "no question in it"),
        (b'{"data": []}', "no question in it"),
        (b"Once upon a time", "line 1, is no JSON"),
        (json.dumps(LINE).encode() + b'\n{"id": ', "line 2, is no JSON"),
        (json.dumps(squad()).encode()[:-9], "line 1, is no JSON"),
        (b"[" * 100_000, "line 1, is no JSON"),
        (b"[1, 2]", "line 1: not an object"),
        (b"5\n6", "line 2: not an object"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "cannot be read"),
        (json.dumps(LINE).encode("utf-16"), "cannot be read"),
        (b"\x1f\x8b", "cannot be read"),
        (b"\x1f\x8bnot really", "cannot be read"),
        (gzip.compress(json.dumps(LINE).encode(), mtime=0)[:-9], "cannot be read"),
        (gzip.compress(json.dumps(LINE).encode(), mtime=0)[:20] + b"\xff" * 40, "cannot be read"),
        (gzip.compress(b"\xff\xfe\xfd", mtime=0), "cannot be read"),
    ],
)
def test_what_is_no_such_file_is_one_error(tmp_path: Path, content: bytes, said: str) -> None:
    """Empty, cut, packed badly, or something else: one error that names the file, whatever is in it."""
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(TrainingDataError, match=said) as caught:
        read_examples(tmp_path / "file")
    assert str(tmp_path / "file") in str(caught.value)


def test_a_folder_or_nothing_is_one_error(tmp_path: Path) -> None:
    """The same for what is no file at all."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(TrainingDataError, match="cannot be read"):
            read_examples(path)


def test_all_faults_are_told_at_once_but_not_too_many(tmp_path: Path) -> None:
    """Whoever mends the file sees twenty at a time, each short, even if a value is a whole book."""
    bad = json.dumps({**LINE, "context": ["A whole book."] * 10_000})
    (tmp_path / "file").write_text("\n".join([json.dumps(LINE), *[bad] * 50]))
    with pytest.raises(TrainingDataError) as caught:
        read_examples(tmp_path / "file")
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:-1]] == [f"line {number}" for number in range(2, 22)]
    assert lines[-1].strip() == "... and 30 more"
    assert max(map(len, lines[1:])) < 200


def test_own_examples_stand_as_they_say(tmp_path: Path) -> None:
    """What is written is what is read."""
    assert read_examples(write(tmp_path / "file", OWN)) == OWN
