"""Copies of the archive, made and put back while it is in use. A backup is the catalogue in one file; views are made anew."""

from __future__ import annotations

import errno
import glob
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete, insert, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import name_of, place_of, writing
from newsdesk.catalogue.database.sqlite import copy, schema_of, seal
from newsdesk.catalogue.history.kills import Kill, all_kills, carry_over
from newsdesk.catalogue.leases import Process
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.catalogue.upkeep.transfer import replace_rows
from newsdesk.durable import settle_one
from newsdesk.errors import CatalogueDamaged, DataFolderBusy, DataFolderError, DiskFull, WrongUse
from newsdesk.wording.counted import counted

logger = logging.getLogger("newsdesk.catalogue.catalogue")


def back_up(catalogue: Catalogue, file: Path) -> int:
    """Writes the archive, as it is at this moment, to `file`, and reads it back; how many articles it holds.

    Others may go on reading and writing. `file` appears only when it is whole. Raises WrongUse when it is there
    already, CatalogueDamaged when the archive is not what was stored, DataFolderError and DiskFull.
    """
    with _translated(file):
        if not file.parent.is_dir():
            raise WrongUse(f"There is no folder {file.parent}. Make it, or name a file in another one.")
        if file.exists():
            raise WrongUse(f"{file} is there already. Name another file; a backup is never written over.")
        with _aside(file, "unfinished") as unfinished:
            count = _copied(catalogue, unfinished)
            seal(unfinished)
            _name(unfinished, file)
        settle_one(file.parent)  # makes the rename safe against a loss of power
    return count


def restore(file: Path, target: Path | str, *, replace: bool) -> int:
    """Makes the backup `file` the catalogue at `target`, a file or a database; how many articles it holds.

    A copy of the backup is checked and brought to this version's schema first; what senders took back since it was made
    leaves it. Into a catalogue that can be opened it is written in one transaction, so others may be using it; a damaged
    file is moved aside, and the log says so.

    Raises WrongUse when `file` is no backup, or when the archive has articles and `replace` is false; DataFolderError
    and its kinds.
    """
    target = place_of(target)
    with _translated(name_of(target)):
        if not file.is_file():
            raise WrongUse(f"There is no file {file}. Name a file that `newsdesk backup` wrote.")
        with _workplace(target) as unfinished:
            _taken_from(file, unfinished)
            _begin_anew(unfinished, *_remembered(target))
            count = _articles(unfinished)
            _put_in_place(unfinished, target, replace=replace)
    return count


def _name(unfinished: Path, file: Path) -> None:
    """Gives the finished backup its name; never that of a file that came meanwhile. Raises WrongUse, OSError."""
    try:
        file.hardlink_to(unfinished)  # a rename would write over it
    except FileExistsError as error:
        raise WrongUse(f"{file} came to be there meanwhile. Name another file.") from error
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        unfinished.rename(file)  # a file system without links, as on many a stick


def _copied(source: Catalogue, unfinished: Path) -> int:
    """Copies the archive; how many articles it holds. Raises CatalogueDamaged when it is not sound."""
    try:
        if isinstance(source.at, Path):
            copy(source.at, unfinished)
        else:
            _moved(source, unfinished)
        return _checked(unfinished)
    except CatalogueDamaged as error:
        raise CatalogueDamaged(f"No backup was made of {source.name}, because it is damaged. {error}") from error


def _moved(source: Catalogue, target: Path | str) -> None:
    """Puts the archive into another database, in place of what is there."""
    catalogue = Catalogue(target)
    try:
        replace_rows(source, catalogue)
    finally:
        catalogue.close()


def _taken_from(backup: Path, unfinished: Path) -> None:
    """Copies a sound backup. Raises WrongUse when it is none."""
    try:
        copy(backup, unfinished)
        if schema_of(unfinished) is None:
            raise WrongUse(f"{backup} is no backup of an archive. Name a file that `newsdesk backup` wrote.")
    except CatalogueDamaged as error:
        raise WrongUse(
            f"{backup} is no backup, or a damaged one; nothing was changed. Name a file that `newsdesk backup` wrote."
        ) from error
    try:
        _checked(unfinished)
    except (DataFolderBusy, DiskFull):
        raise
    except DataFolderError as error:
        raise WrongUse(f"{backup} cannot be put back; nothing was changed. {error}") from error


def _checked(file: Path) -> int:
    """How many articles the copy holds; it is migrated. Raises CatalogueDamaged when it is not sound."""
    catalogue = Catalogue(file)
    try:
        findings = check(catalogue)
        if findings.damaged:
            raise CatalogueDamaged(findings.message())
        return catalogue.counts().articles
    finally:
        catalogue.close()


def _remembered(target: Path | str) -> tuple[list[bytes], list[Kill]]:
    """Of the archive that is there: fingerprints of what was removed, for which a purge has to look after the restore
    too, and what senders took back, which must not come back with a backup."""
    if not _usable(target):
        return [], []
    catalogue = Catalogue(target)
    try:
        with catalogue.engine.begin() as connection:
            return list(connection.scalars(select(schema.removed_texts.c.fingerprints))), all_kills(connection)
    finally:
        catalogue.close()


def _begin_anew(file: Path, removed: list[bytes], kills: list[Kill]) -> None:
    """So that every view of the archive that was there sees that its history is another one; no work is under way."""
    catalogue = Catalogue(file)
    try:
        catalogue.changes.begin_anew()
        with writing(catalogue.engine).begin() as connection:
            connection.execute(delete(schema.leases))
            connection.execute(delete(schema.embedding_parts))
            held = set(connection.scalars(select(schema.removed_texts.c.fingerprints)))
            for row in removed:
                if row not in held:  # most were removed before the backup was made
                    connection.execute(insert(schema.removed_texts).values(fingerprints=row))
            carry_over(connection, kills)
    finally:
        catalogue.close()
    seal(file)


def _put_in_place(copied: Path, target: Path | str, *, replace: bool) -> None:
    if _usable(target):
        present = _articles(target)
        if present and not replace:
            raise WrongUse(
                f"{_home(target)} holds an archive of {counted(present, 'article')}. Restore into another folder with --data, or "
                "say --replace to put the backup in its place."
            )
    if isinstance(target, str):
        backup = Catalogue(copied)
        try:
            _moved(backup, target)
        finally:
            backup.close()
        return
    if _usable(target):
        copy(copied, target)
        return
    for file in (target, *_journals(target)):
        if file.exists():
            damaged = file.replace(file.with_name(f"{file.name}.damaged"))
            logger.warning("The damaged %s is now %s; a service that has it open must be started again.", file, damaged)
    copied.rename(target)
    settle_one(target.parent)


def _home(target: Path | str) -> str:
    """What holds the catalogue, as its owner would call it."""
    return str(target.parent) if isinstance(target, Path) else name_of(target)


def _usable(target: Path | str) -> bool:
    """False when there is nothing that could be lost or written over. Raises DataFolderError when one cannot know."""
    if isinstance(target, Path) and (not target.exists() or not target.stat().st_size):
        return False
    try:
        _articles(target)
    except CatalogueDamaged:
        if isinstance(target, str):  # what is damaged in a database cannot be moved aside from here
            raise
        return False
    return True


def _articles(target: Path | str) -> int:
    catalogue = Catalogue(target)
    try:
        return catalogue.counts().articles
    finally:
        catalogue.close()


@contextmanager
def _workplace(target: Path | str) -> Iterator[Path]:
    """A new file for the backup that is being prepared: beside the file that it will become, or in a folder that goes."""
    if isinstance(target, str):
        with TemporaryDirectory(prefix="newsdesk-restore-") as folder:
            yield Path(folder) / "catalogue.sqlite3"
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with _aside(target, "restoring") as unfinished:
        yield unfinished


@contextmanager
def _aside(file: Path, purpose: str) -> Iterator[Path]:
    """A new file beside `file`, of this process alone; what is left of it, or of one that was killed, is deleted."""
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.{purpose}")
    for left in file.parent.glob(f"{glob.escape(file.name)}.*.{purpose}*"):
        number = left.name.removeprefix(f"{file.name}.").partition(".")[0]
        if number.isdecimal() and not Process(socket.gethostname(), int(number)).may_live():
            left.unlink()
    try:
        yield unfinished
    finally:
        for left in (unfinished, *_journals(unfinished)):
            if left.exists():  # on a read-only disk the deletion of nothing fails too
                left.unlink()


@contextmanager
def _translated(file: Path | str) -> Iterator[None]:
    """Turns the system's errors into ours."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(
                f"There is no room left on the disk for {file}. Make room, or name another place."
            ) from error
        raise DataFolderError(
            f"{file} cannot be written: {error.strerror}. Name a file in a folder that this user may write to."
        ) from error


def _journals(file: Path) -> list[Path]:
    return [file.with_name(f"{file.name}{suffix}") for suffix in ("-wal", "-shm", "-journal")]
