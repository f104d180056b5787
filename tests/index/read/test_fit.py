"""What was fitted to a reader lies beside it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from index.answer.confidence import ReadSignals
from index.archive import Archive
from index.read.fit import FILE, SIGNALS, ConfidenceFit, load_fit, save_fit
from index.read.reader import WEIGHTS, load_reader, packaged_fit, reader_key
from newsdesk.errors import ModelError
from newsdesk.settings import Settings
from newsdesk.types import Question


def test_a_fit_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Nothing is lost or rounded; a folder without one has none."""
    assert load_fit(tmp_path) is None
    fit = replace(packaged_fit(), confidence=ConfidenceFit(-1.25, (0.5, 0.25, 0.125, 1.0, 2.0, -1.0, 0.0)))
    save_fit(tmp_path, fit)
    assert load_fit(tmp_path) == fit


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"given_above": 1}', '{"given_above": "x"}', '{"order": {"bias": 1}}']
)
def test_a_fit_that_cannot_be_used_says_why(tmp_path: Path, content: str) -> None:
    """It names the file and what to do, and is never half used."""
    (tmp_path / FILE).write_text(content)
    with pytest.raises(ModelError, match=r"fit\.json cannot be used"):
        load_fit(tmp_path)


def test_a_fit_has_a_weight_for_each_signal(tmp_path: Path) -> None:
    """One too many or too few is found when it is loaded, not when a question is asked."""
    for weights in ((1.0,) * (SIGNALS + 1), ()):
        save_fit(tmp_path, replace(packaged_fit(), confidence=ConfidenceFit(0.0, weights)))
        with pytest.raises(ModelError, match=r"weights, expected"):
            load_fit(tmp_path)
    assert len(ReadSignals._fields) == SIGNALS


def test_another_fit_is_another_reader(tmp_path: Path) -> None:
    """What is noted of a run that was stopped is not used with other weights of the confidence."""
    folder = tmp_path / "own"
    shutil.copytree(WEIGHTS, folder, ignore=shutil.ignore_patterns("*.md"))
    before = reader_key(str(folder))
    save_fit(folder, replace(packaged_fit(), confidence=ConfidenceFit(0.5, (0.0,) * SIGNALS)))
    assert reader_key(str(folder)) != before


def test_a_reader_without_a_fit_says_so(sample_data: Path, tmp_path: Path) -> None:
    """It is weighed as the packaged reader, with a note on each answer; with a fit of its own, without the note."""
    folder = tmp_path / "own"
    shutil.copytree(WEIGHTS, folder, ignore=shutil.ignore_patterns(FILE, "*.md"))
    reader = load_reader(str(folder))
    assert reader is not None
    assert (reader.own_fit, reader.fit) == (False, packaged_fit())
    archive = Archive(Settings(data=sample_data, reader=str(folder)), create=False)
    archive.keyword.catch_up()
    question = Question("Who conducted the joint strike on al-Bab?")
    assert "no_fit" in [note.kind for note in archive.engine.ask(question).notes]
    save_fit(folder, packaged_fit())
    fitted = archive.engine_with(load_reader(str(folder))).ask(question)
    assert "no_fit" not in [note.kind for note in fitted.notes]
    archive.close()


def test_another_fit_weighs_differently(sample_data: Path) -> None:
    """The confidence of an answer is that of the reader's own fit."""
    archive = Archive(Settings(data=sample_data), create=False)
    archive.keyword.catch_up()
    assert archive.reader is not None
    doubtful = load_reader("newsdesk")
    assert doubtful is not None
    doubtful.fit = replace(doubtful.fit, confidence=ConfidenceFit(-9.0, (0.0,) * SIGNALS))
    question = Question("Who conducted the joint strike on al-Bab?")
    assert archive.engine.ask(question).answerable
    assert not archive.engine_with(doubtful).ask(question).answerable
    archive.close()
