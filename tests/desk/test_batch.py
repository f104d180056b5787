"""Many questions at once: each answered once, whatever happens meanwhile."""

from __future__ import annotations

import csv
import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from desk.batch import ANSWERED, answer_table, question_of
from desk.batches import Batches
from desk.table import Table, read_table
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import BatchNotFound, DataFolderBusy, NewsdeskError, WrongUse
from newsdesk.types import Question
from tests.support import Process, article, newsdesk, one_each, wait_until

MANY = 1_000
COMMAND = """
import os, sys
from app.commands.main import main
os.environ["NEWSDESK_READER"] = "none"
sys.argv[0] = "newsdesk"
main()
"""


def said(question: Question) -> dict[str, Any]:
    """An answer as the API gives it."""
    return {
        "text": f"Yes: {question.text}", "short_answer": None, "confidence": 0.5, "mode": "extractive",
        "answerable": "refuse" not in question.text, "notes": [], "citations": [],
    }  # fmt: skip


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a result."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


def table_of(count: int) -> Table:
    """A table of so many questions."""
    return read_table("".join(["nr,question\n", *(f"{n},Is it {n}?\n" for n in range(count))]).encode())


def test_a_thousand_questions_killed_and_resumed_are_answered_once(tmp_path: Path) -> None:
    """After kill -9 the same command goes on behind what it had answered, and each row is there once, with its own cells."""
    data = tmp_path / "data"
    catalogue = Catalogue(data / "catalogue.sqlite3")
    towns = [
        f"{first}{last}" for first in ("Ald", "Bren", "Cor", "Dun", "Esk") for last in ("by", "ford", "ham", "mere")
    ]
    catalogue.put([article(town, f"The mayor of {town} opened the weir.") for town in towns], one_each)
    catalogue.close()
    questions, out = tmp_path / "questions.csv", tmp_path / "answers.csv"
    lines = [f"{n};=note {n};Who opened the weir of {towns[n % len(towns)]}?" for n in range(MANY)]
    questions.write_text("\n".join(["id;remark;question", *lines]), encoding="utf-8")
    command = ("ask", "--batch", questions, "--out", out, "--data", data)
    journal = tmp_path / "answers.csv.journal"
    with Process(COMMAND, *command):  # killed at the end of the block
        wait_until(lambda: journal.exists() and journal.read_bytes().count(b"\n") > MANY // 10)
    before = journal.read_bytes()
    assert not out.exists()
    done = newsdesk(*command, "--json", NEWSDESK_READER="none")
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert MANY // 10 <= counted["before"] < MANY
    assert counted["answered"] + counted["refused"] == MANY
    rows = rows_of(out)
    assert Counter(row["id"] for row in rows) == Counter(str(n) for n in range(MANY))
    assert rows[5]["remark"] == "'=note 5"
    for line in before[: before.rfind(b"\n")].splitlines()[1:]:
        kept = json.loads(line)
        assert {name: rows[kept["row"] - 1][name] for name in ANSWERED}.items() >= {
            "answer": kept["said"]["answer"]
        }.items()
    assert not journal.exists()


def test_it_goes_on_where_it_was_told_to_stop(tmp_path: Path) -> None:
    """What was answered is not asked again, and a torn last line counts for nothing."""
    out, asked, table = tmp_path / "a.csv", list[str](), table_of(20)

    def ask(question: Question) -> dict[str, Any]:
        asked.append(question.text)
        return said(question)

    assert answer_table(table, ask, out, keep_going=lambda: len(asked) < 7) is None
    with (tmp_path / "a.csv.journal").open("ab") as journal:
        journal.write(b'{"row": 8, "said": {"ans')
    done = answer_table(table, ask, out)
    assert done is not None
    assert (done.before, done.answered) == (7, 20)
    assert asked == [f"Is it {n}?" for n in range(20)]
    assert [row["answer"] for row in rows_of(out)] == [f"Yes: Is it {n}?" for n in range(20)]


def test_a_row_that_fails_does_not_hold_up_the_others(tmp_path: Path) -> None:
    """Its reason stands in its row; refusals are marked."""
    table = read_table(b"question,days\nFine?,\n,2020-01-01\nWhen?,soon\nDo refuse,\nBreak?,\n")

    def ask(question: Question) -> dict[str, Any]:
        if "Break" in question.text:
            raise NewsdeskError("the lamp went out")
        return said(question)

    done = answer_table(table, ask, tmp_path / "a.csv")
    assert done is not None
    assert (done.answered, done.refused, done.problems) == (1, 1, 3)
    problems = [row["problem"] for row in rows_of(tmp_path / "a.csv")]
    assert problems == [
        "",
        "has no question",
        "“soon” is no day; write it as 2017-01-18",
        "",
        "failed: the lamp went out",
    ]
    assert rows_of(tmp_path / "a.csv")[3]["refused"] == "yes"


def test_another_table_does_not_go_on_with_this_one(tmp_path: Path) -> None:
    """What was begun for other questions is not mixed with these."""
    asked = iter([True, False])
    assert answer_table(table_of(3), said, tmp_path / "a.csv", keep_going=lambda: next(asked)) is None
    with pytest.raises(WrongUse, match="of another table"):
        answer_table(table_of(4), said, tmp_path / "a.csv")


def test_two_cannot_write_one_result(tmp_path: Path) -> None:
    """The second is told so, and the first is not disturbed."""
    out = tmp_path / "a.csv"

    def ask(question: Question) -> dict[str, Any]:
        with pytest.raises(DataFolderBusy, match="at work on"):
            answer_table(table_of(1), said, out)
        return said(question)

    assert answer_table(table_of(1), ask, out) is not None


def test_a_row_narrows_its_question() -> None:
    """Days, outlets and the day it is asked as of come from the row's own cells."""
    table = read_table(
        b"question;as_of;days;outlet\nWho?;2020-03-01;2020-01-01 to 2020-02-01;Post|Mail\nWho?;;2020-01-05..;\n"
    )
    both = [question_of(row) for row in table.rows]
    assert str(both[0].as_of) == "2020-03-01"
    assert both[0].filters.sources == ("Post", "Mail")
    assert [str(day) for day in (both[0].filters.published_from, both[0].filters.published_to)] == [
        "2020-01-01",
        "2020-02-01",
    ]
    assert both[1].filters.published_to is None


def test_a_table_handed_to_a_service_outlives_it(tmp_path: Path) -> None:
    """Another service on the same folder finishes it, and removes it when it is told to."""
    stop, asked = threading.Event(), list[str]()

    def ask(question: Question) -> dict[str, Any]:
        asked.append(question.text)
        if len(asked) == 3:
            stop.set()
        return said(question)

    first = Batches(tmp_path, ask)
    key = first.add(b"question\n" + b"".join(b"Is it %d?\n" % n for n in range(10))).key
    first.work(stop)
    second = Batches(tmp_path, ask)
    assert (second.one(key).done, second.one(key).answers) == (3, None)
    second.work(threading.Event())
    answers = second.one(key).answers
    assert answers is not None
    assert len(rows_of(answers)) == 10
    assert asked == [f"Is it {n}?" for n in range(10)]
    second.remove(key)
    for gone in (key, "../../etc", "x"):
        with pytest.raises(BatchNotFound):
            second.one(gone)
