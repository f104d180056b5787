"""The whole product in a real browser: the service, its archive, its engine and the chat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from newsdesk.catalogue.catalogue import Catalogue
from tests.support import RunningService


@pytest.fixture
def page(browser: Browser, service: RunningService) -> Iterator[Page]:
    """The chat of the running service; no request may go to another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    hosts: set[str | None] = set()
    context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    opened = context.new_page()
    opened.goto(service.url)
    yield opened
    context.close()
    assert hosts == {"127.0.0.1"}


def ask(page: Page, question: str) -> None:
    """Types a question and sends it."""
    page.get_by_role("textbox", name="Your question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def test_the_al_bab_conversation(page: Page, service: RunningService) -> None:
    """Asked who struck al-Bab, the chat names Russia and Turkey; [1] opens the very paragraph with its quote marked.

    A follow-up that names nothing is understood, and a question the archive cannot answer is refused.
    """
    ask(page, "Who conducted the joint strike on al-Bab?")
    chat = page.get_by_role("log")
    expect(chat).to_contain_text(re.compile(r"Russia.*Turk", re.DOTALL))
    page.get_by_role("link", name=re.compile("1")).first.click()
    source = page.frame_locator("iframe[name=source]")
    marked = source.locator("p:target mark")
    expect(marked).to_be_visible()
    answer = httpx.post(
        f"{service.url}/api/ask", json={"question": "Who conducted the joint strike on al-Bab?"}, timeout=60
    ).json()
    expect(marked).to_have_text(answer["citations"][0]["quote"])

    ask(page, "And how many jets did they use?")
    expect(chat).to_contain_text("Understood as")
    # Nine Russian and eight Turkish ones: some reports count them together.
    expect(chat).to_contain_text(re.compile(r"nine\b.*\beight|seventeen|\b17\b", re.IGNORECASE | re.DOTALL))
    ask(page, "Who won the 2018 World Cup?")
    expect(chat).to_contain_text("The archive does not say.")


def test_a_thumb_is_in_the_archive(page: Page, service: RunningService) -> None:
    """When the chat shows it as taken, the catalogue has it, with what the answer cited."""
    ask(page, "How many Turkish jets took part?")
    page.get_by_role("button", name="Yes, it was right").click()
    expect(page.locator(".nd-asked")).to_have_text("Noted as right")
    catalogue = Catalogue(service.data / "catalogue.sqlite3", create=False)
    *_, stored = catalogue.feedback.every()
    catalogue.close()
    assert (stored.feedback.question, stored.feedback.verdict) == ("How many Turkish jets took part?", "up")
    assert stored.feedback.citations
    assert stored.feedback.evidence
