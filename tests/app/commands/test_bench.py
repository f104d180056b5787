"""`newsdesk bench`: a real small run, with and without other pipelines, and what cannot be measured."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from app.commands.bench import FORGET, RIVALS, _installed, bench
from index.find.dense import _QUESTIONS_KEPT
from newsdesk.errors import WrongUse
from newsdesk.wording.quoted import quoted
from tests.support import ROOT, environment, newsdesk, wait_until

QUESTIONS = "Who conducted the joint strike on al-Bab?", "How many jets?", "Who won?"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Three questions, one of them twice."""
    file = tmp_path / "questions.jsonl"
    file.write_text("".join(json.dumps({"question": text}) + "\n\n" for text in [*QUESTIONS, QUESTIONS[0]]))
    return file


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the command makes its throw-away folders."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def without_the_group(folder: Path) -> Path:
    """All packages that are installed, but for the optional one, for a Python that is told to look only here."""
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(tuple(package.replace("-", "_") for package in RIVALS.values())):
            (folder / entry.name).symlink_to(entry)
    return folder


def leaves(figures: Any) -> list[float]:
    """Every number of a part of the result."""
    if isinstance(figures, dict):
        return [number for value in figures.values() for number in leaves(value)]
    return [figures]


def test_without_the_optional_group(questions: Path, temporary: Path, tmp_path: Path) -> None:
    """It says that Newsdesk alone is measured and how to install the rest, before any work starts."""
    done = newsdesk(
        *("bench", "--questions", questions, "--sizes", "5000"),
        options=["-S"],
        PYTHONPATH=str(without_the_group(tmp_path / "packages")),
        TMPDIR=str(temporary),
    )
    assert done.returncode == 2
    assert "pip install 'newsdesk[bench]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(temporary.iterdir())


def test_beside_other_pipelines(questions: Path, temporary: Path, tmp_path: Path) -> None:
    """All read the same articles with the same model, the ratios say how they compare, and nothing is left behind."""
    for needed in RIVALS.values():
        if not _installed(needed):
            pytest.skip(f"{needed}, of the optional group `bench`, is not installed")
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    done = newsdesk(
        *("bench", "--questions", questions, "--sizes", "4", "--chunk", "256", "--clients", "2"),
        *("--beside", "llamaindex,txtai,haystack"),
        *("--json", out, "--html", page),
        TMPDIR=str(temporary),
    )
    assert done.returncode == 0, done.stderr
    measured = json.loads(out.read_text())
    assert (measured["format"], measured["questions"], measured["articles_file"]) == (2, 3, "articles.jsonl")
    (size,) = measured["sizes"]
    in_memory = size["beside"]["haystack"].pop("disk_mb")
    assert in_memory == 0
    assert all(number > 0 for number in [*leaves(size["newsdesk"]), *leaves(size["beside"])])
    assert size["newsdesk"]["keyword_seconds"] < size["newsdesk"]["vectors_seconds"]
    assert list(size["beside"]) == list(RIVALS)
    for beside in size["beside"].values():
        assert beside["chunks"] >= size["articles"] == 4
        assert 0.9 < beside["text_embedded"] <= 1, "chunks of 256 tokens and of 200 words fit the model"
    assert "4 articles" in done.stdout
    assert page.read_text().startswith("<!")
    assert not list(temporary.iterdir())


def test_stopped_in_the_middle(questions: Path, temporary: Path, tiny_models: list[str]) -> None:
    """It ends at once and takes its throw-away folder and its processes with it."""
    command = subprocess.Popen(
        [
            *(sys.executable, "-m", "newsdesk", "bench", "--questions", str(questions), "--sizes", "60"),
            *("--model", tiny_models[0], "--no-plain"),
        ],
        cwd=ROOT,
        env=environment(TMPDIR=str(temporary)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: list(temporary.glob("*/newsdesk-60.log")))
    command.send_signal(signal.SIGTERM)
    complaint = command.communicate(timeout=60)[1]
    assert command.returncode == 143
    assert "Traceback" not in complaint
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("sizes", ["x", "", "0", "3,2", "3,3", "-1", "1,,2"])
def test_sizes_that_cannot_be(sizes: str) -> None:
    """The message names the value and shows a right one."""
    with pytest.raises(WrongUse, match="--sizes cannot be") as caught:
        bench(sizes=sizes)
    assert quoted(sizes) in str(caught.value)


@pytest.mark.parametrize("beside", ["x", "", "txtai,,haystack", "LlamaIndex"])
def test_rivals_that_are_unknown(beside: str) -> None:
    """The message names the wrong one and all that are known."""
    with pytest.raises(WrongUse, match=r"--beside cannot be .*: give some of llamaindex, txtai, haystack"):
        bench(beside=beside)


def test_more_than_there_is() -> None:
    """The message says how many articles the file holds."""
    with pytest.raises(WrongUse, match=r"--sizes names 5,000 articles, but .* holds 73"):
        bench(sizes="3,5000", plain=False)


def test_files_that_cannot_be_used(tmp_path: Path, questions: Path) -> None:
    """Each is told by name before any work starts."""
    nothing, empty, broken = tmp_path / "nothing", tmp_path / "empty", tmp_path / "broken"
    empty.write_text("\n")
    broken.write_text('{"question": "Who won?"}\n{"question": 7}\n')
    known: dict[str, Any] = {"questions": questions, "plain": False}
    for arguments, message in (
        ({"file": nothing}, "nothing is not a file"),
        ({"file": empty}, "empty holds no article"),
        ({"questions": nothing}, "cannot be read: .*No such file"),
        ({"questions": empty}, "empty holds no question"),
        ({"questions": broken}, "broken line 2 holds no question"),
        ({"questions": ROOT / "ui" / "favicon.svg"}, "cannot be read: "),
        ({"json_file": nothing / "out.json"}, "--json names .*there is no folder"),
        ({"html_file": nothing / "out.html"}, "--html names .*there is no folder"),
    ):
        with pytest.raises(WrongUse, match=message):
            bench(**{**known, **arguments})


def test_no_question_is_remembered() -> None:
    """Between two measurements more other questions are asked than the engine remembers vectors of."""
    assert FORGET > _QUESTIONS_KEPT
