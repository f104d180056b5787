"""Evaluation of an engine whose answers are written down beforehand: every figure is known by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.folder import EvalQuestion, Gold
from eval.run import evaluate, figures
from newsdesk.catalogue import Catalogue
from newsdesk.types import CANNOT_ANSWER, Answer, Article, Citation, Evidence, Passage, Question, Span

TEXTS = {"a": "Nine jets flew.", "b": "Rain fell on Monday.", "c": "Prices rose by 4 %."}


class WrittenDown:
    """An engine that looks its answers up; `asked` keeps what it was asked."""

    def __init__(self, catalogue: Catalogue, answers: dict[str, Answer]) -> None:
        self.catalogue = catalogue
        self.answers = answers
        self.asked: list[Question] = []

    def ask(self, question: Question) -> Answer:
        """The answer written down for this question."""
        self.asked.append(question)
        return self.answers[question.text]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """Three articles of one paragraph."""
    opened = Catalogue(tmp_path / "catalogue.sqlite3")
    opened.put([Article(id_, f"About {id_}", (text,)) for id_, text in TEXTS.items()], no_passages)
    yield opened
    opened.close()


def no_passages(article: Article) -> list[Passage]:
    """The evaluation reads none."""
    return []


def evidence(article_id: str) -> Evidence:
    """The passage that is all of an article."""
    text = TEXTS[article_id]
    return Evidence(
        article_id, f"{article_id}#1", (Span(0, 0, len(text)),), text, 1.0, f"About {article_id}", "", (), None, ""
    )


def citation(article_id: str, quote: str, start: int) -> Citation:
    """A citation of the article's only paragraph."""
    return Citation(1, article_id, 0, quote, start, start + len(quote), "", "", (), None, "", "")


def answer(question: str, order: str, *, cited: str = "", quote: str = "", start: int = 0) -> Answer:
    """An answer that quotes `cited`, or a refusal; `order` names the articles found, best first."""
    citations = (citation(cited, quote, start),) if cited else ()
    text = f"{quote} [1]" if cited else CANNOT_ANSWER
    found = tuple(map(evidence, order))
    return Answer(question, question, bool(cited), text, 0.5, citations=citations, evidence=found)


def test_every_figure(catalogue: Catalogue) -> None:
    """Two answerable questions, one answered right and one refused; one unanswerable question, answered."""
    questions = [
        EvalQuestion("q1", "How many?", ("nine",), (Gold("a", (TEXTS["a"],)),), "number", True),
        EvalQuestion("q2", "When?", ("Monday",), (Gold("b", (TEXTS["b"],)),), "time", True),
        EvalQuestion("q3", "Who?", (), (), "none", False),
    ]
    engine = WrittenDown(
        catalogue,
        {
            "How many?": answer("How many?", "ba", cited="a", quote=TEXTS["a"]),
            "When?": answer("When?", "aacb"),
            "Who?": answer("Who?", "c", cited="c", quote="Prices fell", start=0),
        },
    )
    report = evaluate(engine, questions, {"odd": ("q1", "q3")})
    found = figures(report.outcomes)
    assert found["questions"] == 3
    assert (found["hit@1"], found["hit@4"]) == (0.0, 1.0)
    assert found["mrr@10"] == pytest.approx((1 / 2 + 1 / 3) / 2)  # ranks of the articles: each counts once
    assert (found["answer in best 1"], found["answer in best 3"], found["answer in best 5"]) == (0.0, 0.5, 1.0)
    assert found["contained"] == 0.5
    assert found["words"] == (3 + 2) / 2  # markers are no words
    assert (found["answered of answerable"], found["refused of unanswerable"]) == (0.5, 0.0)
    assert found["right of answered"] == 0.5
    assert found["gold paragraph cited"] == 0.5
    assert found["quotes verbatim"] == 0.5
    assert "short f1" not in found
    assert figures(report.groups()["split odd"])["contained"] == 1.0
    assert set(report.groups()) == {"all", "split odd", "type none", "type number", "type time"}


def test_a_marker_is_no_answer(catalogue: Catalogue) -> None:
    """ "[1]" in the text does not contain the gold answer "1"."""
    questions = [EvalQuestion("q", "How many?", ("1",), (), "", True)]
    engine = WrittenDown(catalogue, {"How many?": answer("How many?", "a", cited="a", quote=TEXTS["a"])})
    assert figures(evaluate(engine, questions).outcomes)["contained"] == 0.0


def test_report_as_table_and_dict(catalogue: Catalogue) -> None:
    """The table shows shares in per cent and a dash where nothing applies; the dict holds every question."""
    questions = [
        EvalQuestion("q1", "How many?", ("nine",), (), "", True),
        EvalQuestion("q2", "When?", (), (), "x", None),
    ]
    answers = {"How many?": answer("How many?", "a", cited="a", quote=TEXTS["a"]), "When?": answer("When?", "b")}
    report = evaluate(WrittenDown(catalogue, answers), questions)
    lines = {line[: line.find("  ")]: line.split() for line in report.table().splitlines()[1:]}
    assert lines["contained"][1:] == ["100.0", "100.0", "-"]
    assert [outcome["id"] for outcome in report.as_dict()["questions"]] == ["q1", "q2"]
    assert report.as_dict()["figures"]["all"]["contained"] == 1.0


def test_only_the_question_reaches_the_engine(catalogue: Catalogue) -> None:
    """The engine sees question, history and date, never the gold."""
    engine = WrittenDown(catalogue, {"When?": answer("When?", "b")})
    evaluate(engine, [EvalQuestion("q", "When?", ("Monday",), (Gold("b"),), "time", True)])
    assert engine.asked == [Question("When?", top_k=50)]
