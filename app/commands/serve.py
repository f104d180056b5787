"""`newsdesk serve` and `newsdesk status`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import AsJson, Data, Model, load_settings, show
from newsdesk.wording.counted import counted

if TYPE_CHECKING:
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.catalogue.runs.log import Run


def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (NEWSDESK_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (NEWSDESK_PORT); 0 takes a free one.")] = None,
    model: Model = None,
    open_: Annotated[
        bool | None, typer.Option("--open", help="Ask nobody for a key, whoever can reach it (NEWSDESK_OPEN).")
    ] = None,
) -> None:
    """Serve the chat at / and the API at /api, documented at /docs."""
    from app.service.server import run

    logging.getLogger("newsdesk").setLevel(logging.INFO)
    run(load_settings(data=data, host=host, port=port, model=model, open=open_))


def _said(run: Run) -> str:
    """A run in words."""
    others = f" and {len(run.paths) - 1:,} more" if len(run.paths) > 1 else ""
    ended = f"to {run.ended_at}" if run.ended_at else "and has not ended (it still runs, or was stopped)"
    names = ("older", "held", "withdrawn", "fetched")
    rare = "".join(f", {getattr(run, name):,} {name}" for name in names if getattr(run, name))
    rare += f", {counted(run.files_unchanged, 'file')} unchanged" if run.files_unchanged else ""
    return (
        f"{', '.join(run.paths[:1])}{others} by {run.who}, from {run.started_at} {ended}: {run.added:,} added, "
        f"{run.updated:,} updated, {run.unchanged:,} unchanged, {run.rejected:,} rejected{rare}"
    )


def _servers(addresses: Sequence[str], catalogue: Catalogue) -> list[dict[str, Any]]:
    """How each Chroma server of the settings is, and how many vectors are placed there."""
    if not addresses:
        return []
    from index.find.servers.view import state_of_servers

    return state_of_servers(addresses, catalogue)


def status(data: Data = None, as_json: AsJson = False) -> None:
    """Show what the archive holds, how many passages have vectors, what was rejected, and who serves it."""
    from dataclasses import asdict

    from app.service.ownership import service_address
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.catalogue.vectors import StoredVectors

    settings = load_settings(data=data)
    catalogue = Catalogue(settings.catalogue_at, create=False)
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    servers = _servers(settings.chroma, catalogue)
    shown = {
        **asdict(catalogue.counts()),
        "vectors": asdict(vectors.progress(model)),
        "model": model.name if model else "",
        "service": service_address(settings.data),
        **({"chroma": servers} if servers else {}),
        "catalogue": catalogue.name,
        "last_run": asdict(run) if (run := catalogue.runs.last()) else None,
        "last_rejects": [asdict(item) for item in catalogue.rejects.newest(10)],
    }
    text = [
        f"{counted(shown['articles'], 'article')} ({shown['samples']:,} of them samples), {counted(shown['stories'], 'story', 'stories')}, {counted(shown['paragraphs'], 'paragraph')}",
        f"{counted(shown['passages'], 'passage')}, {shown['vectors']['done']:,} with vectors ({shown['model'] or 'no model yet'})",
        *([f"{shown['under_embargo']:,} more under embargo"] if shown["under_embargo"] else []),
        f"service: {shown['service'] or 'not running'}",
        *(f"Chroma server {each['server']}: {each['state']}, {each['records']:,} vectors" for each in servers),
        f"catalogue: {shown['catalogue']}",
        *([f"last ingest: {_said(run)}"] if run else []),
        f"{shown['rejects']:,} rejected" + (", the last:" if shown["rejects"] else ""),
        *(f"  {item['origin']}: {item['reason']}" for item in shown["last_rejects"]),
        *(["  (`newsdesk rejects` shows all)"] if shown["rejects"] > len(shown["last_rejects"]) else []),
    ]
    show(shown, as_json, "\n".join(text))
