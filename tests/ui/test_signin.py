"""Readers with a key use the page below a proxy's prefix, and the rules that a browser is given suffice for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from newsdesk.catalogue.catalogue import Catalogue
from tests.proxy import proxied
from tests.support import start_service, stop_service

QUESTION = "Who conducted the joint strike on al-Bab?"


@pytest.fixture(scope="module")
def news(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Path]]:
    """Address behind a proxy that takes /news away, a key that reads, and the log."""
    folder = tmp_path_factory.mktemp("news")
    data = Path(shutil.copytree(sample_template, folder / "data"))
    catalogue = Catalogue(data / "catalogue.sqlite3")
    key = catalogue.keys.add("Ada Merrow", "read")
    catalogue.close()
    process, url = start_service(data, folder / "log", NEWSDESK_ROOT_PATH="/news", NEWSDESK_EMBED_IN_BACKGROUND="false")
    try:
        with proxied(url, "/news") as address:
            yield address, key, folder / "log"
    finally:
        stop_service(process)


def _is_ours(message: ConsoleMessage) -> bool:
    """An error of the page; the icon of the host, outside the prefix, is asked for by the browser itself."""
    return message.type == "error" and not message.location["url"].endswith("/favicon.ico")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that says nothing to its console that a reader should worry about, and asks no other host."""
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(f"{message.text} {message.location}") if _is_ours(message) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda got: said.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))] == []


def test_a_reader_signs_in_asks_and_signs_out(news: tuple[str, str, Path], page: Page) -> None:
    """Everything below /news, with the content security policy in force and nothing on the console."""
    address, key, log = news
    page.goto(f"{address}/")
    assert page.url == f"{address}/signin?next=/"
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/", timeout=30_000)
    page.locator("#nd-question textarea").fill(QUESTION)
    page.locator("#nd-question textarea").press("Enter")
    marker = page.locator("a.nd-marker").first
    expect(marker).to_be_visible()
    marker.click()
    source = page.frame_locator('iframe[name="source"]')
    expect(source.locator("mark").first).to_be_visible()
    assert [frame.url for frame in page.frames if frame.url.startswith(f"{address}/article/")]
    page.reload()
    expect(page.locator("a.nd-marker").first).to_be_visible()

    page.goto(f"{address}/signin")
    expect(page.get_by_role("heading")).to_have_text("Signed in as Ada Merrow")
    page.goto(f"{address}/")
    sign_out = page.get_by_role("button", name="Sign out")
    expect(sign_out).to_have_attribute("title", "Signed in as Ada Merrow")
    sign_out.click()
    page.wait_for_url(f"{address}/signin")
    page.goto(f"{address}/")
    assert page.url == f"{address}/signin?next=/"
    assert page.context.cookies() == []
    assert key not in log.read_text()


def test_no_script_of_the_page_sees_the_key(news: tuple[str, str, Path], page: Page) -> None:
    """Nor can any reach another host."""
    address, key, _ = news
    page.goto(f"{address}/signin")
    page.get_by_label("Your key").fill(key)
    page.get_by_label("Your key").press("Enter")
    page.wait_for_url(f"{address}/")
    expect(page.locator("#nd-question textarea")).to_be_visible()
    assert key not in json.dumps(page.evaluate("[document.cookie, {...localStorage}, {...sessionStorage}]"))
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/news/")
