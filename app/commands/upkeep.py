"""The commands that look after an archive: check, purge, rebuild, backup, restore."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import AsChild, AsJson, Data, become_child, load_settings, show
from newsdesk.errors import CatalogueDamaged, DataFolderBusy
from newsdesk.progress import progress
from newsdesk.wording.counted import counted

if TYPE_CHECKING:
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.settings import Settings

_SERVICE_SECONDS = 30  # for a running service to let go of its old vector index


def check(data: Data = None, as_json: AsJson = False, as_child: AsChild = False) -> None:
    """Read the whole catalogue and compare every text with its hash; damaged vectors are dropped, to be made again."""
    from newsdesk.catalogue.upkeep.soundness import check as check_catalogue

    settings = load_settings(data=data)
    catalogue = _open(settings)
    if as_child:
        service_lives = become_child()

        def report(_done: int, _total: int) -> None:
            if not service_lives():
                raise typer.Exit(3)

        findings = check_catalogue(catalogue, report)
    else:
        with progress("Checking", "article") as shown:
            findings = check_catalogue(catalogue, shown)
    if findings.damaged:
        raise CatalogueDamaged(findings.message())
    articles = catalogue.counts().articles
    result = {
        "articles": articles,
        "damaged_articles": [],
        "dropped_vectors": findings.vectors,
        "mended_stories": findings.stories,
    }
    dropped = f" {counted(findings.vectors, 'damaged vector was', 'damaged vectors were')} dropped; `newsdesk embed` makes them again."
    mended = f" The stories of {counted(findings.stories, 'article')} were found anew."
    more = (dropped if findings.vectors else "") + (mended if findings.stories else "")
    show(result, as_json, f"{counted(articles, 'article is as it was', 'articles are as they were')} stored.{more}")


def rebuild(data: Data = None, as_json: AsJson = False) -> None:
    """Throw the keyword and vector views away and make them again from the catalogue; nothing is embedded."""
    from app.service.ownership import Ownership

    settings = load_settings(data=data)
    catalogue = _open(settings)
    owner = Ownership(settings.data)
    try:
        catalogue.changes.begin_anew()  # each passage once, whatever its history
        counts = _make_views_anew(settings, catalogue)
    finally:
        owner.release()
    show(
        counts,
        as_json,
        f"Rebuilt: {counted(counts['passages'], 'passage')}, {counts['vectors']['done']:,} with vectors.",
    )


def purge(data: Data = None, as_json: AsJson = False) -> None:
    """Take removed texts out of the last corner: the catalogue is compacted, the indexes are made anew, and proved."""
    from app.service.ownership import Ownership
    from desk.batches import drop_batches
    from newsdesk.catalogue.upkeep.purge import compact_catalogue, prove

    settings = load_settings(data=data)
    catalogue = _open(settings)
    drop_batches(settings.data)
    try:
        owner = Ownership(settings.data)
    except DataFolderBusy:
        _purge_beside_service(settings, catalogue)
    else:
        try:
            compact_catalogue(catalogue)
            _make_views_anew(settings, catalogue)
        finally:
            owner.release()
    articles = prove(catalogue, settings.data)
    text = (
        f"No file in {settings.data} holds a text of what was removed since the last purge (articles: {articles:,})."
        if articles
        else f"Compacted; nothing was removed from {settings.data} since the last purge."
    )
    if not isinstance(catalogue.at, Path):
        text += " The logs, replicas and backups of the database's server may: see to them there (docs/scale.md)."
    show({"purged": articles}, as_json, text)


def _purge_beside_service(settings: Settings, catalogue: Catalogue) -> None:
    """The service sees that the change log began anew, and makes its indexes anew; here it is waited for."""
    from index.find.chroma import FOLDER
    from index.find.keyword import KeywordIndex
    from newsdesk.catalogue.upkeep.purge import compact_catalogue

    def segments() -> set[str]:
        return {file.name for file in (settings.data / FOLDER).glob("*/")}  # each has a name of its own for good

    def vectors_left() -> bool:
        return bool(before & segments()) or (settings.data / f"{FOLDER}.aside").exists()

    keyword, before, end = KeywordIndex(settings.data, catalogue), segments(), time.monotonic() + _SERVICE_SECONDS
    compact_catalogue(catalogue)
    # Whoever comes first makes the keyword index; the other one is told that it is under way.
    while (not keyword.catch_up(begun_anew=True) or vectors_left()) and time.monotonic() < end:
        time.sleep(0.1)


def _make_views_anew(settings: Settings, catalogue: Catalogue) -> dict[str, Any]:
    """Both views, from the catalogue; the counts afterwards. For the owner of the folder."""
    from dataclasses import asdict

    from index.find.chroma import ChromaView
    from index.find.chroma import discard as discard_chroma
    from index.find.keyword import KeywordIndex
    from index.find.keyword import discard as discard_keyword
    from newsdesk.catalogue.vectors import StoredVectors

    discard_keyword(settings.data)
    discard_chroma(settings.data)
    KeywordIndex(settings.data, catalogue).catch_up()
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    if model is not None and settings.chroma:
        from index.find.servers.view import ServersView

        servers = ServersView(catalogue, vectors, settings.chroma)
        if not servers.follow(model):  # from the beginning, because the change log began anew
            logging.getLogger("newsdesk.index").warning(
                "Not all vectors could be written to the Chroma servers. The next service writes the rest."
            )
        servers.close()
    elif model is not None:  # which need not be loaded: its vectors are in the catalogue
        view = ChromaView(settings.data, catalogue, vectors, model)
        view.catch_up()
        view.close()
    return {**asdict(catalogue.counts()), "vectors": asdict(vectors.progress(model))}


def backup(
    file: Annotated[Path, typer.Argument(show_default=False, help="File to write; it must not be there yet.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Copy the archive, as it is at this moment, into one file; everything may go on running meanwhile."""
    from newsdesk.catalogue.upkeep.backup import back_up

    settings = load_settings(data=data)
    articles = back_up(_open(settings), file)
    size = file.stat().st_size
    text = f"{counted(articles, 'article is', 'articles are')} in {file} ({size / 1e6:,.1f} MB), read back and checked."
    show({"file": str(file), "articles": articles, "bytes": size}, as_json, text)


def restore(
    file: Annotated[Path, typer.Argument(show_default=False, help="File that `newsdesk backup` wrote.")],
    data: Data = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the backup in the place of an archive that has articles.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back, also under a running service; the indexes are made anew from it."""
    from index.find.keyword import KeywordIndex
    from newsdesk.catalogue.upkeep.backup import restore as restore_file

    settings = load_settings(data=data)
    articles = restore_file(file, settings.catalogue_at, replace=replace)
    catalogue = _open(settings)
    KeywordIndex(settings.data, catalogue).catch_up(begun_anew=True)
    place = settings.data if isinstance(catalogue.at, Path) else catalogue.name
    text = f"{counted(articles, 'article is', 'articles are')} back in {place}; the vector index is made anew by the service."
    show({"articles": articles, "data": str(settings.data)}, as_json, text)


def _open(settings: Settings) -> Catalogue:
    from newsdesk.catalogue.catalogue import Catalogue

    return Catalogue(settings.catalogue_at, create=False)
