"""Tables of questions, as spreadsheets write them and read them."""

from __future__ import annotations

import pytest

from desk.table import read_table
from newsdesk.errors import WrongUse


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_what_a_spreadsheet_saves_is_read(separator: str, encoding: str) -> None:
    """Whatever parts the cells and whatever the encoding, the question and the other cells are there."""
    text = f"Nr{separator}Question{separator}Days\r\n7{separator}Who runs the café in Brücken?{separator}2020-01-01..2020-02-01\r\n"
    table = read_table(text.encode(encoding))
    assert table.head == ("Nr", "Question", "Days")
    [row] = table.rows
    assert row.fields["question"] == "Who runs the café in Brücken?"
    assert row.fields["days"] == "2020-01-01..2020-02-01"
    assert row.cells[0] == "7"


def test_a_column_can_be_named() -> None:
    """A table in another language says which of its columns is the question."""
    table = read_table(b"Nummer,Frage\n1,Who won?\n", {"question": "frage"})
    assert table.rows[0].fields == {"question": "Who won?"}
    with pytest.raises(WrongUse, match="no column “Fragen”; it has: Nummer, Frage"):
        read_table(b"Nummer,Frage\n1,Who won?\n", {"question": "Fragen"})
    with pytest.raises(WrongUse, match="Call one of them “question”, or say which it is with --columns"):
        read_table(b"Nummer,Frage\n1,Who won?\n", advice=", or say which it is with --columns question=NAME")


def test_a_bad_row_says_why_and_the_others_stay() -> None:
    """A row without a question, or with too many cells, is one of its own with its reason."""
    table = read_table(b"id,question\n1,\n2,Who won?,extra\n3,Who lost?\n")
    assert [row.fault for row in table.rows] == ["has no question", "has 3 cells, the first row names 2", ""]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"question\x00\nWho?\n", b"question\n" + b"x" * 200_000])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    """It fails with what is wrong, and nothing is asked."""
    with pytest.raises(WrongUse, match="The table"):
        read_table(content)
