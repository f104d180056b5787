"""How well stories are found on pages: the measure is that of the benchmark's authors."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from eval.run.extraction import Score, is_in_first_half, score, summary
from tests.support import ROOT, environment

TEXT = "Nine boats left the quay of Orsay before the gale came in"


def test_runs_of_four_words_are_compared() -> None:
    """What is missing costs recall, what is too much precision; order within a run counts, capitals too."""
    assert score(TEXT, TEXT) == Score(1.0, 1.0)
    assert score(TEXT, "") == Score(None, 0.0)
    assert score("one two three four five", "one two three four") == Score(1.0, 0.5)
    assert score("one two three four", "one two three four five") == Score(0.5, 1.0)
    assert score("one two three four", "four three two one") == Score(0.0, 0.0)


def test_means_are_over_pages() -> None:
    """A page on which nothing was found has no precision, and a recall of nothing."""
    precision, recall, f1 = summary([Score(1.0, 0.5), Score(0.5, 1.0), Score(None, 0.0)])
    assert (precision, recall) == (0.75, 0.5)
    assert f1 == pytest.approx(0.6)
    assert summary([]) == (0.0, 0.0, 0.0)


def test_halves_are_told_by_the_name_alone() -> None:
    """So that what was chosen by one half is scored on pages it never saw."""
    names = [f"page{number}" for number in range(400)]
    assert 150 < sum(map(is_in_first_half, names)) < 250
    assert [*map(is_in_first_half, names)] == [*map(is_in_first_half, names)]


def test_the_command_prints_the_figures(tmp_path: Path) -> None:
    """Of a folder as its authors publish it."""
    paragraphs = [f"{TEXT}, said watchman number {number}, who had {number * 3} years at sea." for number in range(9)]
    head = '<meta property="og:title" content="Gale at Orsay"><meta property="date" content="2022-04-05">'
    page = f"<html><head><title>Gale at Orsay</title>{head}</head><body><article>{''.join(f'<p>{text}</p>' for text in paragraphs)}</article></body></html>"
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "a.html.gz").write_bytes(gzip.compress(page.encode()))
    (tmp_path / "html" / "b.html.gz").write_bytes(gzip.compress(b"<html><body><p>x</p></body></html>"))
    truth = {name: {"articleBody": "\n\n".join(paragraphs), "url": f"https://{name}.example"} for name in "ab"}
    (tmp_path / "ground-truth.json").write_text(json.dumps(truth))
    command = [sys.executable, "-m", "eval.run.extraction", str(tmp_path), "--worst", "1", "--others"]
    said = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True).stdout
    assert "all               2     1.0000  0.5000  0.6667" in said
    assert "https://b.example" in said
    assert "headline: 1 of 1 pages" in said
    assert "day: 1 of 1 pages" in said
