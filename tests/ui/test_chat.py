"""The chat as its reader meets it: a real server, a real browser, and a small engine of our own."""

from __future__ import annotations

import threading

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from newsdesk.feedback import Feedback, Found
from newsdesk.types import (
    CANNOT_ANSWER,
    MAX_QUESTION,
    Drafted,
    Question,
    Turn,
)
from tests.ui.chat_world import (
    ARTICLES,
    COST,
    COURIER,
    EXAMPLES,
    FLOWN,
    NINE,
    STRIKE,
    UNDERSTOOD,
    Desk,
    Reader,
    ask,
    box,
)

# Gradio 6.31 summarises its queue with two things that pandas 3 calls obsolete; nothing of ours depends on them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting' is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning"),
]

# ---------------------------------------------------------------------------------------------- answers


def test_an_example_is_answered_and_its_citation_opens_beside_it(reader: Reader) -> None:
    """Choose an example, read the answer, click [1]: the panel shows the paragraph with the quotation marked."""
    page = reader.open()
    tabs = len(reader.context.pages)
    page.get_by_role("button", name=STRIKE).click()
    expect(page.locator(".nd-question")).to_have_text(STRIKE)
    expect(page.locator(".nd-text")).to_have_text(f"{FLOWN} [1] {NINE} [2]")
    expect(page.locator(".nd-text strong")).to_have_text("the Russian and Turkish air forces")
    page.get_by_role("link", name="Source 1: Seventeen planes, one target").click()
    source = page.frame_locator('iframe[name="source"]')
    expect(source.locator("p#p12 mark")).to_have_text(FLOWN)
    expect(source.locator("p#p12 mark")).to_be_in_viewport()
    expect(source.locator("p#p0")).not_to_be_in_viewport()
    page.get_by_role("link", name="Source 2: Joint strike").click()
    expect(source.locator("mark")).to_have_text(NINE)
    assert len(reader.context.pages) == tabs


def test_an_llms_words_appear_as_it_writes_them(reader: Reader, desk: Desk) -> None:
    """Set off as not checked yet; then the answer takes their place, with what was removed folded away."""
    goes_on = threading.Event()
    desk.engine.before = goes_on.wait
    desk.engine.parts = (Drafted("Norway flew"), Drafted(" the raid. And"))
    page = reader.open()
    ask(page, STRIKE)
    expect(page.locator(".nd-writing .nd-draft")).to_contain_text("Norway flew")
    goes_on.set()
    expect(page.locator(".nd-text")).to_have_text(f"{FLOWN} [1] {NINE} [2]")
    expect(page.locator(".nd-draft")).to_have_count(0)


def test_the_panel_says_what_it_is_for(reader: Reader) -> None:
    """Before the first click the panel tells how to use it, and after New conversation again."""
    page = reader.open()
    hint = page.frame_locator('iframe[name="source"]').get_by_text("Choose a number")
    expect(hint).to_be_visible()
    page.get_by_role("button", name=STRIKE).click()
    page.get_by_role("link", name="Source 1").click()
    expect(hint).to_have_count(0)
    page.get_by_role("button", name="New conversation").click()
    expect(hint).to_be_visible()


def test_a_citation_can_be_followed_with_the_keyboard(reader: Reader) -> None:
    """Links are reached and opened without a mouse."""
    page = reader.open()
    ask(page, STRIKE)
    page.get_by_role("link", name="Source 1").focus()
    page.keyboard.press("Enter")
    expect(page.frame_locator('iframe[name="source"]').locator("mark")).to_have_text(FLOWN)


def test_a_refusal_shows_the_nearest_articles(reader: Reader) -> None:
    """The archive does not say, and the reader can look at what came nearest."""
    page = reader.open()
    ask(page, "Who is on the moon?")
    expect(page.locator(".nd-text")).to_have_text(CANNOT_ANSWER)
    expect(page.get_by_role("region", name="Nearest articles").get_by_role("link", name="Joint strike")).to_be_visible()
    expect(page.get_by_role("region", name="Sources")).to_have_count(0)


def test_what_was_printed_is_shown_as_printed(reader: Reader) -> None:
    """Dollar signs, asterisks and brackets of an article are neither formulas nor emphasis nor links."""
    page = reader.open()
    ask(page, "What did it cost?")
    expect(page.locator(".nd-text")).to_have_text(f"{COST} [1]")
    expect(page.locator("#nd-chat blockquote")).to_have_text(COST)
    expect(page.locator("#nd-chat :is(.katex, em, a[href^='javascript'])")).to_have_count(0)


def test_the_archive_is_counted(reader: Reader) -> None:
    """The reader sees how much there is to ask."""
    expect(reader.open().locator(".nd-status")).to_have_text("69 articles, 210 passages, 100 % with vectors")


# -------------------------------------------------------------------------------------------- questions


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1)) **b** $$x$$",
    "${alert(1)} {{7*7}}",
]


def test_a_hostile_question_is_shown_as_text(reader: Reader) -> None:
    """What a reader types is never executed or interpreted, here or after a reload."""
    page = reader.open()
    for number, question in enumerate(HOSTILE, 1):
        ask(page, question)
        expect(page.locator(".nd-answer")).to_have_count(number)
        expect(page.locator(".nd-question").last).to_have_text(question)
    page.reload()
    expect(page.locator(".nd-question")).to_have_text(HOSTILE)
    expect(page.locator("#nd-chat :is(img, script, .katex, strong)")).to_have_count(0)


def test_a_follow_up_is_asked_with_what_was_said_before(reader: Reader, desk: Desk) -> None:
    """The engine gets earlier questions with their short answers, and the reader sees how it understood."""
    page = reader.open()
    ask(page, STRIKE)
    expect(page.locator(".nd-answer")).to_have_count(1)
    ask(page, "How many took part?")
    expect(page.locator(".nd-understood")).to_have_text(f"Understood as: {UNDERSTOOD} Correct")
    assert desk.engine.asked == [
        Question(STRIKE),
        Question("How many took part?", history=(Turn(STRIKE, "the Russian and Turkish air forces"),)),
    ]


CORRECT = "Correct how the question was understood"


def test_how_a_question_was_understood_can_be_corrected(reader: Reader, desk: Desk) -> None:
    """By keyboard, by a control with a name; exactly that sentence is asked, and the conversation goes on from it."""
    page = reader.open()
    ask(page, STRIKE)
    ask(page, "How many took part?")
    expect(page.locator(".nd-answer")).to_have_count(2)
    box(page).fill("a question half writ")
    page.get_by_role("button", name=CORRECT).focus()
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value(UNDERSTOOD)
    expect(box(page)).to_have_accessible_description("Asked exactly as it stands here")
    corrected = "Which planes took part in the strike on al-Bab?"
    ask(page, corrected)
    expect(page.locator(".nd-answer")).to_have_count(3)
    expect(page.locator(".nd-question").last).to_have_text(corrected)
    expect(box(page)).to_have_value("a question half writ")
    page.get_by_role("button", name="Yes, it was right").last.click()
    expect(page.locator(".nd-asked").last).to_have_text("Noted as right")
    ask(page, "Who else?")
    expect(page.locator(".nd-answer")).to_have_count(4)
    *_, third, last = desk.engine.asked
    assert third == Question(corrected)
    assert last.history[-1].question == corrected
    assert len(last.history) == 3
    ((judged,),) = desk.engine.kept.values()
    assert judged.history == ()


def test_a_correction_can_be_given_up(reader: Reader, desk: Desk) -> None:
    """Escape, or emptying the box, brings back what was being written, and what is asked then belongs to the conversation."""
    page = reader.open()
    ask(page, STRIKE)
    ask(page, "How many took part?")
    expect(page.locator(".nd-answer")).to_have_count(2)
    box(page).fill("Who")
    page.get_by_role("button", name=CORRECT).click()
    page.keyboard.press("Escape")
    expect(box(page)).to_have_value("Who")
    page.get_by_role("button", name=CORRECT).click()
    box(page).fill("")
    ask(page, "Who else?")
    expect(page.locator(".nd-answer")).to_have_count(3)
    assert len(desk.engine.asked[-1].history) == 2


@pytest.mark.parametrize(
    ("name", "asked"),
    [("17 January 2017", "Who flew, says the Courier?"), ("Harbour Courier", "Who flew on Tuesday?")],
)
def test_days_and_outlets_that_were_understood_can_be_left_out(
    reader: Reader, desk: Desk, name: str, asked: str
) -> None:
    """Each is shown with a control that asks again without it, of the whole archive's other days or outlets."""
    page = reader.open()
    ask(page, STRIKE)
    ask(page, "Who flew on Tuesday, says the Courier?")
    expect(page.get_by_role("list", name="Looked at alone").locator("li")).to_have_count(2)
    page.get_by_role("button", name=f"Ask again without {name}").press("Enter")
    expect(page.locator(".nd-answer")).to_have_count(3)
    expect(page.locator(".nd-question").last).to_have_text(asked)
    assert desk.engine.asked[-1] == Question(asked)


def test_an_empty_question_does_nothing(reader: Reader, desk: Desk) -> None:
    """White space is not asked."""
    page = reader.open()
    ask(page, " \n ")
    ask(page, STRIKE)
    expect(page.locator(".nd-answer")).to_have_count(1)
    expect(page.locator(".nd-question")).to_have_text([STRIKE])
    assert [question.text for question in desk.engine.asked] == [STRIKE]


def test_a_question_sent_while_another_is_answered_comes_next(reader: Reader, desk: Desk) -> None:
    """It is not lost: it waits in the box, which says so, and is asked with the first answer as its history."""
    answer_now = threading.Event()
    desk.engine.before = answer_now.wait
    page = reader.open()
    ask(page, STRIKE)
    expect(page.locator(".nd-pending")).to_be_visible()
    ask(page, "How many took part?")
    expect(box(page)).not_to_be_editable()
    expect(box(page)).to_have_value("How many took part?")
    expect(page.locator(".nd-question")).to_have_text([STRIKE])
    answer_now.set()
    expect(page.locator(".nd-answer")).to_have_count(2)
    expect(page.locator(".nd-question")).to_have_text([STRIKE, "How many took part?"])
    expect(box(page)).to_be_editable()
    expect(box(page)).to_have_value("")
    assert desk.engine.asked == [
        Question(STRIKE),
        Question("How many took part?", history=(Turn(STRIKE, "the Russian and Turkish air forces"),)),
    ]


def test_questions_sent_as_fast_as_can_be_are_all_asked(reader: Reader, desk: Desk) -> None:
    """Whenever the box takes a question, it is asked, also in the moment in which an answer arrives."""
    page = reader.open()
    questions = [STRIKE, *(f"Who is on moon {number}?" for number in range(8))]
    for question in questions:
        ask(page, question)
    expect(page.locator(".nd-answer")).to_have_count(len(questions))
    assert [question.text for question in desk.engine.asked] == questions
    assert len(desk.engine.asked[-1].history) == len(questions) - 1


def test_an_example_is_a_question_like_any_other(reader: Reader, desk: Desk) -> None:
    """A question that is sent while a chosen example is being answered comes after it."""
    answer_now = threading.Event()
    desk.engine.before = answer_now.wait
    page = reader.open()
    page.get_by_role("button", name=STRIKE).click()
    expect(page.locator(".nd-pending")).to_be_visible()
    ask(page, "How many took part?")
    answer_now.set()
    expect(page.locator(".nd-answer")).to_have_count(2)
    assert [len(question.history) for question in desk.engine.asked] == [0, 1]


def test_a_question_sent_twice_is_asked_once(reader: Reader, desk: Desk) -> None:
    """Whoever presses Enter twice and goes on writing does not send what is half written."""
    answer_now = threading.Event()
    desk.engine.before = answer_now.wait
    page = reader.open()
    ask(page, STRIKE)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator(".nd-pending")).to_be_visible()
    page.keyboard.press("Enter")  # with nothing in the box
    box(page).fill("How ma")
    answer_now.set()
    expect(page.locator(".nd-answer")).to_have_count(1)
    box(page).press_sequentially("ny took part?")
    page.keyboard.press("Enter")
    expect(page.locator(".nd-answer")).to_have_count(2)
    assert [question.text for question in desk.engine.asked] == [STRIKE, "How many took part?"]


def test_a_new_conversation_forgets_the_question_that_waits(reader: Reader, desk: Desk) -> None:
    """It belonged to the conversation that was ended."""
    answer_now = threading.Event()
    desk.engine.before = answer_now.wait
    page = reader.open()
    ask(page, STRIKE)
    expect(page.locator(".nd-pending")).to_be_visible()
    ask(page, "How many took part?")
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("button", name=STRIKE)).to_be_visible()
    answer_now.set()
    ask(page, "Who is on the moon?")
    expect(page.locator(".nd-question")).to_have_text(["Who is on the moon?"])
    expect(page.locator(".nd-answer")).to_have_count(1)
    assert desk.engine.asked == [Question(STRIKE), Question("Who is on the moon?")]


def test_a_question_that_did_not_get_through_can_be_sent_again(reader: Reader, desk: Desk) -> None:
    """When the service was away for a moment, what was written is still there, and can be changed and sent."""
    page = reader.open()
    page.route("**/queue/join*", lambda route: route.fulfill(status=503, body="{}"))
    ask(page, STRIKE)
    expect(box(page)).to_be_editable()
    expect(box(page)).to_have_value(STRIKE)
    page.unroute("**/queue/join*")
    box(page).press("Enter")
    expect(page.locator(".nd-answer")).to_have_count(1)
    reader.complaints.clear()  # the browser logs the refusal


def test_an_over_long_question_is_given_back(reader: Reader, desk: Desk) -> None:
    """It is not asked; the reader is told both lengths and keeps what was typed."""
    page = reader.open()
    ask(page, "x" * (MAX_QUESTION + 345))
    expect(page.get_by_role("alert")).to_have_text(
        "A question can have 2,000 characters; this one has 2,345. Shorten it and ask again."
    )
    expect(box(page)).to_have_value("x" * (MAX_QUESTION + 345))
    assert desk.engine.asked == []


def test_the_longest_question_is_asked(reader: Reader, desk: Desk) -> None:
    """The limit itself is allowed."""
    page = reader.open()
    ask(page, "x" * MAX_QUESTION)
    expect(page.locator(".nd-answer")).to_have_count(1)
    assert [len(question.text) for question in desk.engine.asked] == [MAX_QUESTION]


def test_waiting_is_shown(reader: Reader, desk: Desk) -> None:
    """The question stands there at once, with a sign that it is being looked into."""
    answer_now = threading.Event()
    desk.engine.before = answer_now.wait
    page = reader.open()
    ask(page, STRIKE)
    expect(page.locator(".nd-question")).to_have_text(STRIKE)
    expect(page.locator(".nd-pending")).to_be_visible()
    expect(box(page)).to_have_value("")
    answer_now.set()
    expect(page.locator(".nd-answer")).to_be_visible()
    expect(page.locator(".nd-pending")).to_have_count(0)


def test_readers_are_answered_side_by_side(reader: Reader, desk: Desk) -> None:
    """Nobody waits for somebody else's answer, up to the limit that is set."""
    readers = 3
    desk.engine.before = threading.Barrier(readers, timeout=60).wait  # answers only when all are being answered
    pages = [reader.open() for _ in range(readers)]
    for page in pages:
        ask(page, STRIKE)
    for page in pages:
        expect(page.locator(".nd-answer")).to_have_count(1)


# ----------------------------------------------------------------------------------------------- errors


def test_an_error_is_told_and_the_conversation_goes_on(reader: Reader, desk: Desk) -> None:
    """An error's own message stands where the answer would, and does not count as something that was said."""
    page = reader.open()
    ask(page, "Which model?")
    expect(page.locator("#nd-chat .nd-notice")).to_have_text(
        "The model in ./models is not the one it should be. Run `make setup` again."
    )
    ask(page, STRIKE)
    expect(page.locator(".nd-answer")).to_have_count(1)
    expect(page.locator("#nd-chat .nd-notice")).to_have_count(1)
    assert desk.engine.asked[-1] == Question(STRIKE)


def test_an_unforeseen_error_shows_no_inner_detail(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """The reader gets a sentence, the log gets the traceback."""
    page = reader.open()
    ask(page, "crash")
    expect(page.locator("#nd-chat .nd-notice")).to_contain_text("Something went wrong here")
    expect(page.get_by_text("secret detail")).to_have_count(0)
    assert "secret detail" in caplog.text


# -------------------------------------------------------------------------------------- the conversation


def test_a_conversation_outlives_a_reload(reader: Reader, desk: Desk) -> None:
    """After a reload everything is still there, and a follow-up still has its history."""
    page = reader.open()
    ask(page, STRIKE)
    expect(page.locator(".nd-answer")).to_have_count(1)
    ask(page, "Who is on the moon?")
    expect(page.locator(".nd-answer")).to_have_count(2)
    page.reload()
    expect(page.locator(".nd-answer")).to_have_count(2)
    expect(page.get_by_role("region", name="Nearest articles")).to_be_visible()
    ask(page, "How many took part?")
    expect(page.locator(".nd-answer")).to_have_count(3)
    assert [turn.question for turn in desk.engine.asked[-1].history] == [STRIKE, "Who is on the moon?"]


def test_a_new_conversation_starts_from_nothing(reader: Reader, desk: Desk) -> None:
    """Nothing of the old one is shown, passed on, or there after a reload."""
    page = reader.open()
    ask(page, STRIKE)
    expect(page.locator(".nd-answer")).to_have_count(1)
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_role("button", name=STRIKE)).to_be_visible()
    expect(page.locator(".nd-question")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name=STRIKE)).to_be_visible()
    ask(page, "How many took part?")
    expect(page.locator(".nd-answer")).to_have_count(1)
    assert desk.engine.asked[-1].history == ()


def test_examples_leave_with_what_they_ask_about(reader: Reader, desk: Desk) -> None:
    """Once the sample archive has made way, neither a reload nor a new conversation offers its questions."""
    page = reader.open()
    expect(page.get_by_role("button", name=STRIKE)).to_be_visible()
    desk.engine.examples = ()
    page.reload()
    expect(page.get_by_text("69 articles")).to_be_visible()
    expect(page.get_by_text("Ask the archive.")).to_be_visible()
    expect(page.locator("#nd-chat .example")).to_have_count(0)

    desk.engine.examples = EXAMPLES
    page.reload()
    expect(page.locator("#nd-chat .example")).to_have_count(len(EXAMPLES))
    ask(page, STRIKE)
    expect(page.locator(".nd-answer")).to_have_count(1)
    desk.engine.examples = ()
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_text("Ask the archive.")).to_be_visible()
    expect(page.locator("#nd-chat .example")).to_have_count(0)


def test_readers_do_not_see_each_other(reader: Reader, browser: Browser, desk: Desk) -> None:
    """A conversation belongs to the browser it was held in."""
    ask(page := reader.open(), STRIKE)
    expect(page.locator(".nd-answer")).to_have_count(1)
    other = Reader(browser.new_context(), desk.url)
    expect(other.open().locator(".nd-question")).to_have_count(0)
    other.context.close()


# ---------------------------------------------------------------------------------------------- feedback


def right(page: Page) -> Locator:
    """The thumbs up, one below each answer."""
    return page.get_by_role("button", name="Yes, it was right")


def wrong(page: Page) -> Locator:
    """The thumbs down."""
    return page.get_by_role("button", name="No, it was wrong")


def test_an_answer_is_judged_and_the_choice_is_shown(reader: Reader, desk: Desk) -> None:
    """A thumb is stored with the question, the conversation before it, and what the answer stood on.

    Another thumb replaces it, and after a reload the choice is still shown, and still replaced.
    """
    page = reader.open()
    ask(page, STRIKE)
    expect(right(page)).to_have_attribute("aria-pressed", "false")
    ask(page, "Who is on the moon?")
    expect(right(page)).to_have_count(2)
    right(page).nth(1).click()
    expect(page.locator(".nd-asked")).to_have_text(["Was this right?", "Noted as right"])
    wrong(page).nth(1).click()
    expect(wrong(page).nth(1)).to_have_attribute("aria-pressed", "true")
    expect(right(page).nth(1)).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(page.locator(".nd-asked")).to_have_text(["Was this right?", "Noted as wrong"])
    right(page).nth(1).click()
    expect(right(page).nth(1)).to_have_attribute("aria-pressed", "true")

    [stored] = list(desk.engine.kept.values())
    assert [feedback.verdict for feedback in stored] == ["up", "down", "up"]
    right(page).nth(1).click()  # a second press takes it back
    expect(right(page).nth(1)).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".nd-asked")).to_have_text(["Was this right?", "Was this right?"])
    assert desk.engine.kept == {}
    assert stored[-1] == Feedback(
        "Who is on the moon?", "up", False, CANNOT_ANSWER, 0.9, "extractive",
        evidence=(Found(COURIER.id, (0,)),), history=(Turn(STRIKE, "the Russian and Turkish air forces"),),
    )  # fmt: skip


def test_what_is_judged_is_what_was_cited(reader: Reader, desk: Desk) -> None:
    """The quotes come with their places, so that the archive can check them."""
    page = reader.open()
    ask(page, STRIKE)
    right(page).click()
    expect(right(page)).to_have_attribute("aria-pressed", "true")
    [[feedback]] = desk.engine.kept.values()
    assert feedback.short_answer == "the Russian and Turkish air forces"
    for quoted, quote in zip(feedback.citations, (FLOWN, NINE), strict=True):
        assert quoted.quote == quote
        assert ARTICLES[quoted.article_id].paragraphs[quoted.paragraph][quoted.start : quoted.end] == quote


def test_a_thumb_can_be_given_with_the_keyboard(reader: Reader) -> None:
    """The button is reached and pressed without a mouse, keeps the focus, and says that it is pressed."""
    page = reader.open()
    ask(page, STRIKE)
    wrong(page).focus()
    page.keyboard.press("Enter")
    expect(wrong(page)).to_have_attribute("aria-pressed", "true")
    expect(wrong(page)).to_be_focused()


def test_a_verdict_that_cannot_be_stored_is_told(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """The reason stands below the answer, nothing is shown as taken, and an unforeseen one shows no inner detail."""
    page = reader.open()
    ask(page, "What did it cost?")
    right(page).click()
    expect(page.get_by_role("alert")).to_contain_text("not in the archive (any more)")
    expect(right(page)).to_have_attribute("aria-pressed", "false")
    ask(page, "Who will crash?")
    expect(right(page)).to_have_count(2)
    right(page).nth(1).click()
    expect(page.get_by_role("alert")).to_contain_text("your verdict was not stored")
    expect(page.get_by_text("secret detail")).to_have_count(0)
    assert "secret detail" in caplog.text


def test_only_answers_are_judged(reader: Reader, desk: Desk) -> None:
    """There are no thumbs below an error, and none works while an answer is being looked for."""
    page = reader.open()
    ask(page, "Which model?")
    expect(page.locator("#nd-chat .nd-notice")).to_be_visible()
    expect(right(page)).to_have_count(0)
    ask(page, STRIKE)
    expect(right(page)).to_have_count(1)
    answer_now = threading.Event()
    desk.engine.before = answer_now.wait
    ask(page, "Who is on the moon?")
    expect(page.locator(".nd-pending")).to_be_visible()
    right(page).click()
    answer_now.set()
    expect(right(page)).to_have_count(2)
    right(page).nth(1).click()
    expect(page.locator(".nd-asked")).to_have_text(["Was this right?", "Noted as right"])
    assert [feedback.question for [feedback] in desk.engine.kept.values()] == ["Who is on the moon?"]


def test_thumbs_fit_a_phone(browser: Browser, desk: Desk) -> None:
    """Nothing has to be scrolled sideways for them, and a finger can hit them."""
    reader = Reader(browser.new_context(viewport={"width": 360, "height": 740}), desk.url)
    reader.listen()
    page = reader.open()
    ask(page, STRIKE)
    right(page).scroll_into_view_if_needed()
    for thumb in (right(page), wrong(page)):
        box = thumb.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert min(box["width"], box["height"]) >= 24, "what WCAG 2.2 asks of a target"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    reader.context.close()
    assert reader.complaints == []


# ---------------------------------------------------------------------------------------- what surrounds it


def test_nothing_leaves_the_machine(reader: Reader) -> None:
    """From the first page to an opened source, the browser asks 127.0.0.1 and nobody else."""
    page = reader.open()
    expect(page).to_have_title("Newsdesk")
    ask(page, STRIKE)
    page.get_by_role("link", name="Source 1").click()
    expect(page.frame_locator('iframe[name="source"]').locator("mark")).to_be_visible()
    assert reader.hosts == {"127.0.0.1"}


def test_gradio_offers_no_second_way_in(desk: Desk) -> None:
    """The service's API is the API: Gradio lists no endpoint of the chat and takes no uploads."""
    with httpx.Client(base_url=desk.url, timeout=60) as client:
        assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
        assert client.post("/gradio_api/upload", files={"files": b"some file"}).status_code == 413
        assert client.get("/favicon.ico").headers["content-type"].startswith("image/svg+xml")
