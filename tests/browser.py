"""The browser of the tests that look at pages as a reader does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

PATIENCE = 60_000
"""Milliseconds that anything in a page may take: the other tests, or whatever else runs, keep the cores busy.

Who waits, waits for an event and goes on at once when it comes, so that only what fails takes so long.
"""

NOWHERE_ELSE = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""No other host is found, whatever a page asks for. To let a test look at each request would take longer than the page."""


@contextmanager
def opened_browser(chromium: str) -> Iterator[Browser]:
    """A Chromium without a window, to be closed again; expectations and actions are patient everywhere."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=["--no-sandbox", f"--host-resolver-rules={NOWHERE_ELSE}"]
        )
        browser.on("context", _be_patient)
        yield browser
        browser.close()


def _be_patient(context: BrowserContext) -> None:
    context.set_default_timeout(PATIENCE)
