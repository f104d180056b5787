"""Taking removed texts out of the last corner of the catalogue, and proving that no file holds them any more.

`remove` deletes the rows (SQLite overwrites them); what may remain is in the journal and in the indexes' files.
The indexes are the caller's to make anew, between `compact_catalogue` and `prove`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sqlalchemy import Text, cast, delete, func, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import compact, empty_journal, writing
from newsdesk.catalogue.feedback import drop_feedback, feedback_holding
from newsdesk.catalogue.fingerprints import Hashes, files_holding, found_in
from newsdesk.errors import DataFolderError

_ROWS = 2_000  # rows of live text compared at a time


def compact_catalogue(catalogue: Catalogue) -> None:
    """Writes the catalogue anew without what was deleted, and begins the change log anew, so that every view does too.

    Feedback that holds a removed text, though its article is not one that the answer stood on, is deleted.
    Raises DataFolderBusy while others keep reading, DiskFull when there is no room for a second copy.
    """
    _purge_feedback(catalogue)
    catalogue.changes.begin_anew()
    compact(catalogue.engine)


def prove(catalogue: Catalogue, folder: Path) -> int:
    """Searches every file below `folder` for the texts removed so far; how many articles they were of.

    A text that a present article holds too is no trace. Raises DataFolderError, naming the files, when one is found;
    otherwise the fingerprints of the removed texts are forgotten.
    """
    table = schema.removed_texts
    last, count, wanted = _removed(catalogue)
    if not count:
        return 0
    wanted = _without_live(catalogue, wanted)
    try:
        holding = files_holding(folder, wanted)
    except OSError as error:
        raise DataFolderError(
            f"{error.filename} cannot be read ({error.strerror}), so nobody can say whether removed texts are "
            "in it. Make it readable, or delete it, and run `newsdesk purge` again."
        ) from error
    if holding:
        names = ", ".join(str(file) for file in holding)
        raise DataFolderError(
            f"Removed texts are still in {names}. If these are your own copies, delete them; if a command was running "
            "beside this one, run `newsdesk purge` again when it is done."
        )
    with writing(catalogue.engine).begin() as connection:
        connection.execute(delete(table).where(table.c.number <= last))
    empty_journal(catalogue.engine)
    return count


def _removed(catalogue: Catalogue) -> tuple[int, int, Hashes]:
    """Of the articles removed since the last purge: the highest number, how many, and the fingerprints of their texts."""
    table = schema.removed_texts
    with catalogue.engine.begin() as connection:
        last, count = connection.execute(select(func.max(table.c.number), func.count())).one()
        stored = list(connection.scalars(select(table.c.fingerprints).where(table.c.number <= (last or 0))))
    empty = np.zeros(0, dtype=np.uint64)
    return (
        last or 0,
        count,
        np.unique(np.concatenate([empty, *(np.frombuffer(row, dtype=np.uint64) for row in stored)])),
    )


def _without_live(catalogue: Catalogue, wanted: Hashes) -> Hashes:
    """Those that no present article holds."""
    for text in _live_texts(catalogue):
        wanted = np.setdiff1d(wanted, found_in(text, wanted), assume_unique=True)
    return wanted


def _purge_feedback(catalogue: Catalogue) -> None:
    """Deletes feedback that holds a removed text: pasted by its reader, or said in an answer that names no article."""
    wanted = _removed(catalogue)[2]
    with catalogue.engine.begin() as connection:
        suspected = feedback_holding(connection, wanted)
    if not suspected:  # as a rule, and then the whole archive need not be read
        return
    wanted = _without_live(catalogue, wanted)
    with writing(catalogue.engine).begin() as connection:
        drop_feedback(connection, feedback_holding(connection, wanted))


def _live_texts(catalogue: Catalogue) -> Iterator[bytes]:
    """Everything that present articles, and those under embargo, say and said, some rows at a time."""
    articles, versions = schema.articles, schema.versions
    columns = (
        schema.paragraphs.c.text,
        articles.c.title,
        articles.c.url,
        schema.passages.c.header,
        cast(versions.c.content, Text),
        cast(schema.held.c.content, Text),
    )
    for column in columns:
        with catalogue.engine.begin() as connection:
            for rows in (
                connection.execute(select(column).execution_options(yield_per=_ROWS)).scalars().partitions(_ROWS)
            ):
                yield "\n".join(map(str, rows)).encode(errors="replace")  # str: a damaged row may hold anything
