"""What the two databases call differently within one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _NumbersIn(FunctionElement[Any]):
    inherit_cache = True


@compiles(_NumbersIn, "sqlite")
def _by_sqlite(element: _NumbersIn, compiler: Any, **more: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **more)}))"


@compiles(_NumbersIn, "postgresql")
def _by_postgres(element: _NumbersIn, compiler: Any, **more: Any) -> str:
    listed = compiler.process(element.clauses, **more)
    return f"(SELECT CAST(value AS BIGINT) FROM json_array_elements_text(CAST({listed} AS JSON)) AS value)"


def is_among(column: ColumnElement[int], listed: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the number is one of a JSON list: however long it is, the statement is the same and is made once."""
    return column.op("IN", is_comparison=True)(_NumbersIn(listed))
