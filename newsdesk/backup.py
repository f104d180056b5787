"""Copies of the archive, made and put back while it is in use. A backup is the catalogue in one file; views are made anew."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import delete

from newsdesk import schema
from newsdesk.catalogue import Catalogue
from newsdesk.check import check
from newsdesk.errors import CatalogueDamaged, NewsdeskError, WrongUse
from newsdesk.sqlite import copy, seal, writing


def back_up(catalogue: Catalogue, file: Path) -> int:
    """Writes the archive, as it is at this moment, to `file`, and reads it back; how many articles it holds.

    Others may go on reading and writing. `file` appears only when it is whole. Raises WrongUse when it is there
    already, CatalogueDamaged when the archive is not what was stored, DataFolderError and DiskFull.
    """
    if file.exists():
        raise WrongUse(f"{file} is there already. Name another file; a backup is never written over.")
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        copy(catalogue.file, unfinished)
        count = _checked(unfinished)
        seal(unfinished)
        unfinished.rename(file)
    finally:
        for left in (unfinished, *_journals(unfinished)):
            left.unlink(missing_ok=True)
    _sync(file.parent)
    return count


def restore(file: Path, target: Path, *, replace: bool) -> int:
    """Makes the backup `file` the catalogue at `target`; how many articles it holds.

    The backup is checked and brought to this version's schema first. Into a catalogue that can be opened it is
    written in one transaction, so others may be using it; one that cannot be opened is moved aside.
    Raises WrongUse when `file` is no backup, or when the archive has articles and `replace` is false.
    """
    if not file.is_file():
        raise WrongUse(f"There is no file {file}. Name a file that `newsdesk backup` wrote.")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.restoring")
    for left in (unfinished, *_journals(unfinished)):
        left.unlink(missing_ok=True)
    try:
        try:
            copy(file, unfinished)
            count = _checked(unfinished)
        except CatalogueDamaged as error:
            raise WrongUse(f"{file} is no backup, or a damaged one: {error}") from error
        _begin_anew(unfinished)
        _put_in_place(unfinished, target, replace=replace)
    finally:
        for left in (unfinished, *_journals(unfinished)):
            left.unlink(missing_ok=True)
    return count


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


def _begin_anew(file: Path) -> None:
    """So that every view of the archive that was there sees that its history is another one; no work is under way."""
    catalogue = Catalogue(file)
    try:
        catalogue.begin_log_anew()
        with writing(catalogue.engine).begin() as connection:
            connection.execute(delete(schema.leases))
    finally:
        catalogue.close()
    seal(file)


def _put_in_place(copied: Path, target: Path, *, replace: bool) -> None:
    if _usable(target):
        present = _articles(target)
        if present and not replace:
            raise WrongUse(
                f"{target.parent} holds an archive of {present:,} articles. Restore into another folder with --data, or "
                "say --replace to put the backup in its place."
            )
        copy(copied, target)
        return
    for file in (target, *_journals(target)):
        if file.exists():
            file.replace(file.with_name(f"{file.name}.damaged"))
    copied.rename(target)
    _sync(target.parent)


def _usable(target: Path) -> bool:
    if not target.exists() or not target.stat().st_size:
        return False
    try:
        _articles(target)
    except NewsdeskError:
        return False
    return True


def _articles(target: Path) -> int:
    catalogue = Catalogue(target)
    try:
        return catalogue.counts().articles
    finally:
        catalogue.close()


def _journals(file: Path) -> list[Path]:
    return [file.with_name(f"{file.name}{suffix}") for suffix in ("-wal", "-shm", "-journal")]


def _sync(folder: Path) -> None:
    """Makes a rename safe against a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
