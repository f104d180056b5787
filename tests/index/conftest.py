"""What tests of several modules of this room share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.archive import Archive
from newsdesk.settings import Settings


@pytest.fixture
def own(sample_data: Path) -> Iterator[Archive]:
    """The sample archive by keyword alone, for a test that changes it."""
    archive = Archive(Settings(data=sample_data), create=False)
    archive.keyword.catch_up()
    yield archive
    archive.close()
