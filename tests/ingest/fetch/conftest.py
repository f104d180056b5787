"""Leaves no connection open behind a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ingest.fetch.site import MADE


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while MADE:
        MADE.pop().close()
