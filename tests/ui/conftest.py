"""A real Chromium for the tests that look at pages as a reader does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

from tests.browser import opened_browser
from tests.find_chromium import find_chromium

if TYPE_CHECKING:
    from tests.ui.chat_world import Desk, Reader

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


@pytest.fixture(scope="module")
def running_chat() -> Iterator[Desk]:
    """The chat on a free port of this machine, with the pages of two articles."""
    from tests.ui.chat_world import served

    with served() as desk:
        yield desk


@pytest.fixture
def desk(running_chat: Desk) -> Desk:
    """The service with an engine that has not been asked anything."""
    from tests.ui.chat_world import EXAMPLES

    running_chat.engine.asked.clear()
    running_chat.engine.kept.clear()
    running_chat.engine.before = lambda: None
    running_chat.engine.examples = EXAMPLES
    running_chat.engine.parts = ()
    return running_chat


@pytest.fixture
def reader(browser: Browser, desk: Desk) -> Iterator[Reader]:
    """A reader at a wide screen; at the end nothing was complained of and no other host asked, whatever they did."""
    from tests.ui.chat_world import Reader

    reader = Reader(browser.new_context(viewport={"width": 1280, "height": 800}), desk.url)
    reader.listen()
    yield reader
    reader.context.close()
    assert reader.complaints == []
    assert reader.hosts <= {"127.0.0.1"}
