"""A service with keys, below a prefix, as one that others reach is set up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsdesk.catalogue.access.keys import SCOPES
from newsdesk.catalogue.catalogue import Catalogue
from tests.support import start_service, stop_service, wait_until

PAGE = "https://cms.example"
"""Whose pages may call it."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """A running service, and a key of each scope."""

    url: str
    prefixed: str
    data: Path
    log: Path
    keys: dict[str, str]

    def logged(self) -> list[dict[str, Any]]:
        """What it wrote, line by line."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def logged_of(self, **fields: object) -> list[dict[str, Any]]:
        """The lines with these fields; a request is logged when it has been answered, so the first may still be to come."""

        def found() -> list[dict[str, Any]]:
            return [line for line in self.logged() if fields.items() <= line.items()]

        wait_until(found)
        return found()


@pytest.fixture(scope="module")
def guarded(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """`newsdesk serve` with keys, below /news, logging JSON lines, three questions at once."""
    folder = tmp_path_factory.mktemp("guarded")
    data = Path(shutil.copytree(sample_template, folder / "data"))
    catalogue = Catalogue(data / "catalogue.sqlite3")
    keys = {str(scope): catalogue.keys.add(f"the {scope} key", scope) for scope in SCOPES}
    catalogue.close()
    process, url = start_service(
        data, folder / "log", NEWSDESK_LOG="json", NEWSDESK_ROOT_PATH="/news", NEWSDESK_EMBED_IN_BACKGROUND="false",
        NEWSDESK_CORS_ORIGINS=json.dumps([PAGE]), NEWSDESK_QUESTIONS_AT_ONCE="3",
    )  # fmt: skip
    try:
        yield Guarded(url, f"{url}/news", data, folder / "log", keys)
    finally:
        code = stop_service(process)
    assert code == 0
