"""First sight, filters, searching and loading as their reader meets them: a real server and a real browser."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, FilePayload, Page, expect

from api.guard.fence import Fence
from api.guard.limits import BodyLimit
from api.routes import build_api
from app.commands.filling.sources import Sources
from app.service.web import stats
from desk.uploads import Uploads
from index.archive import Archive
from index.find.worded import marked, with_any_word
from newsdesk.catalogue.counts.holdings import HoldingsCount
from newsdesk.settings import Settings
from newsdesk.types import Article, Evidence, Filters, Question
from tests.support import article, day, one_each
from ui.chat import mount_chat
from ui.load import add_load_page
from ui.pages import add_article_pages
from ui.search import add_search_page
from ui.signin import add_sign_in

# Gradio 6.31 summarises its queue with two things that pandas 3 calls obsolete; nothing of ours depends on them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning"),
]
LEFT_EARLY = ("AbortError: signal is aborted", "Unexpected error Connection errored out")

OUTLETS = ("Fen Gazette", "Radio Tarn", "צפון היום")
ARTICLES = [
    article(
        f"a{number}",
        f"Report {number} on the <b>barge</b> at Sallow Bridge: the old barge was moved."
        if number % 2
        else f"A barge of timber, report {number}, passed Sallow at noon; the bridge stood open.",
        title=f"Barge news {number}",
        source=OUTLETS[number % 3],
        published=day("2022-01-01") + timedelta(days=number),
    )
    for number in range(30)
]


@dataclass
class Site:
    """A running service, its archive, and what its engine was asked."""

    url: str
    asked: list[Question] = field(default_factory=list)


@contextmanager
def running(data: Path, articles: Sequence[Article]) -> Iterator[Site]:
    """The pages over an archive without vectors, on a free port of this machine."""
    settings = Settings(data=data)
    archive = Archive(settings)
    if articles:
        archive.catalogue.put(articles, one_each)
    archive.keyword.catch_up()
    sources = Sources(settings, archive.catalogue)
    uploads = Uploads(settings.data, archive.catalogue, sources.read)
    holdings = HoldingsCount(archive.catalogue)
    site, stop = Site(""), threading.Event()
    app = build_api(archive.engine, lambda: stats(archive), lambda: True, uploads=uploads, holdings=holdings)
    add_article_pages(app, archive.catalogue)
    add_load_page(app, may_fetch=False)

    def find(words: str, filters: Filters, newest_first: bool) -> list[Evidence]:
        found = archive.engine.search_words(words, filters, 200, newest_first=newest_first)[1]
        return with_any_word(words, found)

    def stream(question: Question) -> Iterator[object]:
        site.asked.append(question)
        yield from archive.engine.stream(question)

    add_search_page(app, find, archive.catalogue.articles, marked)
    add_sign_in(app, lambda secret: "", "key")
    mount_chat(
        app, stream, archive.catalogue.feedback.put, lambda: stats(archive).model_dump(),  # type: ignore[arg-type]
        lambda: ("When was the barge moved?",) if articles else (), holdings.holdings,
    )  # fmt: skip

    def follow() -> None:
        while not stop.wait(0.1):
            uploads.work(stop)
            archive.keyword.catch_up()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(Fence(BodyLimit(app)), log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        threads = [
            threading.Thread(target=server.run, kwargs={"sockets": [listening]}),
            threading.Thread(target=follow),
        ]
        for thread in threads:
            thread.start()
        site.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield site
        finally:
            server.should_exit = True
            stop.set()
            for thread in threads:
                thread.join()
    archive.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Thirty articles of three outlets. Only to be read."""
    with running(tmp_path_factory.mktemp("finding"), ARTICLES) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab; at the end its browser has nothing to complain of, and no other host was asked."""
    context = browser.new_context(viewport={"width": 1280, "height": 850})
    complaints: list[str] = []
    hosts: set[str] = set()
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))

    def note(message: object) -> None:
        kind, text = message.type, message.text  # type: ignore[attr-defined]
        if kind in ("error", "warning") and not text.startswith(LEFT_EARLY):
            complaints.append(text)

    context.on("console", note)
    yield context.new_page()
    context.close()
    assert complaints == []
    assert hosts <= {"127.0.0.1"}


def test_first_sight_says_what_there_is(page: Page, site: Site) -> None:
    """Articles, outlets, days and what can be found how; and a question to begin with."""
    page.goto(site.url)
    expect(page.locator(".nw-holds")).to_contain_text("30 articles of 3 outlets, 1 January 2022 to 30 January 2022")
    expect(page.get_by_role("button", name="When was the barge moved?")).to_be_visible()


def test_a_question_is_narrowed_to_days_and_outlets(page: Page, site: Site) -> None:
    """By presets, keys on the picture and boxes; shown as chips that can be removed; the engine gets what is shown."""
    page.goto(site.url)
    page.get_by_text("Days and outlets").click()
    page.get_by_role("button", name="Last week").click()
    first = page.get_by_role("slider", name="First day")
    expect(first).to_have_attribute("aria-valuetext", "24 Jan 2022")
    first.press("ArrowRight")
    expect(first).to_have_attribute("aria-valuetext", "25 Jan 2022")
    page.get_by_role("checkbox", name="Radio Tarn 2").check()
    page.get_by_role("checkbox", name=OUTLETS[2]).check()
    chips = page.get_by_role("list", name="Narrowed to").get_by_role("listitem")
    expect(chips).to_contain_text(["from 25 Jan 2022", "Radio Tarn", OUTLETS[2]])
    page.keyboard.press("Escape")
    page.get_by_role("button", name=f"Remove: {OUTLETS[2]}").click()
    expect(chips).to_have_count(2)
    page.get_by_role("textbox", name="Your question").fill("Where was the old barge moved?")
    page.keyboard.press("Enter")
    expect(page.locator(".nd-answer")).to_be_visible()
    assert site.asked[-1].filters == Filters(("Radio Tarn",), day("2022-01-25"))
    page.reload()
    expect(chips).to_have_count(2)
    page.get_by_role("button", name="New conversation").click()
    expect(chips).to_have_count(0)
    other = page.context.new_page()  # what was chosen belongs to the conversation, and comes back with it
    other.goto(site.url)
    other.get_by_role("button", name="Conversations").click()
    other.get_by_role("button", name="Where was the old barge moved?", exact=False).first.click()
    chips_there = other.get_by_role("list", name="Narrowed to").get_by_role("listitem")
    expect(chips_there).to_contain_text(["from 25 Jan 2022", "Radio Tarn"])


def test_the_picture_is_brushed_with_the_mouse(page: Page, site: Site) -> None:
    """Drawing across the bars chooses the days below."""
    page.goto(f"{site.url}/search")
    page.get_by_text("Days and outlets").click()
    expect(page.locator(".nf-picture")).to_be_visible()
    box = page.locator(".nf-picture").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 10.5 / 30, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 19.5 / 30, box["y"] + 10, steps=3)
    page.mouse.up()
    expect(page.get_by_label("From")).to_have_value("2022-01-11")
    expect(page.get_by_label("To", exact=True)).to_have_value("2022-01-20")
    page.locator(".nf").get_by_role("button", name="Search").click()
    expect(page.get_by_text("10 articles, the newest first")).to_be_visible()


def test_a_phrase_is_searched_by_keyboard(page: Page, site: Site) -> None:
    """ "/" goes to the box, results are marked and escaped, come in pages, and open the article at its paragraph."""
    page.goto(f"{site.url}/search?sort=day")
    expect(page.get_by_role("searchbox").first).to_be_focused()
    page.locator("body").press("/")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type('"old barge"')
    page.keyboard.press("Enter")
    expect(page.get_by_text("15 articles: 1 to 10")).to_be_visible()
    expect(page.locator(".results mark").first).to_have_text("old barge")
    expect(page.locator(".results h2").first).to_have_text("Barge news 29")
    page.get_by_role("link", name="More results").click()
    expect(page.locator(".results li")).to_have_count(5)
    page.wait_for_load_state()
    page.get_by_role("searchbox").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Barge news 9")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("article p").first).to_contain_text("on the <b>barge</b> at Sallow Bridge")


def test_an_empty_archive_takes_files(browser: Browser, page: Page, tmp_path: Path) -> None:
    """It says how to fill it; files that are chosen are read, with what could not be and why; on a phone nothing sticks out."""
    with running(tmp_path, []) as site:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(site.url)
        expect(page.locator(".nw-holds")).to_contain_text("The archive is empty")
        expect(page.get_by_text("Drop files or a folder here")).to_be_visible()
        mill = FilePayload(
            name="mill.txt", mimeType="text/plain", buffer=b"Mill reopens\n\nThe mill at Orrin reopened."
        )
        picture = FilePayload(name="<i>x.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n")
        page.get_by_label("Choose files").set_input_files([mill, picture])
        expect(page.locator(".nl-told")).to_contain_text("Finished: 1 article added, 1 not taken in")
        expect(page.locator(".nl-rejects li")).to_contain_text("<i>x.png")
        for path in ("/", "/load", "/search"):
            page.goto(f"{site.url}{path}")
            expect(page.get_by_text("Newsdesk").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_passed_over_in_a_search_is_said(site: Site) -> None:
    """Days, pages and orders that are none, each by its value, beside what was found all the same."""
    wrong = {"q": "barge", "published_from": "2022-13-01", "as_of": "yesterday", "page": "two", "sort": "length"}
    page = httpx.get(f"{site.url}/search", params=wrong, timeout=60)
    assert page.status_code == 200
    assert page.text.count('class="passed-over"') == 4
    for value in ("2022-13-01", "yesterday", "two", "length"):
        assert f"“{value}”" in page.text
    assert "30 articles" in page.text
    turned = {"q": "barge", "published_from": "2022-02-01", "published_to": "2022-01-01"}
    page = httpx.get(f"{site.url}/search", params=turned, timeout=60)
    assert "The first day, 2022-02-01, is after the last, 2022-01-01" in page.text
    fine = {"q": "barge", "published_from": "2022-01-02", "page": "2", "sort": "day"}
    assert "passed-over" not in httpx.get(f"{site.url}/search", params=fine, timeout=60).text.partition("<body")[2]
