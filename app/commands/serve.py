"""`newsdesk serve` and `newsdesk status`."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from app.commands.options import AsJson, Data, Model, show
from newsdesk.settings import load_settings


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


def status(data: Data = None, as_json: AsJson = False) -> None:
    """Show what the archive holds, how many passages have vectors, what was rejected, and who serves it."""
    from dataclasses import asdict

    from app.service.ownership import service_address
    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.catalogue.vectors import StoredVectors

    settings = load_settings(data=data)
    catalogue = Catalogue(settings.catalogue_file, create=False)
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    shown = {
        **asdict(catalogue.counts()),
        "vectors": asdict(vectors.progress(model)),
        "model": model.name if model else "",
        "service": service_address(settings.data),
        "last_rejects": [asdict(item) for item in catalogue.rejects.newest(10)],
    }
    text = [
        f"{shown['articles']:,} articles ({shown['samples']:,} of them samples), {shown['paragraphs']:,} paragraphs",
        f"{shown['passages']:,} passages, {shown['vectors']['done']:,} with vectors ({shown['model'] or 'no model yet'})",
        f"service: {shown['service'] or 'not running'}",
        f"{shown['rejects']:,} rejected" + (", the last:" if shown["rejects"] else ""),
        *(f"  {item['origin']}: {item['reason']}" for item in shown["last_rejects"]),
        *(["  (`newsdesk rejects` shows all)"] if shown["rejects"] > len(shown["last_rejects"]) else []),
    ]
    show(shown, as_json, "\n".join(text))
