"""A real Chromium for the tests that look at pages as a reader does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser import forget, launched, opened_profile
from tests.find_chromium import find_chromium

if TYPE_CHECKING:
    from tests.ui.chat_world import Desk, Reader

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

NO_CHROMIUM = "no Chromium found: browser tests skipped"


@pytest.fixture(scope="module")
def chromium() -> str:
    """Chromium from $CHROMIUM or the PATH. Without one the test is skipped, under CI it fails."""
    found = find_chromium()
    if found is not None:
        return found
    if os.environ.get("CI"):
        pytest.fail("no Chromium found, and CI must run the browser tests: set CHROMIUM to its path")
    pytest.skip(NO_CHROMIUM)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """For a module, not the session: as long as Playwright's synchronous interface is open, `asyncio.run`
    refuses to work in the same thread, and other rooms' tests use it.
    """
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    """A Chromium for readers who know nothing of each other."""
    with launched(playwright, chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def profile(
    chromium: str, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A Chromium for readers who come one after the other; `forget` makes them strangers."""
    with opened_profile(playwright, chromium, tmp_path_factory.mktemp("profile")) as opened:
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
def reader(profile: BrowserContext, desk: Desk) -> Iterator[Reader]:
    """A reader at a wide screen; at the end nothing was complained of and no other host asked, whatever they did."""
    from tests.ui.chat_world import Reader

    reader = Reader(profile, desk.url)
    reader.listen()
    yield reader
    forget(profile, desk.url)
    reader.leave()
    assert reader.complaints == []
    assert reader.hosts <= {"127.0.0.1"}
