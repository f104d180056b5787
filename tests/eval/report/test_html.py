"""The page of a report: what it says, that data never becomes markup, and how it behaves in a browser."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from eval.measure.measures import MEASURES
from eval.report.html import html_report, http_url
from eval.report.wording import clean
from tests.eval.reports import citation, figure, full_of, question, refused, report
from tests.ui.conftest import browser, chromium, playwright  # noqa: F401  # the fixtures
from tests.ui.test_render import Page

WRONG = {"right": False, "text": "Eight jets flew. [1]"}


def ids(page: Page) -> list[str]:
    """The questions in the order of the page."""
    return re.findall(r"\((\w+)\)\?", page.text_of("h3"))


def card_of(page: Page, number: int) -> dict[str, str]:
    """Attributes of a question's card; questions are counted as they were asked."""
    return next(attributes for tag, attributes in page.tags if attributes.get("id") == f"q{number}")


def test_the_worst_stand_first() -> None:
    """What must never happen before what went wrong, the surest first of each kind; what went right last."""
    made = report(
        question("right", confidence=0.99),
        refused("unknown", None),
        refused("missed", True, 0.4),
        refused("missedSure", True, 0.1),
        question("overreach", answerable=False, right=False),
        question("wrong", confidence=0.2, **WRONG),
        question("wrongSure", confidence=0.8, **WRONG),
        question("error", error="no reply in 60 s", answered=False, right=None, text="", citations=[]),
        question("altered", citations=[citation(verbatim=False)]),
        refused("rightlyRefused", False, 0.3),
    )
    page = Page(html_report(made))
    assert ids(page) == [
        "altered", "error", "wrongSure", "wrong", "overreach", "missedSure", "missed", "unknown", "right", "rightlyRefused",
    ]  # fmt: skip
    assert card_of(page, 9)["data-what"] == "quote right"


def test_retrieval_alone_is_judged_by_what_was_found() -> None:
    """No answer was asked for, so none is wrong: the questions whose article was not found stand first."""
    nothing: dict[str, Any] = {"answered": False, "right": None, "text": "", "citations": []}
    made = report(
        question("found", **nothing),
        question("lost", **nothing | {"measures": {"hit@10": 0.0}}),
        question("nogold", **nothing | {"measures": {}}),
    )
    made["subject"]["mode"] = "retrieval"
    page = Page(html_report(made))
    assert ids(page) == ["lost", "nogold", "found"]
    assert "gold article not found" in page.text


def test_figures_stand_with_interval_and_number() -> None:
    """Large ones in words, all of them in the table, a column for each group; what does not apply is a dash."""
    page = Page(html_report(report(question("one", splits=["june"]), question("two"))))
    large = page.text_of("dd")
    assert "90%80.0–100.0 · n 10hit@10" in large
    assert "25%0.0–50.0 · n 4refused of unanswerable" in large
    assert "62.5%37.5–75.0 · n 8coverage at 80" in large
    assert "Could be answered with 80\u00a0% right" in page.text_of("dt")
    assert "quotes verbatim" not in large
    header = "".join(text for path, text in page.texts if "thead" in path)
    assert re.findall(r"all2 asked|splitjune1 asked", header) == ["all2 asked", "splitjune1 asked"]
    cells = " ".join(page.text_of("td").split())
    assert "n 10 73.160.0–80.0" in cells
    assert "n 10 4840–55" in cells
    assert "n 10 0.0810.050–0.100" in cells
    assert "n 9 0.7120.550–0.850" in cells
    assert "–" in cells
    formula = {measure.name: measure.formula for measure in MEASURES}["hit@10"]
    assert formula in page.text


def test_a_handful_of_questions_is_not_shown_large() -> None:
    """A figure of three questions in forty stands in the table, not at the top."""
    made = report(*(question(f"q{number}") for number in range(40)))
    made["figures"]["all"] |= {"dated right": figure(0.0, 3), "right of answered": figure(0.5, 4)}
    page = Page(html_report(made))
    assert "dated right" not in page.text_of("dd")
    assert "50%" in page.text_of("dd")
    assert "dated right" in page.text_of("th")


def test_who_judged_is_said() -> None:
    """Judged figures are never mistaken for measured ones."""
    made = report(question("one"))
    made["figures"]["all"]["faithful (judged)"] = figure(0.5)
    made["subject"]["judge"] = "llama3:8b"
    assert "As judged by llama3:8b" in Page(html_report(made)).text


def test_a_question_shows_all_that_is_needed_to_judge_it() -> None:
    """What was asked, said, cited, found and right; gold answers are marked where they stand."""
    asked = question(
        "one", history=[["Did jets fly?", "Yes."]], as_of="2017-01-20", confidence=0.61, short_answer="nine",
        gold={"answers": ["nine"], "articles": ["gazette/1", "post/9"], "paragraphs": ["On Monday nine jets, ninety men."]},
        notes=[["as_of", "Only what was known on 20 January."]],
        citations=[citation("Nine [2] jets flew.", verbatim=False, gold=False)],
    )  # fmt: skip
    page = Page(html_report(report(asked)))
    for said in ("Did jets fly?", "Asked as of 2017-01-20", "61 % sure", "Only what was known", "not verbatim",
                 "not a gold paragraph", "Jets over the bay", "post/9", "gazette/1 · paragraph 1"):  # fmt: skip
        assert said in page.text, said
    assert [text for path, text in page.texts if path[-1:] == ("mark",)] == ["Nine", "Nine", "nine"]
    markers = [text for path, text in page.texts if path[-1:] == ("span",) and re.fullmatch(r"\[\d\]", text)]
    assert markers == ["[1]", "[1]"], "a bracket that a publisher printed is no marker"
    assert {link["href"] for link in page.links()} == {"#questions", "https://gazette.example/1"}


def test_warnings_and_cost_are_told() -> None:
    """Warnings once, in a box; memory, size, rates and where the index came from."""
    made = report(question("one"))
    made["data"]["warnings"] = ["evidence of q7 names post/9"]
    text = Page(html_report(made)).text
    assert text.count("evidence of q7 names post/9") == 1
    for said in ("812 MB", "2.0 MB", "28.9 a second", "reused", "12 ms"):
        assert said in text


def test_a_report_of_nothing_is_still_a_page() -> None:
    """Nothing known of cost, curves, figures, questions: no heading without something below it, no error."""
    bare = report(figures={"all": {}}, curves={}, cost={"latency_ms": {}, "index_bytes": {}})
    page = Page(html_report(bare))
    assert page.names.count("h2") == 1
    assert "svg" not in page.names


def test_the_same_report_gives_the_same_page() -> None:
    """Nothing in it depends on the day or the run."""
    made = report(question("one"), question("two", **WRONG))
    assert html_report(made) == html_report(deepcopy(made))


def test_a_link_is_http() -> None:
    """No address from an article can run anything."""
    assert http_url("HTTPS://a.example/x") == "HTTPS://a.example/x"
    for url in ("javascript:alert(1)", " https://a.example", "https://a.example/\nx", "//a.example", "", None):
        assert http_url(url) == ""


def elements(page: Page) -> Counter[str]:
    """How many of each; without spans, as a "[1]" in an answer gets one."""
    return Counter(name for name in page.names if name != "span")


PLAIN = elements(Page(html_report(full_of("x"))))


@settings(max_examples=40)
@given(st.text(min_size=1))
@example("<script>alert(1)</script>")
@example("</script><img src=x onerror=alert(1)>")
@example("'\"><svg/onload=alert(1)>")
@example("{{ 7 * 7 }}{% raw %}&lt;--></style>")
@example("\ud800 [1] \x00\r\n\u202e")
def test_no_data_becomes_markup(text: str) -> None:
    """Whatever stands in whatever field is on the page letter by letter, and no element comes from it."""
    html = html_report(full_of(text))
    html.encode()
    page = Page(html)
    assert elements(page) == PLAIN
    whole = "".join(data for _, data in page.texts)
    for name in ("id", "question", "type", "name", "as_of", "earlier", "reply", "text", "short", "gold", "article", "paragraph",
                 "quote", "cited", "title", "source", "published", "found", "headline", "outlet", "day", "kind", "note",
                 "error", "folder", "model", "judge", "service", "warning"):  # fmt: skip
        assert f"{name}:{clean(text)}" in whole, name
    assert [link["href"] for link in page.links()] == ["#questions"] * 2


# ------------------------------------------------------------------------------------------- in a browser


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    """A page with questions of all kinds, long words, many groups and a text that tries to break out."""
    made = report(
        question("one", type="who", splits=["june"]),
        question("two", type="what", splits=["july"], question="Où est-ce ?", **WRONG),
        question("three", type="what", splits=["june"], answerable=False, right=False, text="</script><b>" + "x" * 400),
        refused("four", True),
        *(question(f"more{number}", type="when") for number in range(30)),
    )
    made["figures"] |= {f"type a-rather-long-name-{number}": made["figures"]["all"] for number in range(12)}
    made["name"] = "realtimeqa_2022_jun_sep_" + "y" * 80
    file = tmp_path / "report.html"
    file.write_text(html_report(made), encoding="utf-8")
    return file


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_from_a_file_and_asks_for_nothing(page_file: Path, browser: Browser, scheme: Any) -> None:  # noqa: F811
    """No request but the file itself, nothing on the console, and no scrolling sideways at phone width."""
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page_file.as_uri())
    page.evaluate("for (const box of document.querySelectorAll('details')) box.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("document.querySelector('.scroll').scrollWidth") > 360
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [page_file.as_uri()]
    page.close()


def test_the_filter_shows_what_was_asked_for(page_file: Path, browser: Browser) -> None:  # noqa: F811
    """By words (without regard to accents and case), by what happened, by type and by split; it says how many fit."""
    page = browser.new_page()
    page.goto(page_file.as_uri())

    def shown() -> str:
        fitting = page.locator(".card:visible").count()
        count = page.locator("#count").inner_text()
        assert count.startswith(f"{fitting} of 34 ")
        return count.partition(" ")[0]

    assert shown() == "34"
    page.select_option("[name=what]", "wrong")
    assert shown() == "1"
    page.select_option("[name=what]", "")
    page.select_option("[name=type]", label="what (2)")
    assert shown() == "2"
    page.select_option("[name=split]", label="june (2)")
    assert shown() == "1"
    page.select_option("[name=split]", "")
    page.fill("[name=text]", "OU EST")
    assert shown() == "1"
    page.fill("[name=text]", "nowhere to be found")
    assert shown() == "0"
    assert page.locator("#none").is_visible()
    page.locator("[data-pick=overreach]").click()
    assert shown() == "1"
    page.goto(page_file.as_uri() + "#" + quote("q4"))
    assert page.locator("#q4 .said").is_visible(), "a link to a question opens it"
    page.close()
