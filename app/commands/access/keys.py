"""`newsdesk keys`: who may use a service that others reach."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from app.commands.options import AsJson, Data, load_settings, show
from newsdesk.errors import WrongUse
from newsdesk.wording.quoted import quoted

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys of the service.")

Name = Annotated[str, typer.Argument(help="Whose key it is, such as a person or a program.", show_default=False)]


@app.command()
def add(
    name: Name,
    scope: Annotated[str, typer.Option(help="read, write or admin; each may do what those before it may.")] = "read",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. Its secret is shown this once; a running service takes it at once."""
    from newsdesk.catalogue.access.keys import SCOPES
    from newsdesk.catalogue.catalogue import Catalogue

    known = next((each for each in SCOPES if each == scope), None)
    if known is None:
        raise WrongUse(f"--scope cannot be {quoted(scope)}. There are: {', '.join(SCOPES)}.")
    secret = Catalogue(load_settings(data=data).catalogue_at).keys.add(name, known)
    show(
        {"name": name, "scope": scope, "key": secret},
        as_json,
        f"{secret}\nThis is the key of {name} ({scope}). Keep it now: it is stored nowhere, and is not shown again.",
    )


@app.command(name="list")
def list_(data: Data = None, as_json: AsJson = False) -> None:
    """Show the keys there are and were, without their secrets."""
    from newsdesk.catalogue.catalogue import Catalogue

    keys = Catalogue(load_settings(data=data).catalogue_at, create=False).keys.every()
    lines = [
        f"{key.name}: {key.scope}, made {key.made_at[:10]}, "
        + (f"revoked {key.revoked_at[:10]}" if key.revoked_at else f"last used {key.last_used or 'never'}")
        for key in keys
    ]
    show({"keys": [asdict(key) for key in keys]}, as_json, "\n".join(lines) or "There are no keys.")


@app.command()
def revoke(name: Name, data: Data = None, as_json: AsJson = False) -> None:
    """End a key. A running service refuses it within a second."""
    from newsdesk.catalogue.catalogue import Catalogue

    Catalogue(load_settings(data=data).catalogue_at, create=False).keys.revoke(name)
    show({"revoked": name}, as_json, f"The key of {name} is revoked.")
