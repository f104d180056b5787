"""`newsdesk rejects`: what was not taken in, listed, read again or forgotten."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.filling.telling import named, reason_of
from app.commands.options import AsJson, Data, Model, load_settings, show
from newsdesk.errors import WrongUse

if TYPE_CHECKING:
    from pathlib import Path

    from newsdesk.catalogue.catalogue import Catalogue
    from newsdesk.settings import Settings


def rejects(
    data: Data = None,
    limit: Annotated[int, typer.Option(min=0, help="Show only the newest; 0 shows all.")] = 50,
    retry: Annotated[bool, typer.Option("--retry", help="Read the rejected files again.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Empty the list.")] = False,
    model: Model = None,
    vectors: Annotated[bool, typer.Option(help="With --retry: make the vectors too.")] = True,
    as_json: AsJson = False,
) -> None:
    """List what was not taken in, newest first, with the reasons; or read it again, or forget it."""
    from newsdesk.catalogue.catalogue import Catalogue

    if retry and forget:
        raise WrongUse("--retry and --forget cannot both be meant. Give one of them.")
    settings = load_settings(data=data, model=model)
    catalogue = Catalogue(settings.catalogue_at, create=False)
    if retry:
        _retry(settings, catalogue, vectors, as_json)
    elif forget:
        numbers = [item.number for item in catalogue.rejects.every()]
        catalogue.rejects.forget(numbers)
        show({"forgotten": len(numbers)}, as_json, f"{len(numbers):,} forgotten.")
    else:
        _list_rejects(catalogue, limit or None, as_json)


def _list_rejects(catalogue: Catalogue, limit: int | None, as_json: bool) -> None:
    """Prints piece by piece: there may be more than memory should hold."""
    from dataclasses import asdict

    total = catalogue.counts().rejects
    shown = islice(catalogue.rejects.every(), limit)
    if as_json:
        print(f'{{"total": {total}, "rejects": [', end="")
        for place, item in enumerate(shown):
            print("," if place else "", json.dumps(asdict(item), ensure_ascii=False), sep="\n", end="")
        print("\n]}")
        return
    for item in shown:
        print(f"{item.rejected_at}  {named(item)}: {reason_of(item)}")
    if not total:
        print("Nothing was rejected.")
    elif limit is not None and limit < total:
        print(f"These are the newest {limit:,} of {total:,}; `--limit 0` shows all.")


def _retry(settings: Settings, catalogue: Catalogue, vectors: bool, as_json: bool) -> None:
    """Reads each rejected file once more, the first that was rejected first, with the --map it was read with."""
    from app.commands.filling.run import take_in
    from app.commands.filling.sources import Sources, origins, place_of

    groups: dict[str, dict[str | Path, None]] = {}
    old, left = [], 0
    for item in catalogue.rejects.every():
        place = place_of(item.origin, catalogue)
        if place is None:
            left += 1
        else:
            groups.setdefault(item.mapping, {})[place] = None
            old.append(item.number)
    sources = Sources(settings, catalogue, again=True)
    readings = [
        (mapping, sources.read_again(mapping, list(places)[::-1])) for mapping, places in reversed(groups.items())
    ]
    every = [place for places in groups.values() for place in places]
    web = [place for place in every if isinstance(place, str)]
    of = origins(web, [place for place in every if not isinstance(place, str)])
    take_in(sources, of, readings, old, vectors, as_json, left)
