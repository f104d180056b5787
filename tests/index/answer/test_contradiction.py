"""A newer report that contradicts an answer takes its place; other events do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from index.answer.candidates import AnswerSpan
from index.answer.contradiction import contradiction
from index.passage import passage_of
from index.read.judge import Judge
from index.understand.answer_type import AnswerType
from newsdesk.types import Evidence, Span

FIRST, SECOND = date(2021, 5, 3), date(2021, 5, 5)
QUESTION = "How many beds will the new hospital in Wexmoor have?"
REPORT = "The new hospital in Wexmoor will have 220 beds, the health minister said."
CORRECTION = "On Monday we wrote that the new hospital in Wexmoor will have 220 beds. It will have 310."


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The packaged one."""
    return Judge()


def spans(id_: str, text: str, published: date | None, *answers: str, read: float = 3.0) -> list[AnswerSpan]:
    """A passage with what the reader found in it, best first."""
    evidence = Evidence(id_, f"{id_}#1", (Span(0, 0, len(text)),), text, 0.9, "", "Gazette", (), published, "")
    passage = passage_of(evidence)
    return [
        AnswerSpan(passage, Span(0, text.index(each), text.index(each) + len(each)), each, read, 1.0, 1.0, 0.5, 9.0 - place)
        for place, each in enumerate(answers)
    ]  # fmt: skip


def test_a_correction_printed_apart_takes_the_place_of_what_it_corrects(judge: Judge) -> None:
    """Though it repeats the wrong figure; the note says what was printed before, where and when."""
    report, correction = spans("a", REPORT, FIRST, "220"), spans("b", CORRECTION, SECOND, "220", "310")
    found = contradiction(judge, QUESTION, AnswerType.NUMBER, correction[0], [*report, *correction])
    assert found is not None
    assert (found.instead.text, found.older.evidence.article_id) == ("310", "a")
    assert found.note.kind == "changed"
    assert "“220” (3 May 2021, Gazette)" in found.note.text


@pytest.mark.parametrize(("first", "second"), [(SECOND, FIRST), (FIRST, FIRST), (None, SECOND), (FIRST, None)])
def test_only_what_was_printed_later_contradicts(judge: Judge, first: date | None, second: date | None) -> None:
    """What is older, of the same day or undated corrects nothing."""
    report, other = spans("a", REPORT, first, "220"), spans("b", CORRECTION, second, "310")
    assert contradiction(judge, QUESTION, AnswerType.NUMBER, report[0], [*report, *other]) is None


@pytest.mark.parametrize(
    "text",
    [
        "The new hospital in Wexmoor will have 220 beds and 90 doctors.",  # another thing is counted
        "The old hospital in Dunmere, which has 310 beds, will be closed.",  # another hospital
    ],
)
def test_what_tells_of_something_else_changes_nothing(judge: Judge, text: str) -> None:
    """A later report with another figure is no correction when it is not about what was asked, or says the same."""
    figure = "90" if "90" in text else "310"
    report, other = spans("a", REPORT, FIRST, "220"), spans("b", text, SECOND, figure)
    assert contradiction(judge, QUESTION, AnswerType.NUMBER, report[0], [*report, *other]) is None


def test_a_withdrawn_report_yields_without_figures_too(judge: Judge) -> None:
    """Asked by yes or no, where no figure and no name excludes the other, the judge alone decides."""
    question = "Has the Lantern cinema in Ottery closed?"
    report = spans("a", "The Lantern cinema in Ottery has closed for good.", FIRST, "closed for good")
    other = spans(
        "b", "The Lantern cinema in Ottery is open and has never closed; our report was wrong.", SECOND, "open"
    )
    found = contradiction(judge, question, AnswerType.OTHER, report[0], [*report, *other])
    assert found is not None
    assert found.instead.text == "open"


def test_a_span_that_is_no_answer_does_not_take_its_place(judge: Judge) -> None:
    """What the reader finds hardly at all is a neighbour of the answer, not an answer."""
    report = spans("a", REPORT, FIRST, "220")
    weak = [replace(each, read=-9.0) for each in spans("b", CORRECTION, SECOND, "310")]
    assert contradiction(judge, QUESTION, AnswerType.NUMBER, report[0], [*report, *weak]) is None
