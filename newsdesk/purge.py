"""Taking removed texts out of the last corner of the catalogue, and proving that no file holds them any more.

`remove` deletes the rows (SQLite overwrites them); what may remain is in the journal and in the indexes' files.
The indexes are the caller's to make anew, between `compact_catalogue` and `prove`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sqlalchemy import Text, cast, delete, func, select

from newsdesk import schema
from newsdesk.catalogue import Catalogue
from newsdesk.errors import DataFolderError
from newsdesk.residue import files_holding, found_in
from newsdesk.sqlite import compact, empty_journal, writing

_ROWS = 2_000  # rows of live text compared at a time


def compact_catalogue(catalogue: Catalogue) -> None:
    """Writes the catalogue anew without what was deleted, and begins the change log anew, so that every view does too.

    Raises DataFolderBusy while others keep reading, DiskFull when there is no room for a second copy.
    """
    catalogue.begin_log_anew()
    compact(catalogue.engine)


def prove(catalogue: Catalogue, folder: Path) -> int:
    """Searches every file below `folder` for the texts removed so far; how many articles they were of.

    A text that a present article holds too is no trace. Raises DataFolderError, naming the files, when one is found;
    otherwise the fingerprints of the removed texts are forgotten.
    """
    table = schema.removed_texts
    with catalogue.engine.begin() as connection:
        last, count = connection.execute(select(func.max(table.c.number), func.count())).one()
        stored = list(connection.scalars(select(table.c.fingerprints).where(table.c.number <= (last or 0))))
    if not count:
        return 0
    wanted = np.unique(np.concatenate([np.frombuffer(row, dtype=np.uint64) for row in stored]))
    for text in _live_texts(catalogue):
        wanted = np.setdiff1d(wanted, found_in(text, wanted), assume_unique=True)
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
    return int(count)


def _live_texts(catalogue: Catalogue) -> Iterator[bytes]:
    """Everything that present articles say and said, some rows at a time."""
    articles, versions = schema.articles, schema.versions
    columns = (
        schema.paragraphs.c.text,
        articles.c.title,
        articles.c.url,
        schema.passages.c.header,
        cast(versions.c.content, Text),
    )
    for column in columns:
        with catalogue.engine.begin() as connection:
            for rows in connection.execute(select(column)).scalars().partitions(_ROWS):
                yield "\n".join(map(str, rows)).encode(errors="replace")  # str: a damaged row may hold anything
