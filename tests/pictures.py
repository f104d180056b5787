"""The pictures of the page in docs/, taken again after the page has changed.

    python -m tests.pictures [FOLDER]

starts a service with the sample archive and asks it in Chromium: wide, in the dark, and on a phone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser import opened_browser
from tests.find_chromium import find_chromium
from tests.support import ROOT, newsdesk, start_service, stop_service, wait_until_complete

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def opened(browser: Browser, url: str, question: str, **options: object) -> Page:
    """The page, when it has answered."""
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]  # options of the context, as they are
    page.goto(url)
    box = page.get_by_role("textbox", name="Your question")
    box.fill(question)
    box.press("Enter")
    page.get_by_text("Was this right?").wait_for()
    return page


def shot(page: Page, file: Path) -> None:
    """The picture, when nothing moves any more."""
    page.wait_for_timeout(1500)
    page.screenshot(path=file)
    with Image.open(file) as picture:
        picture.quantize(128).save(file, optimize=True)  # a third of the size, and the same to the eye
    page.context.close()


def take(browser: Browser, url: str, folder: Path) -> None:
    """The three pictures."""
    page = opened(browser, url, "Who conducted the joint strike on al-Bab?", viewport=WIDE)
    page.locator(".nd-text .nd-marker").first.click()
    page.mouse.move(300, 600)
    shot(page, folder / "chat.png")
    page = opened(browser, url, "How many people marched in Hallowby?", viewport=WIDE, color_scheme="dark")
    page.locator(".nd-text .nd-marker").first.click()
    page.locator(".nd-text .nd-marker").nth(1).hover()
    shot(page, folder / "chat-dark.png")
    page = opened(
        browser, url, "Who conducted the joint strike on al-Bab?", viewport=PHONE, has_touch=True, is_mobile=True
    )
    page.locator(".nd-text .nd-marker").first.tap()
    shot(page, folder / "chat-phone.png")


def main(folder: Path) -> None:
    """Takes the pictures into a folder."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("No Chromium was found; name one in the variable CHROMIUM.")
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        assert newsdesk("sample", "--data", data).returncode == 0
        process, url = start_service(data, Path(place) / "log")
        try:
            wait_until_complete(url)
            with opened_browser(chromium) as browser:
                take(browser, url, folder)
        finally:
            stop_service(process)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
