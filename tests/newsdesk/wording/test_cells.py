"""No cell of a table that Newsdesk writes runs in a spreadsheet."""

from __future__ import annotations

import csv
import re
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.table import csv_line
from newsdesk.wording.cells import safe_cell


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1"]
)
def test_what_could_be_a_formula_gets_an_apostrophe(cell: str) -> None:
    """Numbers and texts stay as they are."""
    assert safe_cell(cell) == f"'{cell}"
    assert [safe_cell(plain) for plain in ("-12.5", "Who won?", "a=b", "")] == ["-12.5", "Who won?", "a=b", ""]
    [row] = csv.reader(StringIO(csv_line([cell, 'said "no"; and, yes']), newline=""))
    assert row == [f"'{cell}", 'said "no"; and, yes']


@given(st.text())
@example("-3,5 bn")
def test_no_cell_begins_a_formula(text: str) -> None:
    """Whatever it begins with, blanks before it or not; a plain number is none."""
    cell = safe_cell(text)
    begins = cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not begins or re.fullmatch(r"[+-]\d+([.,]\d+)?", cell, re.ASCII)
    assert cell.endswith(text)
