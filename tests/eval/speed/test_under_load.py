"""Questions under load: who asks what, what is summed up, and the table."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.speed.under_load import LEVELS, OURS, measure, table
from eval.speed.worker import Worker
from tests.support import ROOT

STUB = """
import sys
from pathlib import Path
from eval.speed.bench import ask_all
from eval.speed.worker import serve

def steps(report):
    def ask(texts, clients):
        with Path(sys.argv[1]).open("a") as lines:
            lines.write(f"{sys.argv[2]} {clients} {' '.join(texts)}\\n")
        return {**ask_all(str.upper, texts, clients), "cpu": 0.5, "answers": [sys.argv[2] for _ in texts]}
    return {"ask": ask}

serve(steps)
"""
QUESTIONS = [{"question": f"q{number}", "answers": ["oak"]} for number in range(2 * sum(LEVELS.values()))]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Where the stubs write down what they were asked."""
    return tmp_path / "asked"


@pytest.fixture
def workers(tmp_path: Path, log: Path) -> Iterator[dict[str, Worker]]:
    """One that always answers "oak", and one that always answers "elm"."""
    started = {
        name: Worker([sys.executable, "-c", STUB, str(log), says], tmp_path / name, {"PYTHONPATH": str(ROOT)})
        for name, says in (("before", "oak"), (OURS, "elm"))
    }
    yield started
    for worker in started.values():
        worker.end()


def test_every_question_is_asked_once_of_each(workers: dict[str, Worker], log: Path) -> None:
    """What a version remembers does not help it; both are asked the same at every level, and who begins changes."""
    measure(workers, QUESTIONS, turns=2)
    lines = [line.split(" ", 2) for line in log.read_text().splitlines()]
    for name in ("oak", "elm"):
        asked = [text for who, _, texts in lines if who == name for text in texts.split()]
        assert asked == [each["question"] for each in QUESTIONS]
    assert [who for who, clients, _ in lines if clients == "1"] == ["oak", "elm", "elm", "oak"]
    assert [int(clients) for who, clients, _ in lines if who == "elm"] == [level for level in LEVELS for _ in range(2)]


def test_figures_are_per_question(workers: dict[str, Worker]) -> None:
    """Processor time is shared out over the questions, and what holds a gold answer is counted."""
    figures = measure(workers, QUESTIONS, turns=1)
    for clients, size in LEVELS.items():
        assert figures["before"][str(clients)]["cpu_ms"] == pytest.approx(500 / size)
        assert figures["before"][str(clients)]["contained"] == 100
        assert figures[OURS][str(clients)]["contained"] == 0
    shown = table(figures).splitlines()
    assert len(shown) == 1 + 3 * len(LEVELS)  # two versions and a ratio at each level
    assert sum(OURS in line and "share" in line for line in shown) == len(LEVELS)


def test_too_few_questions_are_told(workers: dict[str, Worker]) -> None:
    """A question is never asked twice to fill a turn."""
    with pytest.raises(ValueError, match=r"128 different questions are needed for 2 turns, there are 5"):
        measure(workers, QUESTIONS[:5], turns=2)
