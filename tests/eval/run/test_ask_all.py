"""Asking all questions: what the engine is told, what an interruption costs, what a report holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.measure.outcome import Outcome
from eval.report.figures import Cost, Data, Subject, build_report, read_report, without_times
from eval.run.ask_all import Askable, drawn, evaluate, to_be_refused
from eval.run.journal import Journal
from eval.sets.folder import EvalQuestion
from newsdesk.errors import DataFolderBusy, WrongUse
from newsdesk.types import Answer, Question
from tests.eval.world import ARTICLES, QUESTIONS, WrittenDown

NEWEST = date(2017, 2, 1)


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., list[Outcome]]:
    """Evaluates with the journal of that name; the run is not marked as finished."""

    def evaluated(
        engine: Askable, questions: Sequence[EvalQuestion], name: str = "run", **options: Any
    ) -> list[Outcome]:
        with Journal(tmp_path / f"{name}.jsonl") as journal:
            return evaluate(engine, questions, journal, **options)

    return evaluated


Run = Callable[..., list[Outcome]]


def report_of(outcomes: list[Outcome]) -> dict[str, Any]:
    """A report on them."""
    return build_report("world", outcomes, Subject("0", "m"), Data("", "", len(outcomes), 5, 0), Cost(1.0))


def test_only_the_question_reaches_the_engine(run: Run) -> None:
    """The engine sees question, history and day, never what is right; without a day of its own, the newest article's."""
    engine = WrittenDown()
    run(engine, QUESTIONS[:2], newest=NEWEST, caution="high")
    assert engine.asked == [
        Question("How many jets?", (), NEWEST, mode="extractive", caution="high", top_k=50),
        Question("When did it rain?", (), date(2017, 1, 18), mode="extractive", caution="high", top_k=50),
    ]


def test_two_runs_are_equal_but_for_times(run: Run) -> None:
    """To the last digit of every interval."""
    one, other = (report_of(run(WrittenDown(), QUESTIONS, name)) for name in ("a", "b"))
    assert json.dumps(without_times(one)) == json.dumps(without_times(other))


class PowerCut(BaseException):
    """Ends everything."""


class CutOff(WrittenDown):
    """An engine that dies at its third question."""

    def ask(self, question: Question) -> Answer:
        """An answer, or the end."""
        if len(self.asked) == 2:
            raise PowerCut
        return super().ask(question)


def test_an_interrupted_run_goes_on(tmp_path: Path, run: Run) -> None:
    """What was asked is not asked again, a line that was cut off is, and the report is that of a run in one piece."""
    with pytest.raises(PowerCut):
        run(CutOff(), QUESTIONS)
    with (tmp_path / "run.jsonl").open("a") as file:
        file.write('{"id": "q3", "question": "By ho')
    engine = WrittenDown()
    resumed = report_of(run(engine, QUESTIONS))
    assert [asked.text for asked in engine.asked] == [question.question for question in QUESTIONS[2:]]
    whole = report_of(run(WrittenDown(), QUESTIONS, "other"))
    assert without_times(resumed) == without_times(whole)


def test_a_finished_run_asks_afresh(tmp_path: Path, run: Run) -> None:
    """A second run measures again, it does not repeat what the first said."""
    with Journal(tmp_path / "run.jsonl") as first:
        evaluate(WrittenDown(), QUESTIONS, first)
        first.finish()
    engine = WrittenDown()
    run(engine, QUESTIONS)
    assert len(engine.asked) == 5


def test_a_question_that_cannot_be_asked_is_reported(run: Run) -> None:
    """With its reason; it counts as not answered, and as no proper refusal either; the rest goes on."""
    odd = [
        EvalQuestion("x1", "Unknown?", ("x",), (), "", True),
        EvalQuestion("x2", "Unknown too?", (), (), "", False),
        EvalQuestion("x3", "And this?", (), (), "", None),
    ]
    outcomes = run(WrittenDown(), [*odd, QUESTIONS[0]])
    assert [bool(outcome.error) for outcome in outcomes] == [True, True, True, False]
    assert "Nothing is written down" in str(outcomes[0].error)
    assert [outcome.right for outcome in outcomes] == [False, False, None, True]
    found = report_of(outcomes)["figures"]["all"]
    assert found["answered of answerable"]["value"] == 0.5
    assert found["refused of unanswerable"]["value"] == found["refused where unknown"]["value"] == 0


def test_retrieval_alone(run: Run) -> None:
    """Finds as the whole does, and measures nothing else."""
    whole = run(WrittenDown(), QUESTIONS, "whole")
    alone = run(WrittenDown(), QUESTIONS, mode="retrieval")
    for one, other in zip(alone, whole, strict=True):
        assert set(one.measures) <= set(other.measures)
        assert all(other.measures[name] == value for name, value in one.measures.items())
    assert "contained" not in alone[0].measures
    assert not any(outcome.answered or outcome.right for outcome in alone)


def test_other_articles_under_the_same_questions(run: Run) -> None:
    """Every question is then to be refused, and nothing found is gold."""
    outcomes = run(WrittenDown(), to_be_refused(QUESTIONS))
    found = report_of(outcomes)["figures"]["all"]
    assert found["refused of unanswerable"] == {"value": 0.2, "low": 0.0, "high": 0.6, "n": 5}
    assert found["right of answered"]["value"] == 0
    assert "hit@1" not in found
    assert "contained" not in found


def test_a_draw(tmp_path: Path) -> None:
    """The seed decides who is drawn; the order stays; more than there are is all."""
    assert drawn(QUESTIONS, 3, 1) == drawn(QUESTIONS, 3, 1)
    assert len({tuple(each.id for each in drawn(QUESTIONS, 3, seed)) for seed in range(20)}) > 3
    for seed in range(5):
        ids = [each.id for each in drawn(QUESTIONS, 3, seed)]
        assert ids == sorted(ids)
    assert drawn(QUESTIONS, 99, 0) == list(QUESTIONS)


def test_the_same_run_twice_at_once_is_refused(tmp_path: Path) -> None:
    """Two would write the same journal; the second is told, and the first goes on."""
    with Journal(tmp_path / "run.jsonl") as journal:
        with pytest.raises(DataFolderBusy, match="running already"):
            Journal(tmp_path / "run.jsonl")
        assert len(evaluate(WrittenDown(), QUESTIONS, journal)) == 5


def test_a_line_without_its_end_is_asked_again(tmp_path: Path, run: Run) -> None:
    """A kill between a line and its line feed must not glue the next one to it."""
    run(WrittenDown(), QUESTIONS[:3])
    file = tmp_path / "run.jsonl"
    file.write_bytes(file.read_bytes()[:-1])
    engine = WrittenDown()
    run(engine, QUESTIONS)
    assert len(engine.asked) == 3
    run(engine, QUESTIONS)
    assert len(engine.asked) == 3


def test_nothing_that_can_be_asked_is_no_report(run: Run) -> None:
    """A service that takes none of the questions gives no report full of zeros."""
    with pytest.raises(WrongUse, match="Nothing is written down"):
        run(WrittenDown(), [EvalQuestion("x1", "Unknown?", ("x",), (), "", True)])


def test_a_judge_bears_a_citation_that_leads_nowhere(run: Run) -> None:
    """An article that was taken down meanwhile costs its answer, not the run."""
    engine = WrittenDown()
    (cited,) = engine.answers["q1"].citations
    engine.answers["q1"] = replace(engine.answers["q1"], citations=(replace(cited, article_id="gone"),))
    outcomes = run(engine, QUESTIONS, judge=Opinion())
    assert outcomes[0].measures["quotes verbatim"] == 0


class Opinion:
    """A judge that finds every answer supported, and half right."""

    def __init__(self) -> None:
        self.shown: list[list[str]] = []

    def faithful(self, question: str, answer: str, quoted: list[str]) -> bool:
        """Notes what it was shown."""
        self.shown.append(list(quoted))
        return True

    def correctness(self, question: str, answer: str, reference: str) -> float | None:
        """4 for the first reference, unreadable for the second, 2 then."""
        return {"nine": 4.0, "Monday": None}.get(reference, 2.0)


def test_a_judge_sees_the_cited_paragraphs(run: Run) -> None:
    """Faithfulness of every answer, correctness of those to answerable questions; an unreadable mark is left out."""
    opinion = Opinion()
    outcomes = run(WrittenDown(), QUESTIONS, judge=opinion)
    assert opinion.shown[0] == [ARTICLES["a"][1]]
    found = report_of(outcomes)["figures"]["all"]
    assert (found["faithful (judged)"]["value"], found["faithful (judged)"]["n"]) == (1.0, 4)
    assert (found["correct (judged)"]["value"], found["correctness (judged)"]["value"]) == (0.5, 3.0)


def test_a_report(tmp_path: Path, run: Run) -> None:
    """Figures for all, each split and each type; curves; every question; it is read back as it was written."""
    outcomes = run(WrittenDown(), QUESTIONS)
    outcomes = [replace(outcome, splits=("odd",) if outcome.id in ("q1", "q3", "q5") else ()) for outcome in outcomes]
    report = report_of(outcomes)
    assert list(report["figures"]) == ["all", "split odd", "type number", "type time", "type who"]
    assert report["figures"]["split odd"]["contained"]["value"] == 0.5
    assert report["curves"]["all"]["risk_coverage"] == [
        [0.2, 0.0], [0.4, 0.0], [0.6, pytest.approx(1 / 3)], [0.8, 0.5],
    ]  # fmt: skip
    assert [each["right"] for each in report["curves"]["all"]["reliability"]] == [0, 0, 1, 1]
    assert report["cost"]["latency_ms"]["retrieve"]["p50"]["value"] == 1.0
    assert [question["id"] for question in report["questions"]] == ["q1", "q2", "q3", "q4", "q5"]
    first = report["questions"][0]
    assert (first["right"], first["citations"][0]["gold"], first["found"][1]["gold"]) == (True, True, True)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report))
    assert read_report(file) == report


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99, "questions": []}'])
def test_what_is_no_report(tmp_path: Path, content: str) -> None:
    """Is told with the way to make one."""
    file = tmp_path / "report.json"
    file.write_text(content)
    with pytest.raises(WrongUse, match="newsdesk eval DIR --json"):
        read_report(file)
