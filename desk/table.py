"""Tables of questions, as spreadsheets write them: read with their own columns kept, and written so that nothing in them runs."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from ingest.formats.records.csv_file import delimiter_of, encoding_of
from newsdesk.errors import WrongUse
from newsdesk.wording.cells import safe_cell
from newsdesk.wording.quoted import quoted

MAX_ROWS = 20_000
"""Questions in one table: about an hour and a half of answers."""
MAX_CELL = 100_000
"""Characters of a cell."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "question": ("question", "questions", "query", "q", "prompt"),
    "id": ("id", "key", "number", "no"),
    "as_of": ("as_of", "as of", "asof", "until"),
    "days": ("days", "day", "dates", "date", "period", "published"),
    "outlet": ("outlet", "outlets", "source", "sources", "newspaper", "paper"),
}
"""What a row can say, and what spreadsheets call it."""

_SNIFFED = 64 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table of questions."""

    number: int
    """1 for the first row below the head."""
    cells: tuple[str, ...]
    """All its cells, as many as the head has."""
    fields: Mapping[str, str]
    """What it says, by the names of FIELDS; what it leaves empty is left out."""
    fault: str = ""
    """Why it cannot be asked; empty when it can."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of questions."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes, columns: Mapping[str, str] | None = None, advice: str = "") -> Table:
    """The questions of a CSV file. `columns` says what its head calls a field: {"question": "Frage"}; others are guessed;
    `advice` is said where the question's column is not found, by who can be told what its columns are called.

    Comma, semicolon, tab or bar part the cells; UTF-8, UTF-16 with its mark, or else Windows-1252. A row that cannot be
    asked says why. Raises WrongUse for what is no such table.
    """
    encoding = encoding_of(content[:_SNIFFED])
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise WrongUse(f"The table cannot be read as {encoding} text: {error}. Save it as CSV in UTF-8.") from error
    if "\x00" in text:
        raise WrongUse("The table holds zero bytes, so it is no CSV. Save it as CSV in UTF-8.")
    lines = _parsed(text)
    if not lines:
        raise WrongUse("The table is empty. Its first row names the columns, one of which is the question.")
    head = tuple(cell.strip() for cell in lines[0][1])
    places = _places(head, columns or {}, advice)
    rows = [_row(number, cells, head, places) for number, (_, cells) in enumerate(lines[1:], 1)]
    return Table(head, tuple(rows))


def csv_line(cells: Sequence[str]) -> str:
    """The cells as a line of CSV, each of them safe."""
    out = StringIO()
    csv.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def _parsed(text: str) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, each with its line. Raises WrongUse."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter_of(text[:_SNIFFED]))
    found: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, cells))
            if len(found) > MAX_ROWS + 1:
                raise WrongUse(
                    f"The table has more than {MAX_ROWS:,} questions, the most that are taken at once. Cut it."
                )
    except csv.Error as error:
        raise WrongUse(f"The table cannot be read in line {reader.line_num + 1}: {error}.") from error
    return found


def _places(head: Sequence[str], columns: Mapping[str, str], advice: str) -> dict[str, int]:
    """Field -> its column. Raises WrongUse when there is none for the question, or a named one is missing."""
    places = {}
    lowered = [name.casefold() for name in head]
    for field, names in FIELDS.items():
        named = columns.get(field, "")
        if named and named.casefold() not in lowered:
            raise WrongUse(f"The table has no column {quoted(named)}; it has: {', '.join(head)}.")
        wanted = (named.casefold(),) if named else names
        place = next((lowered.index(name) for name in wanted if name in lowered), None)
        if place is not None:
            places[field] = place
    if unknown := set(columns) - set(FIELDS):
        raise WrongUse(f"{quoted(sorted(unknown)[0])} is nothing that a row can say; there are: {', '.join(FIELDS)}.")
    if "question" not in places:
        raise WrongUse(
            f"No column of the table is called a question; it has: {', '.join(head)[:500]}. "
            f"Call one of them “question”{advice}."
        )
    return places


def _row(number: int, cells: Sequence[str], head: Sequence[str], places: Mapping[str, int]) -> Row:
    fault = ""
    if any(cell.strip() for cell in cells[len(head) :]):
        fault = f"has {len(cells)} cells, the first row names {len(head)}"
    kept = tuple(cells[: len(head)]) + ("",) * (len(head) - len(cells))
    fields = {field: kept[place].strip() for field, place in places.items() if kept[place].strip()}
    if not fault and "question" not in fields:
        fault = "has no question"
    return Row(number, kept, fields, fault)
