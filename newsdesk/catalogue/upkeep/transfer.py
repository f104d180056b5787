"""From one database to another: all rows of a catalogue, with their numbers."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import go_on_from, numbers_given, writing

_ROWS = 1_000  # at a time


def replace_rows(source: Catalogue, target: Catalogue) -> None:
    """Makes the target hold what the source holds at this moment, in one transaction of each.

    Others may use both meanwhile: they see the target as it was, or as it is when this is done. No number that either
    of them has given to a row is given again. Raises DataFolderError and its kinds.
    """
    tables = schema.metadata.sorted_tables  # each after those that it refers to
    with source.engine.begin() as read, writing(target.engine).begin() as write:
        for table in reversed(tables):
            write.execute(delete(table))
        for table in tables:
            rows = read.execute(select(table).execution_options(yield_per=_ROWS))
            for some in rows.partitions():
                write.execute(insert(table), [row._asdict() for row in some])
        go_on_from(write, numbers_given(read))
