"""Many questions at once: each row of a table is asked, and answered in a row of another one.

What was answered is written to a journal beside the result, line by line and safely on the disk, before the next is asked.
Whoever is killed goes on behind the journal's last whole line, so that each question is answered once.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from desk.table import Row, Table, csv_line
from newsdesk.errors import DataFolderBusy, DataFolderError, NewsdeskError, ServiceUnreachable, WrongUse
from newsdesk.types import Filters, Question
from newsdesk.wording.quoted import quoted

ANSWERED = ("answer", "short_answer", "confidence", "mode", "refused", "notes", "citations", "problem")
"""Columns that the result adds to the table's own."""

BY_DEFAULT = ".answers.csv"
_JOURNAL, _LOCK = ".journal", ".lock"

Ask = Callable[[Question], Mapping[str, Any]]
"""The answer to a question as `POST /api/ask` gives it."""
Cells = Mapping[str, str]
"""What is said of one row, by ANSWERED."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a batch went."""

    answered: int
    refused: int
    problems: int
    """Rows that could not be asked, or whose question failed."""
    before: int
    """Of all these, how many were in the journal already."""


def answer_table(
    table: Table,
    ask: Ask,
    out: Path,
    report: Callable[[int, int], None] = lambda done, total: None,
    keep_going: Callable[[], bool] = lambda: True,
) -> Done | None:
    """Answers every row of the table and writes the result to `out`; None when it was told to stop before.

    A row that cannot be asked says why, and the rest goes on. Raises WrongUse when an earlier run on the same result had
    another table, DataFolderBusy when another process is at it, and OSError.
    """
    with _alone(out):
        journal = out.with_name(out.name + _JOURNAL)
        said = _read(journal, table)
        before = len(said)
        with _appending(journal, table) as write:
            for place, row in enumerate(table.rows):
                if row.number in said:
                    continue
                if not keep_going():
                    return None
                report(place, len(table.rows))
                said[row.number] = _asked(row, ask)
                write({"row": row.number, "said": said[row.number]})
        report(len(table.rows), len(table.rows))
        _write(out, table, said)
        journal.unlink()
    return Done(
        answered=sum(not each["problem"] and not each["refused"] for each in said.values()),
        refused=sum(bool(each["refused"]) for each in said.values()),
        problems=sum(bool(each["problem"]) for each in said.values()),
        before=before,
    )


def answered_so_far(out: Path) -> int:
    """How many rows an unfinished batch has answered."""
    try:
        return max(0, out.with_name(out.name + _JOURNAL).read_bytes().count(b"\n") - 1)
    except FileNotFoundError:
        return 0


def question_of(row: Row) -> Question:
    """What a row asks. Raises WrongUse for a day that is none."""
    fields = row.fields
    first, last = _days(fields.get("days", ""))
    outlets = tuple(name.strip() for name in fields.get("outlet", "").split("|") if name.strip())
    as_of = _day(fields["as_of"]) if "as_of" in fields else None
    return Question(fields["question"], as_of=as_of, filters=Filters(outlets, first, last))


def _asked(row: Row, ask: Ask) -> dict[str, str]:
    if row.fault:
        return _problem(row.fault)
    try:
        return _cells(ask(question_of(row)))
    except WrongUse as error:
        return _problem(str(error))
    except (DataFolderError, ServiceUnreachable):
        raise  # it is no fault of the question: the same command goes on later
    except NewsdeskError as error:
        return _problem(f"failed: {error}")


def _problem(reason: str) -> dict[str, str]:
    return dict.fromkeys(ANSWERED, "") | {"problem": reason}


def _cells(answer: Mapping[str, Any]) -> dict[str, str]:
    return {
        "answer": answer["text"],
        "short_answer": answer["short_answer"] or "",
        "confidence": f"{answer['confidence']:.2f}",
        "mode": answer["mode"],
        "refused": "" if answer["answerable"] else "yes",
        "notes": " ".join(note["text"] for note in answer["notes"]),
        "citations": "\n".join(map(_citation, answer["citations"])),
        "problem": "",
    }


def _citation(cited: Mapping[str, Any]) -> str:
    about = (cited["source"], cited["published"] or "undated", cited["title"], cited["url"] or cited["permalink"])
    return f"[{cited['marker']}] {', '.join(filter(None, about))}: “{cited['quote']}”"


def _days(text: str) -> tuple[date | None, date | None]:
    """A day, or two with "..", "/" or " to " between them; one end may be left open. Raises WrongUse."""
    for between in ("..", "/", " to "):
        if between in text:
            first, last = (_day(end) if end.strip() else None for end in text.split(between, 1))
            if first and last and first > last:
                raise WrongUse(f"the days {quoted(text)} end before they begin")
            return first, last
    day = _day(text) if text else None
    return day, day


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise WrongUse(f"{quoted(text.strip(), 40)} is no day; write it as 2017-01-18") from error


# ------------------------------------------------------------------------------------------- the journal


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Holds the result for this process alone. Raises DataFolderBusy."""
    lock = FileLock(out.with_name(out.name + _LOCK), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DataFolderBusy(
            f"Another process is at work on {out}. Wait for it, or name another file with --out."
        ) from error
    try:
        yield
    finally:
        lock.release()
        out.with_name(out.name + _LOCK).unlink(missing_ok=True)


def _read(journal: Path, table: Table) -> dict[int, dict[str, str]]:
    """What is said of the rows so far; a last line that was torn is cut off. Raises WrongUse for another table's journal."""
    if not journal.exists():
        return {}
    content = journal.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(journal, len(whole))
    lines = [json.loads(line) for line in whole.splitlines()]
    if lines and lines[0].get("table") != _mark(table):
        raise WrongUse(
            f"{journal} is of another table of questions, which was not finished. Go on with that one, delete the file, or "
            "name another result with --out."
        )
    return {line["row"]: {name: line["said"][name] for name in ANSWERED} for line in lines[1:]}


@contextmanager
def _appending(journal: Path, table: Table) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Adds lines to the journal, each safely on the disk before it returns."""
    with journal.open("ab") as file:

        def write(line: dict[str, Any]) -> None:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

        if not file.tell():
            write({"table": _mark(table), "begun": round(time.time())})
        yield write


def _mark(table: Table) -> str:
    """Tells one table from another."""
    return blake2b(json.dumps(asdict(table), sort_keys=True).encode(), digest_size=16).hexdigest()


def _write(out: Path, table: Table, said: Mapping[int, Cells]) -> None:
    """Writes the result at once: whoever reads it meets all of it or nothing. With a mark, so that spreadsheets see UTF-8."""
    part = out.with_name(out.name + ".part")
    with part.open("w", encoding="utf-8-sig", newline="") as file:
        file.write(csv_line([*table.head, *_own_names(table.head)]))
        for row in table.rows:
            file.write(csv_line([*row.cells, *(said[row.number][name] for name in ANSWERED)]))
        file.flush()
        os.fsync(file.fileno())
    part.replace(out)


def _own_names(head: tuple[str, ...]) -> list[str]:
    """Names for the columns that are added, none of which the table has itself."""
    taken = {name.casefold() for name in head}
    return [f"newsdesk_{name}" if name in taken else name for name in ANSWERED]
