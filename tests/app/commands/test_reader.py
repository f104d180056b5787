"""`newsdesk reader`: from questions to a reader, by the documented commands."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.index.read.training.world import OWN, example, record, write
from tests.support import newsdesk


def test_from_questions_to_a_measured_reader(tmp_path: Path) -> None:
    """Trained from the packaged model, exported and measured, a reader finds what it was taught."""
    file, trained, exported = write(tmp_path / "own.jsonl", OWN), tmp_path / "A", tmp_path / "B"
    options = ("--rate", 5e-4, "--tokens", 350)
    done = newsdesk("reader", "train", f"{file}:12", "--out", trained, *options, "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert made["plan"]["files"] == [[str(file), 12.0]]
    assert made["loss"][-1] < 0.7 * made["loss"][0], "half of the lessons hold near misses, which are hard"
    assert "Training: " in done.stderr

    done = newsdesk("reader", "export", trained, "--out", exported)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"reader = {str(exported)!r}" in done.stdout
    assert sorted(each.name for each in exported.iterdir()) == ["reader.onnx", "tokenizer.json"]
    assert (exported / "reader.onnx").stat().st_size < 25e6

    done = newsdesk("reader", "measure", file, "--reader", exported, "--json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)[str(file)]
    assert {name: figure["n"] for name, figure in figures.items()} == {
        "span exact match": 6, "span f1": 6, "all exact match": 8, "all f1": 8,
        "none given of unanswerable": 2, "given of answerable": 6,
    }  # fmt: skip
    assert figures["span f1"]["value"] > 50


@pytest.fixture(scope="module")
def tiny(tiny_exported: Path) -> str:
    """The tiny reader, exported; it knows nothing."""
    return str(tiny_exported / "bits-8")


def test_figures_are_shown_for_each_file(tmp_path: Path, tiny: str) -> None:
    """In words, with intervals and numbers of questions; the reader may come from the setting."""
    squad = {"data": [{"title": "T", "paragraphs": [{"context": "Nine.", "qas": [
        {"id": "1", "question": "How many?", "answers": [{"text": "Nine", "answer_start": 0}]}]}]}]}  # fmt: skip
    (tmp_path / "squad.json.gz").write_bytes(gzip.compress(json.dumps(squad).encode(), mtime=0))
    own = write(tmp_path / "own.jsonl", OWN)
    done = newsdesk("reader", "measure", own, tmp_path / "squad.json.gz", NEWSDESK_READER=tiny)
    assert done.returncode == 0, done.stderr
    heads = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert heads == [
        f"{own}, 8 questions, reader {tiny}, answers given above 0",
        f"{tmp_path / 'squad.json.gz'}, 1 questions, reader {tiny}, answers given above 0",
    ]
    lines = done.stdout.split(heads[1])
    assert [part.count("span f1 ") for part in lines] == [1, 1]
    assert [part.count("all f1 ") for part in lines] == [1, 0]
    assert "n = 6)" in lines[0]
    assert "n = 1)" in lines[1]


def test_a_limit_takes_questions_from_all_of_the_file(tmp_path: Path, tiny: str) -> None:
    """Files are often sorted: the first questions would not stand for the others."""
    mixed = [example(str(place), "Nine.", "How many?", *["Nine"] * (place < 6)) for place in range(10)]
    file = write(tmp_path / "mixed.jsonl", mixed)
    shares = {}
    for limit in (6, 99):
        done = newsdesk("reader", "measure", file, "--reader", tiny, "--limit", limit, "--json")
        assert done.returncode == 0, done.stderr
        figures = json.loads(done.stdout)[str(file)]
        shares[limit] = [figures.get(name, {"n": 0})["n"] for name in ("span f1", "none given of unanswerable")]
    assert shares == {6: [4, 2], 99: [6, 4]}


LINE = record(OWN[0])


@pytest.mark.parametrize(
    ("command", "content", "said"),
    [
        ("train", json.dumps({**LINE, "answers": [{"text": "Ida", "start": 3}]}).encode(), "'Ida' does not stand in the context at 3"),
        ("train", b"\x89PNG\r\n\x1a\n\x00\xff", "cannot be read"),
        ("measure", b"", "no question in it"),
        ("measure", b"no JSON", "line 1, is no JSON"),
        ("measure", gzip.compress(json.dumps(LINE).encode(), mtime=0)[:-9], "cannot be read"),
        ("measure", None, "cannot be read"),
        ("measure", json.dumps({**LINE, "answers": [], "is_impossible": None}).encode(), "is labelled"),
    ],
)  # fmt: skip
def test_a_bad_file_is_one_message(tmp_path: Path, tiny: str, command: str, content: bytes | None, said: str) -> None:
    """To train or to measure on: what is wrong with which file, exit code 2, no traceback, and no reader is left."""
    file, out = tmp_path / "file", tmp_path / "out"
    file.mkdir() if content is None else file.write_bytes(content)
    done = newsdesk("reader", command, file, *(("--out", out) if command == "train" else ("--reader", tiny)))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"newsdesk: {file}")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 2  # a bad place stands on a line of its own
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("train", "a.jsonl:0", "--out", "OUT"), 2, "“a.jsonl:0”: a file is gone over 0 times"),
        (("train", "a.jsonl:²", "--out", "OUT"), 2, "a.jsonl:² cannot be read"),
        (("train", "a.jsonl", "--out", "OUT", "--start", "nowhere"), 3, "nowhere holds no trained reader"),
        (("train", "a.jsonl", "--out", "OUT", "--tokens", "9"), 2, "--tokens"),
        (("train", "a.jsonl", "--out", "OUT", "--rate", "-1"), 2, "--rate"),
        (("train", "a.jsonl"), 2, "--out"),
        (("train", "--out", "OUT"), 2, "FILE"),
        (("export", "nowhere", "--out", "OUT"), 3, "nowhere holds no trained reader: there is no config.json in it. `newsdesk reader train FILE --out"),
        (("measure", "a.jsonl", "--reader", "none"), 2, "nothing to measure. Name a reader with --reader"),
        (("measure", "a.jsonl", "--reader", "nowhere"), 3, "The reader “nowhere” cannot be loaded"),
        (("measure", "a.jsonl", "--limit", "0"), 2, "--limit"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_message(tmp_path: Path, arguments: tuple[Any, ...], code: int, said: str) -> None:
    """What is wrong, with which value, and no traceback."""
    done = newsdesk("reader", *[str(tmp_path / "out") if each == "OUT" else each for each in arguments])
    assert done.returncode == code, done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_training_goes_on_only_with_the_same_options(tmp_path: Path) -> None:
    """A checkpoint that cannot be used is told before anything is overwritten."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "checkpoint.pt").write_bytes(b"cut")
    done = newsdesk("reader", "train", write(tmp_path / "own.jsonl", OWN), "--out", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"newsdesk: {tmp_path / 'out' / 'checkpoint.pt'} is damaged. Delete it to train from the beginning.\n"
    )
