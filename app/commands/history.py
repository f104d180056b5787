"""`newsdesk history`: what an article said, version by version; and `newsdesk readmit`, for what was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import AsJson, Data, load_settings, show
from newsdesk.errors import ArticleNotFound
from newsdesk.wording.counted import paragraph_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.models import DifferenceOut, HistoryOut, PieceOut, VersionOut


def history(
    article_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show the versions of an article: when they were seen, and what each changed."""
    from api.models import HistoryOut
    from newsdesk.catalogue.catalogue import Catalogue

    catalogue = Catalogue(load_settings(data=data).catalogue_at, create=False)
    try:
        found = HistoryOut.of(catalogue.history(article_id))
    except ArticleNotFound as error:
        killed_at = catalogue.withdrawn_at(article_id)
        if killed_at is None:
            raise
        raise ArticleNotFound(article_id, f"its sender took it back ({killed_at})") from error
    finally:
        catalogue.close()
    show(found.model_dump(mode="json"), as_json, "\n".join(_lines(found)))


def readmit(
    names: Annotated[list[str], typer.Argument(metavar="ID...", show_default=False)],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let articles in again, by id or address, that their senders took back by mistake."""
    from newsdesk.catalogue.catalogue import Catalogue

    settings = load_settings(data=data)
    catalogue = Catalogue(settings.catalogue_at, create=False)
    try:
        readmitted = catalogue.readmit(names)
        # Else `newsdesk rejects --retry` would read the kill again, whichever of its names that bears.
        all_names = {name for found in readmitted.values() for name in found}
        catalogue.rejects.forget([item.number for item in catalogue.rejects.every() if item.id in all_names])
    finally:
        catalogue.close()
    told = (
        *(_readmitted(name, found) for name, found in readmitted.items()),
        "What was taken back is no longer stored: read the file that has it once more, with `newsdesk ingest FILE --again`. "
        "A kill that is read again counts again.",
    )
    show({"readmitted": list(readmitted), "names": readmitted}, as_json, "\n".join(told))


def _readmitted(name: str, all_names: Sequence[str]) -> str:
    others = ", ".join(other for other in all_names if other != name)
    return f"{name} may come in again{f' (also known as {others})' if others else ''}."


def _lines(found: HistoryOut) -> Iterator[str]:
    yield found.id
    if found.also_known_as:
        yield f"also known as {', '.join(found.also_known_as)}"
    for version in found.versions:
        yield ""
        yield f"Version {version.version}{'' if version is not found.versions[-1] else ' (answers are made of it)'}"
        yield from _about(version)
        if version.title_pieces:
            yield f"  headline: {_marked(version.title_pieces)}"
        for each in version.differences:
            yield f"  {_place(each)}: {_marked(each.pieces)}"


def _place(each: DifferenceOut) -> str:
    """Which paragraph it is, counted from 1; one that went, as it was counted before."""
    if each.after is not None:
        return paragraph_in_words(each.after)
    return f"{paragraph_in_words(each.before or 0)} of the version before"


def _about(version: VersionOut) -> Iterator[str]:
    times = {
        "seen": version.seen_at,
        "published": version.published.isoformat() if version.published else "",
        "modified": version.modified,
        "its publisher's version": str(version.edition or ""),
    }
    yield "  " + ", ".join(f"{name} {value}" for name, value in times.items() if value)
    if version.damaged:
        yield "  It is damaged: no longer what was stored."
    elif version.how == "first":
        yield f"  {version.title}"
    else:
        yield "  " + {"described": "the text is the same"}.get(version.how, version.how)


def _marked(pieces: Sequence[PieceOut]) -> str:
    """What went as [-words-], what came as {+words+}, as `wdiff` does."""
    marks = {"removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks.get(piece.kind, "{}").format(piece.text) for piece in pieces)
