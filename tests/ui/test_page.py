"""What surrounds an answer: numbers that tell their source, the panel, conversations, exports, a service that goes away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from newsdesk.types import Question
from tests.ui.chat_world import FLOWN, NINE, STRIKE, Desk, Reader, ask, box

# As in test_chat.py.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning"),
]

MOON = "Who is on the moon?"
MARS = "Who is on Mars?"


@pytest.fixture
def phone(browser: Browser, desk: Desk) -> Iterator[Reader]:
    """A reader who touches a small screen."""
    reader = Reader(browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True), desk.url)
    reader.listen()
    yield reader
    reader.context.close()
    assert reader.complaints == []
    assert reader.hosts <= {"127.0.0.1"}


def answered(page: Page, question: str) -> None:
    """Asks and waits for the answer."""
    number = page.locator(".nd-answer").count()
    ask(page, question)
    expect(page.locator(".nd-answer")).to_have_count(number + 1)


# ---------------------------------------------------------------------------------------------- sources


def test_a_number_tells_outlet_day_and_paragraph(reader: Reader) -> None:
    """Pointed at or reached by keyboard it shows the whole paragraph with the quotation marked; Escape puts it away."""
    page = reader.open()
    answered(page, STRIKE)
    told = page.get_by_role("tooltip")
    page.get_by_role("link", name="Source 1").hover()
    expect(told).to_contain_text("Skarholm Post · 19 January 2017 · paragraph 13")
    expect(told.locator("mark")).to_have_text(FLOWN)
    expect(told).to_contain_text("Nobody expected it.")
    page.mouse.move(5, 5)
    expect(told).to_be_hidden()
    page.get_by_role("link", name="Source 1").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Source 2: Joint strike")).to_have_accessible_description(
        f"Harbour Courier · undated · paragraph 1 “{NINE}”"
    )
    page.keyboard.press("Escape")
    expect(told).to_be_hidden()


def test_the_panel_names_what_is_open(reader: Reader) -> None:
    """Headline, outlet, day, the article's page and the original at its quotation stay in sight above the text."""
    page = reader.open()
    answered(page, STRIKE)
    page.get_by_role("link", name="Source 1").click()
    panel = page.get_by_role("region", name="Cited article")
    expect(panel).to_contain_text("Seventeen planes, one target")
    expect(panel).to_contain_text("Skarholm Post · By Åsa Nyström · 19 January 2017")
    expect(panel.get_by_role("link", name="Original")).to_have_attribute(
        "href",
        "https://post.example/raid#:~:text=The%20joint%20strike%20was%20flown%20by,and%20Turkish%20air%20forces%2C%20Moscow%20said.",
    )
    with reader.context.expect_page() as opened:
        panel.get_by_role("link", name="Article’s page").click()
    expect(opened.value.locator("p#p12 mark")).to_have_text(FLOWN)


def test_on_a_phone_a_source_covers_the_page_until_the_way_back(phone: Reader) -> None:
    """A touch tells the source, another opens it over the full width; back leads to the number that was touched."""
    page = phone.open()
    answered(page, STRIKE)
    page.get_by_role("link", name="Source 1").tap()
    expect(page.get_by_role("tooltip")).to_contain_text("Skarholm Post")
    page.get_by_role("button", name="Open the article").tap()
    frame = page.locator('iframe[name="source"]')
    expect(page.frame_locator('iframe[name="source"]').locator("p#p12 mark")).to_be_in_viewport()
    assert frame.evaluate("(element) => element.clientWidth") == 390
    page.get_by_role("button", name="Back to the answer").tap()
    expect(frame).to_be_hidden()
    expect(page.get_by_role("link", name="Source 1")).to_be_focused()
    for _ in range(2):  # the browser's own Back does the same, and does not leave the page
        page.get_by_role("link", name="Source 1").tap()
        page.get_by_role("button", name="Open the article").tap()
        expect(page.frame_locator('iframe[name="source"]').locator("p#p12 mark")).to_be_in_viewport()
        page.evaluate("history.back()")
        expect(frame).to_be_hidden()
        expect(page.locator(".nd-answer")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# ------------------------------------------------------------------------------------- asking and stopping


def test_an_answer_can_be_stopped(reader: Reader, desk: Desk) -> None:
    """The page says so, earlier answers stay, and the next question, asked at once, is answered."""
    page = reader.open()
    answered(page, STRIKE)
    answer_now = threading.Event()
    desk.engine.before = answer_now.wait
    ask(page, MOON)
    expect(page.locator(".nd-answer")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#nd-chat .nd-notice")).to_have_text("Stopped before there was an answer.")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(box(page)).to_be_focused()
    ask(page, MARS)
    answer_now.set()
    expect(page.locator(".nd-answer")).to_have_count(2)
    expect(page.locator(".nd-question")).to_have_text([STRIKE, MOON, MARS])
    assert len(desk.engine.asked[-1].history) == 1


def test_a_question_under_way_outlives_a_reload(reader: Reader, desk: Desk) -> None:
    """It is in the box again, as is what was only typed."""
    page = reader.open()
    box(page).fill("Who is on Ven")
    page.reload()
    expect(box(page)).to_have_value("Who is on Ven")
    answer_now = threading.Event()
    desk.engine.before = answer_now.wait
    ask(page, MARS)
    expect(page.locator(".nd-pending")).to_be_visible()
    page.reload()
    expect(box(page)).to_have_value(MARS)
    answer_now.set()
    desk.engine.before = lambda: None
    page.keyboard.press("Enter")
    expect(page.locator(".nd-answer")).to_have_count(1)


def test_a_service_that_goes_away_is_told_and_comes_back(reader: Reader) -> None:
    """The page says so by itself, and goes on by itself, with the conversation and what was being typed."""
    page = reader.open()
    answered(page, STRIKE)
    box(page).fill("And how many")
    reader.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("Newsdesk cannot be reached.")
    reader.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".nd-answer")).to_have_count(1)
    expect(box(page)).to_have_value("And how many")
    reader.complaints.clear()  # the browser logs what it could not fetch


# ------------------------------------------------------------------------------------------ conversations


def test_each_tab_has_its_conversation_and_a_list_of_all(reader: Reader, desk: Desk) -> None:
    """Neither overwrites the other's; each is opened by its first question, goes on where it was, and can be deleted."""
    one = reader.open()
    answered(one, STRIKE)
    other = reader.open()
    expect(other.locator(".nd-question")).to_have_count(0)
    answered(other, MOON)
    answered(one, MARS)
    other.reload()
    expect(other.locator(".nd-question")).to_have_text([MOON])
    other.get_by_role("button", name="Conversations").click()
    listed = other.get_by_role("dialog", name="Conversations")
    listed.get_by_role("button", name=f"{STRIKE} 2 questions").click()
    expect(other.locator(".nd-question")).to_have_text([STRIKE, MARS])
    answered(other, "How many took part?")
    assert [turn.question for turn in desk.engine.asked[-1].history] == [STRIKE, MARS]
    expect(one.locator(".nd-question")).to_have_count(3)  # the first tab shows the same conversation

    other.get_by_role("button", name="Conversations").click()
    listed.get_by_role("button", name=f"Delete: {STRIKE}").click()
    listed.get_by_role("button", name=f"Really delete: {STRIKE}").press("Enter")
    expect(listed.locator("li")).to_have_count(1)
    other.keyboard.press("Escape")
    expect(other.locator(".nd-question")).to_have_count(0)
    expect(one.locator(".nd-question")).to_have_count(0)


def test_a_conversation_is_exported_and_an_answer_copied(reader: Reader, tmp_path: Path) -> None:
    """As a file named after the first question; as text with its citations, by the keyboard too."""
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = reader.open()
    expect(page.get_by_role("button", name="Export")).to_be_hidden()
    answered(page, STRIKE)
    page.get_by_role("button", name="Export").press("Enter")
    with page.expect_download() as saved:
        page.get_by_role("dialog").get_by_role("button", name="CSV").press("Enter")
    assert saved.value.suggested_filename == "newsdesk-who-conducted-the-joint-strike-on-al-bab.csv"
    saved.value.save_as(tmp_path / "saved.csv")
    assert "Skarholm Post,Åsa Nyström,2017-01-19" in (tmp_path / "saved.csv").read_text(encoding="utf-8-sig")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Copy with citations").press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert "[1] “Seventeen planes, one target”, Skarholm Post, by Åsa Nyström, 19 January 2017." in text


def test_a_thumb_can_be_given_a_reason(reader: Reader, desk: Desk) -> None:
    """It may be left out; it is stored in the place of the thumb alone, and still there after a reload."""
    page = reader.open()
    answered(page, STRIKE)
    page.get_by_role("button", name="No, it was wrong").click()
    reason = page.get_by_role("textbox", name="What was wrong, or what is right (optional)")
    reason.fill("Norway flew too <b>")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you, it is noted.")).to_be_visible()
    page.reload()
    expect(reason).to_have_value("Norway flew too <b>")
    [stored] = desk.engine.kept.values()
    assert [(each.verdict, each.comment) for each in stored] == [("down", ""), ("down", "Norway flew too <b>")]


def test_the_field_for_a_reason_is_seen_as_soon_as_it_comes(browser: Browser, desk: Desk) -> None:
    """Also where the window ends right below the thumbs: it is not left half below the box for questions."""
    reader = Reader(browser.new_context(viewport={"width": 1280, "height": 520}), desk.url)
    page = reader.open()
    answered(page, STRIKE)
    page.get_by_role("button", name="Yes, it was right").click()
    reason = page.get_by_role("textbox", name="What was right (optional)")
    expect(reason).to_be_in_viewport(ratio=1)
    expect(page.locator(".nd-reason button")).to_be_in_viewport(ratio=1)
    reason.fill("The day too")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Thank you, it is noted.")).to_be_in_viewport(ratio=1)
    reader.context.close()


# ------------------------------------------------------------------------------------------ for everybody


def serious(page: Page) -> list[str]:
    """What axe calls serious or critical, with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_axe_finds_nothing_serious(browser: Browser, desk: Desk, width: int, scheme: str) -> None:
    """At the start, with answers and an open source, with a refusal, and with the list of conversations open."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = Reader(context, desk.url).open()
    found = serious(page)
    answered(page, STRIKE)
    page.get_by_role("button", name="No, it was wrong").click()
    expect(page.locator(".nd-reason")).to_be_visible()
    page.get_by_role("link", name="Source 1").click()
    expect(page.frame_locator('iframe[name="source"]').locator("mark")).to_be_visible()
    found += serious(page)
    if width < 1000:
        page.keyboard.press("Escape")
    answered(page, MOON)
    page.get_by_role("button", name="Conversations").click()
    found += serious(page)
    context.close()
    assert found == []


def test_text_runs_from_the_right_where_it_is_written_so(reader: Reader, desk: Desk) -> None:
    """A question in Hebrew or Arabic is set from the right, and the page around it from the left."""
    page = reader.open()
    answered(page, "מי נמצא על הירח?")
    direction = "(element) => getComputedStyle(element).direction"
    assert page.locator(".nd-question").evaluate(direction) == "rtl"
    assert page.locator(".nd-text").evaluate(direction) == "ltr"
    assert desk.engine.asked == [Question("מי נמצא על הירח?")]
