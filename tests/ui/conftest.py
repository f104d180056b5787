"""A real Chromium for the tests that look at pages as a reader does."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import opened_browser
from tests.find_chromium import find_chromium

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

NO_CHROMIUM = "no Chromium found: browser tests skipped"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium from $CHROMIUM or the PATH. Without one the test is skipped, under CI it fails.

    For a module, not the session: as long as Playwright's synchronous interface is open, `asyncio.run`
    refuses to work in the same thread, and other rooms' tests use it.
    """
    chromium = find_chromium()
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium found, and CI must run the browser tests: set CHROMIUM to its path")
        pytest.skip(NO_CHROMIUM)
    with opened_browser(chromium) as opened:
        yield opened
