"""The browser of the tests that look at pages as a reader does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

PATIENCE = 60_000
"""Milliseconds that anything in a page may take: the other tests, or whatever else runs, keep the cores busy.

Who waits, waits for an event and goes on at once when it comes, so that only what fails takes so long.
"""

NOWHERE_ELSE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""No other host is found, whatever a page asks for. To let a test look at each request would take longer than the page."""

OPTIONS = ("--no-sandbox", f"--host-resolver-rules={NOWHERE_ELSE}")


@contextmanager
def opened_browser(chromium: str) -> Iterator[Browser]:
    """A Chromium without a window, to be closed again; expectations and actions are patient everywhere."""
    with sync_playwright() as playwright, launched(playwright, chromium) as browser:
        yield browser


@contextmanager
def launched(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """The same, where Playwright runs already: it runs only once in a thread."""
    expect.set_options(timeout=PATIENCE)
    browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=OPTIONS)
    browser.on("context", _be_patient)
    yield browser
    browser.close()


@contextmanager
def opened_profile(playwright: Playwright, chromium: str, folder: Path) -> Iterator[BrowserContext]:
    """The tabs of a Chromium that keeps in this folder what it compiled, so that a page it knows opens in half the time."""
    expect.set_options(timeout=PATIENCE)
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium, headless=True, args=OPTIONS, viewport={"width": 1280, "height": 800}
    )
    _be_patient(context)
    yield context
    context.close()


def forget(context: BrowserContext, url: str) -> None:
    """Closes all tabs but an empty one and clears what a service at this address left, but not what was compiled."""
    empty = context.new_page()
    for page in context.pages:
        if page is not empty:
            page.close()
    context.set_offline(False)
    context.clear_permissions()
    context.clear_cookies()
    session = context.new_cdp_session(empty)
    session.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
    session.detach()


def _be_patient(context: BrowserContext) -> None:
    context.set_default_timeout(PATIENCE)
