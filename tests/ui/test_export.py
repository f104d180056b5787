"""What a conversation becomes when it is taken along: Markdown, a page, JSON, BibTeX, CSV, and a copied answer."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.types import Answer, Citation, Copy, Coverage
from ui.conversation import MAX_KEPT, Exchange, Kept, dump, load
from ui.export import FORMS, copied, export

FERRY = Citation(
    1, "post/ferry", 3, "The ferry cost 40_000 kroner & sank.", 0, 35, "Ferry [sinks]", "Island Post",
    ("Åsa Nyström", "Jo Reck"), date(2021, 3, 2), "https://post.example/ferry", "",
    also_in=(Copy("echo/ferry", "Echo", ""),),
)  # fmt: skip
QUAY = Citation(2, "quay", 0, "The quay held.", 0, 14, "=HYPERLINK(1)", "", (), None, "", "")
COVERAGE = Coverage(12, 2, date(2020, 1, 1), date(2021, 3, 2), 5, 0.0, cited=2)
ANSWER = Answer(
    "What sank?",
    "What sank?",
    True,
    f"{FERRY.quote} [1] {QUAY.quote} [2]",
    0.9,
    citations=(FERRY, QUAY),
    coverage=COVERAGE,
)
KEPT = Kept(
    "one",
    (Exchange("What sank?", ANSWER, key="a"), Exchange("Who?", notice="Stopped before there was an answer.", key="b")),
    site="https://desk.example/news/",
)
HERE = "https://desk.example/news/article/quay?mark=0-0-14#p0"


def written(form: str, kept: Kept = KEPT) -> str:
    """The text of an export."""
    return export(kept, form)[2]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_outlet_byline_day_and_address(form: str) -> None:
    """Of every citation; one without an address of its publisher's leads to its paragraph here."""
    name, _, text = export(KEPT, form)
    assert name == f"newsdesk-what-sank.{form}"
    plain = text.replace("\\", "").replace("&amp;", "&")
    for told in ("Island Post", "Åsa Nyström", "Jo Reck", "2021", "https://post.example/ferry", HERE):
        assert told in plain


def test_markdown_is_read_as_it_was_written() -> None:
    """No sign of a newspaper's becomes emphasis, a link or a heading."""
    text = written("md")
    assert r"“Ferry \[sinks\]”" in text
    assert r"40\_000" in text
    assert "*Stopped before there was an answer.*" in text
    assert "Searched 12 articles of 2 outlets" in text


def test_json_is_the_whole_conversation() -> None:
    """With each quote's place, so that a program finds it again."""
    told = json.loads(written("json"))
    first, second = told["exchanges"]
    assert first["answer"]["citations"][0]["byline"] == "Åsa Nyström and Jo Reck"
    assert [first["answer"]["citations"][0][name] for name in ("paragraph", "start", "end")] == [3, 0, 35]
    assert second["answer"] is None


def test_bibtex_cites_each_article_once() -> None:
    """Under keys of their own, with what TeX would take for a command escaped."""
    again = replace(ANSWER, citations=(FERRY, replace(FERRY, article_id="post/other"), FERRY))
    text = written("bib", replace(KEPT, exchanges=(Exchange("What?", again), Exchange("What?", ANSWER))))
    assert [line for line in text.splitlines() if line.startswith("@")] == [
        "@article{islandpost2021ferry,", "@article{islandpost2021ferry-2,", "@article{newsdeskundatedhyperlink,",
    ]  # fmt: skip
    assert "author = {{Åsa Nyström} and {Jo Reck}}," in text
    assert r"40\_000 kroner \& sank" in text


def test_csv_runs_no_formula() -> None:
    """A cell that a spreadsheet would calculate is text; the columns are those of the first line."""
    rows = list(csv.DictReader(io.StringIO(written("csv").removeprefix("\ufeff"))))
    assert [row["headline"] for row in rows] == ["Ferry [sinks]", "'=HYPERLINK(1)"]
    assert rows[0]["also_in"] == "Echo"
    assert rows[0]["paragraph"] == "4"


@given(st.text(), st.text())
def test_an_exported_page_holds_no_markup_of_others(question: str, quote: str) -> None:
    """What was asked, quoted or is an address stays text, and no script is in it."""
    hostile = replace(ANSWER, citations=(replace(FERRY, quote=quote, title=question, url="javascript:alert(1)"),))
    tags: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            assert not any(name.startswith("on") or "javascript:" in (value or "") for name, value in attrs)

    Tags().feed(written("html", Kept("x", (Exchange(f"{question}<script>alert(1)</script>", hostile),))))
    assert "script" not in tags


def test_a_copied_answer_brings_its_citations() -> None:
    """As plain text, each under its number."""
    assert copied(ANSWER, KEPT.site).splitlines() == [
        "The ferry cost 40_000 kroner & sank. [1] The quay held. [2]",
        "",
        "[1] “Ferry [sinks]”, Island Post, by Åsa Nyström and Jo Reck, 2 March 2021. https://post.example/ferry",
        f"[2] “=HYPERLINK(1)”, undated. {HERE}",
    ]


def test_what_a_browser_kept_comes_back() -> None:
    """To the letter; what cannot be read is left out, and of too much the oldest."""
    assert load(dump(KEPT)) == KEPT
    spoilt = {**dump(KEPT), "exchanges": [{"question": 3}, *dump(KEPT)["exchanges"], "x"]}
    assert load(spoilt) == KEPT
    unreadable: list[object] = [None, [], "x", {"id": 7, "exchanges": "x"}]
    for nonsense in unreadable:
        assert load(nonsense).exchanges == ()
    many = replace(KEPT, exchanges=tuple(Exchange(str(number)) for number in range(MAX_KEPT + 5)))
    assert load(dump(many)).exchanges[0].question == "5"
