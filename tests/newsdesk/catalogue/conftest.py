"""The catalogue's promises hold in both kinds of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from newsdesk.catalogue.catalogue import Catalogue
from tests.postgres import PostgresServer

NewCatalogue = Callable[..., Catalogue]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_catalogue(request: pytest.FixtureRequest, empty_template: Path, tmp_path: Path) -> Iterator[NewCatalogue]:
    """Makes empty catalogues, each in a file or in a database of its own; a `clock` may be given."""
    made: list[tuple[Catalogue, str]] = []

    def make(**more: Any) -> Catalogue:
        at: Any
        if request.param == "sqlite":
            folder = tmp_path / str(len(made)) if made else tmp_path
            folder.mkdir(exist_ok=True)
            at = folder / "catalogue.sqlite3"
            at.write_bytes(empty_template.read_bytes())
        else:
            at = server.new_catalogue()
        catalogue = Catalogue(at, **more)
        made.append((catalogue, at))
        return catalogue

    with ExitStack() as stack:
        if request.param == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
        yield make
        for catalogue, at in made:
            catalogue.close()
            if request.param == "postgresql":
                stack.callback(server.give_back, at)


@pytest.fixture
def catalogue(new_catalogue: NewCatalogue) -> Catalogue:
    """An empty catalogue, in a file and in a database of PostgreSQL."""
    return new_catalogue()
