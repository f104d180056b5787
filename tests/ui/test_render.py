"""What people see of answers and articles."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsdesk.catalogue.history.versions import Revision, Version
from newsdesk.types import (
    CANNOT_ANSWER,
    Answer,
    Article,
    Change,
    Citation,
    Copy,
    Correction,
    Evidence,
    Narrowing,
    Note,
    Removed,
    Span,
    When,
)
from newsdesk.wording.links import http_url
from tests.support import day
from ui.render import (
    answer_html,
    article_html,
    counts_line,
    listed,
    notice_html,
    pending_html,
    permalink,
    question_html,
    status_html,
)

VOID = {"meta", "br", "img", "input", "link", "hr"}


class Page(HTMLParser):
    """A rendered piece of HTML, taken apart: its tags, its attributes, and the text of each element by path."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self._open), data))

    @property
    def names(self) -> list[str]:
        return [tag for tag, _ in self.tags]

    @property
    def text(self) -> str:
        return "".join(text for path, text in self.texts if "style" not in path and "title" not in path)

    def text_of(self, tag: str) -> str:
        return "".join(text for path, text in self.texts if tag in path)

    def links(self) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag == "a"]


AL_BAB = Citation(
    marker=1, article_id="skarholm/2017-01-19/raid", paragraph=2, quote="Seventeen planes took part.", start=4, end=31,
    title="One target, two air forces", source="Skarholm Post", authors=("Åsa Nyström", "Jo Reck"),
    published=date(2017, 1, 19), url="https://skarholm.example/raid", permalink="",
    also_in=(Copy("harbour/raid", "Harbour Courier", "https://harbour.example/raid"),),
)  # fmt: skip
NEAR = Evidence(
    article_id="ledger/1", passage_id="ledger/1#a", spans=(Span(3, 0, 9),), text="some text", score=0.4,
    title="Frost on the way", source="Northern Ledger", authors=(), published=date(2017, 2, 3),
    url="https://ledger.example/1",
)  # fmt: skip
ANSWER = Answer(
    "How many planes?", "How many planes?", True, "Seventeen planes took part. [1] Nobody else did. [2]", 0.9,
    short_answer="Seventeen", citations=(AL_BAB,), evidence=(NEAR,), notes=(Note("age", "These reports are old."),),
)  # fmt: skip
REFUSAL = Answer("Who?", "Who?", False, CANNOT_ANSWER, 0.9, evidence=(NEAR, NEAR))

# Text as hostile as it comes: what breaks out of elements, attributes, addresses, Markdown and templates.
HOSTILE = st.one_of(
    st.sampled_from(
        [
            "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "</p></article>",
            "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
            "data:text/html,<script>alert(1)</script>", "https://x.example/\"onclick='alert(1)'", "https://",
            "http://a b", "[x](javascript:alert(1))", "$$x$$ *bold* `code`", "{{ 7*7 }}", "{% raw %}", "${alert(1)}",
            "&lt;b&gt;", "<!--", "]]>", "[1]", "[1][2]", "../..", "a/../b", "?x#y",
            "//evil.example", "\\\\evil", "%2e%2e",
        ]
    ),
    st.text(max_size=40),
)  # fmt: skip
DAYS = st.none() | st.dates()
CITATIONS = st.builds(
    Citation, marker=st.integers(1, 3), article_id=HOSTILE, paragraph=st.integers(0, 30), quote=HOSTILE,
    start=st.integers(0, 9), end=st.integers(10, 99), title=HOSTILE, source=HOSTILE,
    authors=st.lists(HOSTILE, max_size=3).map(tuple), published=DAYS, url=HOSTILE, permalink=HOSTILE,
    also_in=st.lists(st.builds(Copy, HOSTILE, HOSTILE, HOSTILE), max_size=2).map(tuple),
)  # fmt: skip
EVIDENCE = st.builds(
    Evidence, article_id=HOSTILE, passage_id=HOSTILE, spans=st.just((Span(0, 0, 1),)), text=HOSTILE, score=st.just(0.5),
    title=HOSTILE, source=HOSTILE, authors=st.lists(HOSTILE, max_size=3).map(tuple), published=DAYS, url=HOSTILE,
)  # fmt: skip
ANSWERS = st.builds(
    Answer, question=HOSTILE, standalone_question=HOSTILE, answerable=st.booleans(),
    text=st.lists(HOSTILE, max_size=4).map(" [1] ".join), confidence=st.floats(0, 1),
    short_answer=st.none() | HOSTILE, citations=st.lists(CITATIONS, max_size=3).map(tuple),
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
    notes=st.lists(st.builds(Note, HOSTILE, HOSTILE), max_size=2).map(tuple),
    when=st.none() | st.builds(When, st.dates(), st.dates(), HOSTILE),
    narrowed=st.lists(st.builds(Narrowing, st.sampled_from(["days", "outlets", "authors"]), HOSTILE, HOSTILE), max_size=2).map(tuple),
)  # fmt: skip
ARTICLES = st.builds(
    Article, id=HOSTILE, title=HOSTILE, paragraphs=st.lists(HOSTILE, max_size=4).map(tuple), source=HOSTILE,
    authors=st.lists(HOSTILE, max_size=3).map(tuple), published=DAYS, url=HOSTILE, agency=HOSTILE, section=HOSTILE,
    language=HOSTILE, sample=st.booleans(),
)  # fmt: skip

IN_ANSWERS = {"article", "p", "a", "strong", "ul", "li", "section", "h3", "span", "blockquote", "button"}
IN_ARTICLES = {"html", "head", "meta", "title", "style", "body", "main", "header", "h1", "p", "a", "article", "mark"}
KNOWN_ATTRIBUTES = {
    "class", "dir", "href", "target", "rel", "title", "aria-label", "aria-hidden", "id", "lang",
    "charset", "name", "content", "http-equiv", "type", "data-question", "data-marker", "data-origin", "data-shown",
}  # fmt: skip


def assert_harmless(page: Page, elements: set[str]) -> None:
    """Only elements and attributes of the templates, and links that lead to articles or to http(s)."""
    assert set(page.names) <= elements
    for _, attributes in page.tags:
        assert set(attributes) <= KNOWN_ATTRIBUTES
    for link in page.links():
        address = urlsplit(link["href"])
        if address.scheme:
            assert address.scheme in ("http", "https")
            assert link["rel"].split() == ["noopener", "noreferrer", "nofollow"]
        else:
            assert link["href"].startswith(("article/", "#p"))


# --------------------------------------------------------------------------------------------- escaping


@given(ANSWERS)
@example(replace(ANSWER, short_answer="<b>", text="is <b> it [1]"))
def test_no_text_in_an_answer_becomes_markup(answer: Answer) -> None:
    """Whatever stands in any field of an answer, it yields no tag, no attribute and no script link."""
    assert_harmless(Page(answer_html(answer)), IN_ANSWERS)


@given(ARTICLES)
def test_no_text_in_an_article_becomes_markup(article: Article) -> None:
    """Whatever stands in any field of an article, it yields no tag, no attribute and no script link."""
    assert_harmless(Page(article_html(article)), IN_ARTICLES)


@given(HOSTILE)
@pytest.mark.parametrize(("render", "element"), [(question_html, "h2"), (notice_html, "p")])
def test_what_was_typed_is_shown_as_typed(render: Callable[[str], str], element: str, text: str) -> None:
    """A question or a notice is one element that holds exactly its text."""
    page = Page(render(text))
    assert page.names == [element]
    assert page.text == text


# ---------------------------------------------------------------------------------------------- answers


def test_a_marker_links_to_the_quotation_it_stands_for() -> None:
    """[1] opens the cited paragraph with the quotation marked, in the frame beside the chat."""
    marker = next(link for link in Page(answer_html(ANSWER)).links() if link["class"] == "nd-marker")
    assert marker["href"] == "article/skarholm/2017-01-19/raid?mark=2-4-31#p2"
    assert marker["target"] == "source"
    assert marker["aria-label"] == "Source 1: One target, two air forces"


def test_a_bracket_that_the_publisher_printed_stays_text() -> None:
    """A "[2]" inside a quotation is the article's own; only the answer's markers become links."""
    quote = "The bridge cost 16 million [2] euros [1], the town said."
    one = replace(AL_BAB, marker=1, quote=quote)
    two = replace(AL_BAB, marker=2, quote="It opened in May.")
    html = answer_html(Answer("q", "q", True, f"{quote} [1] It opened in May. [2]", 0.9, citations=(one, two)))
    assert html.count('class="nd-marker"') == 2
    assert "16 million [2] euros [1], the town said." in html


def test_a_marker_without_a_citation_stays_text() -> None:
    """A number that nothing stands behind is no link."""
    html = answer_html(ANSWER)
    assert "Nobody else did. [2]" in html


@given(ANSWERS)
def test_the_text_of_an_answer_is_complete(answer: Answer) -> None:
    """Markers and the short answer are set off, and no character of the answer is lost or added."""
    page = Page(answer_html(answer))
    shown = page.text
    for paragraph in filter(None, (part.strip() for part in answer.text.split("\n\n"))):
        assert paragraph in shown


@given(st.lists(CITATIONS, max_size=3).map(tuple))
def test_every_citation_is_shown(citations: tuple[Citation, ...]) -> None:
    """Each citation stands under Sources with its quotation and a link to it."""
    page = Page(answer_html(replace(ANSWER, citations=citations)))
    quotes = page.text_of("blockquote")
    headlines = [link["href"] for link in page.links() if link.get("class") == "nd-headline"]
    assert headlines == [permalink(citation) for citation in citations]
    assert quotes == "".join(citation.quote for citation in citations)


def test_a_quotation_that_is_cut_shows_that_it_is_cut() -> None:
    """In the answer and under its sources, at the end where the sentence was cut; the marker still leads to the quote."""
    quote = "Seventeen planes took part"
    cut = replace(AL_BAB, quote=quote, end=30, cut_after=True)
    page = Page(answer_html(replace(ANSWER, text=f"{cut.shown} [1]", citations=(cut,))))
    assert page.text_of("blockquote") == "Seventeen planes took part …"
    assert f"{quote} …" in page.text
    assert [link["href"] for link in page.links() if link.get("class") == "nd-headline"] == [permalink(cut)]


def test_a_source_names_where_it_comes_from() -> None:
    """Headline, outlet, byline, date, the original and the copies elsewhere."""
    page = Page(answer_html(ANSWER))
    assert "Skarholm Post · By Åsa Nyström and Jo Reck · 19 January 2017 · Original" in page.text
    assert "Also in:\nHarbour Courier (original)" in page.text
    addresses = [link["href"] for link in page.links()]
    assert {"article/harbour/raid", "https://harbour.example/raid"} <= {*addresses}
    assert "https://skarholm.example/raid#:~:text=Seventeen%20planes%20took%20part." in addresses


def test_notes_and_confidence_are_shown_with_the_answer() -> None:
    """The reader sees how sure the answer is and what to know about it."""
    text = Page(answer_html(ANSWER)).text
    assert "High confidence (of 100 answers as sure as this, about 90 are expected to be right)\n" in text
    assert "These reports are old." in text


@pytest.mark.parametrize(
    ("confidence", "answerable", "words"),
    [
        (0.9, True, "High confidence"),
        (0.7, True, "Fair confidence"),
        (0.3, True, "Low confidence: read the source before relying on it"),
        (0.1, False, "High confidence that the archive does not say"),
        (0.7, False, "Low confidence that the archive does not say"),
    ],
)
def test_confidence_is_said_in_words(confidence: float, answerable: bool, words: str) -> None:
    """A reader need not know what 0.7 means."""
    assert words in Page(answer_html(replace(ANSWER, confidence=confidence, answerable=answerable))).text


@pytest.mark.parametrize("answerable", [True, False])
def test_a_list_is_not_called_sure(answerable: bool) -> None:
    """Of a list, given or refused, `confidence` is no probability, and nothing is said of it."""
    notes = (Note("listed", "Looked through what was published: all days."),)
    listed = replace(ANSWER, confidence=1.0, answerable=answerable, notes=notes)
    text = Page(answer_html(listed)).text
    assert "confidence" not in text
    assert "Looked through what was published: all days." in text


def test_the_short_answer_is_set_off_once() -> None:
    """The eye finds the answer; only its first occurrence is set off."""
    page = Page(answer_html(replace(ANSWER, text="Seventeen. [1] Seventeen again. [1]")))
    assert page.text_of("strong") == "Seventeen"


def test_a_weekday_is_shown_with_its_date() -> None:
    """ "Saturday" alone helps nobody years later; a date that is written out is not repeated."""
    crowned = day("2023-05-06")
    said = replace(ANSWER, short_answer="Saturday", when=When(crowned, crowned, "weekday before publication"))
    assert "Saturday = 6 May 2023, from the article's date" in Page(answer_html(said)).text
    week = replace(
        said, short_answer="last week", when=When(day("2023-05-01"), day("2023-05-07"), "counted from publication")
    )
    assert "last week = 1 May 2023 to 7 May 2023, from the article's date" in Page(answer_html(week)).text
    assert "from the article" not in answer_html(replace(said, when=When(crowned, crowned, "written")))
    assert "from the article" not in answer_html(ANSWER)


def test_a_follow_up_shows_how_it_was_understood() -> None:
    """A question that was completed from the conversation is shown as it was asked of the archive."""
    understood = "Understood as: How many planes took part?"
    assert understood in answer_html(replace(ANSWER, standalone_question="How many planes took part?"))
    assert "Understood as" not in answer_html(ANSWER)


def test_a_refusal_is_the_constant_sentence_with_the_nearest_articles() -> None:
    """No evidence, no answer: nothing is cited, and each near article is listed once."""
    page = Page(answer_html(REFUSAL))
    assert CANNOT_ANSWER in page.text
    assert "Nearest articles" in page.text
    assert "Sources" not in page.text
    assert "blockquote" not in page.names
    assert [link["href"] for link in page.links()] == ["article/ledger/1#p3", "https://ledger.example/1"]


def test_an_answer_does_not_list_the_nearest_articles() -> None:
    """What was found but not cited does not stand beside an answer as if it backed it."""
    assert "Frost on the way" not in answer_html(ANSWER)


# ------------------------------------------------------------------------------------------ the article


@given(st.text(min_size=1, max_size=60), st.data())
def test_the_mark_splits_a_paragraph_exactly_at_its_offsets(text: str, data: st.DataObject) -> None:
    """What is marked is paragraph[start:end] to the letter, and the paragraph stays whole."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    page = Page(article_html(Article("a", "A headline", ("before", text, "after")), (1, start, end)))
    assert page.text_of("mark") == text[start:end]
    paragraphs = "".join(part for path, part in page.texts if "article" in path and "p" in path)
    assert paragraphs == f"before{text}after"


@pytest.mark.parametrize("highlight", [(9, 0, 3), (-1, 0, 3), (0, 3, 3), (0, 4, 2), (0, 0, 99), (0, -3, 2)])
def test_a_mark_that_does_not_fit_is_left_out(highlight: tuple[int, int, int]) -> None:
    """A link made for an older version of the text still opens the article."""
    page = Page(article_html(Article("a", "A headline", ("A paragraph",)), highlight))
    assert "mark" not in page.names
    assert "A paragraph" in page.text


def test_the_page_of_an_article_is_complete() -> None:
    """Headline, outlet, byline, agency, date, original, every paragraph with its number, and the sample badge."""
    article = Article(
        "a/b", "A headline", ("One.", "Two."), source="Harbour Courier", authors=("Tom Ashdown",),
        published=date(2017, 1, 5), url="https://harbour.example/b", agency="Northwire", language="en", sample=True,
    )  # fmt: skip
    page = Page(article_html(article))
    assert "By Tom Ashdown · Northwire · 5 January 2017 · Original" in page.text
    assert {"Harbour Courier", "A headline", "Sample article"} <= {text for _, text in page.texts}
    assert [attributes["id"] for tag, attributes in page.tags if tag == "p" and "id" in attributes] == ["p0", "p1"]
    assert {"#p0", "#p1"} <= {link["href"] for link in page.links()}
    assert "Sample article" not in article_html(replace(article, sample=False))


def test_a_corrected_article_says_so() -> None:
    """Its version, the day, and what went and came, with words for those who hear the page."""
    before = Article("a", "Nine boats sink", ("A storm <came>.", "Nobody of the crew drowned."))
    article = Article("a", "Ten boats sink", ("A storm <came>.", "One man of the crew drowned."), modified="2017-01-06")
    page = Page(article_html(article, None, Revision(3, "2017-01-09T10:00:00+00:00", (Version(2, before, ""),))))
    assert "Version 3, corrected on 6 January 2017" in page.text
    assert "What changed since the version before" in page.text
    assert page.names.count("del") == page.names.count("ins") == 2
    assert "removed: Nobody (end)" in page.text
    assert "added: One man (end)" in page.text
    assert "Version" not in Page(article_html(article, None, Revision(1, "2017-01-09T10:00:00+00:00"))).text


@given(ARTICLES, ARTICLES)
def test_no_text_in_a_difference_becomes_markup(article: Article, before: Article) -> None:
    """What went is escaped as what came."""
    page = Page(article_html(article, None, Revision(2, "2017-01-09T10:00:00+00:00", (Version(1, before, ""),))))
    assert not {"script", "img", "b", "iframe"} & {*page.names}


def test_a_source_that_was_corrected_says_so() -> None:
    """Under its quotation, escaped."""
    told = Correction("corrected", date(2017, 1, 6), "Nine <b>.", (Change("<b>", "ten"),))
    citation = Citation(1, "a", 0, "Ten.", 0, 4, "T", "", (), None, "", "", correction=told, version=2)
    page = Page(answer_html(Answer("q", "q", True, "Ten. [1]", 0.9, citations=(citation,))))
    assert "Corrected on 6 January 2017: “<b>” became “ten”." in page.text


@given(ARTICLES)
def test_the_page_of_an_article_fetches_nothing(article: Article) -> None:
    """It stands alone: no script, style sheet, font, image or frame, and a policy that forbids them."""
    page = Page(article_html(article))
    assert not {"script", "link", "img", "iframe", "base", "form", "object"} & {*page.names}
    assert "src" not in {name for _, attributes in page.tags for name in attributes}
    style = page.text_of("style")
    assert "url(" not in style
    assert "@import" not in style
    policy = next(given for _, given in page.tags if given.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none';")


def test_absent_particulars_leave_no_gaps() -> None:
    """An article with nothing but text shows its id for a headline and says that it is undated."""
    page = Page(article_html(Article("x1", "", ("One.",))))
    assert page.text_of("h1") == "x1"
    assert "undated" in page.text
    assert " · " not in page.text


# ------------------------------------------------------------------------------------------------ links


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", " https://a.example", "https://a b", "//a.example", "ftp://a.example", "https://\x00", ""],
)
def test_only_web_addresses_become_links(url: str) -> None:
    """The original is a link when it is http or https without blanks, and is left out otherwise."""
    assert http_url(url) == ""
    assert "Original" not in answer_html(replace(ANSWER, citations=(replace(AL_BAB, url=url),)))
    assert "Original" not in article_html(Article("a", "A headline", ("One.",), url=url))
    assert http_url("HTTPS://a.example/b?c=d#e") == "HTTPS://a.example/b?c=d#e"


# ------------------------------------------------------------------------------------------------ words


def test_what_is_not_searched_is_grey() -> None:
    """A line that the outlet prints everywhere stays on the page, and says why it looks as it does."""
    html = article_html(Article("a", "A headline", ("One.", "Two.", "Three.")), left_out={1})
    assert html.count('class="aside"') == 1
    assert re.search(r'<p id="p1"[^>]* class="aside" title="[^"]*not searched">', html)
    assert 'class="aside"' not in article_html(Article("a", "A headline", ("One.",)))


@pytest.mark.parametrize(
    ("names", "words"),
    [((), ""), (("A",), "A"), (("A", "B"), "A and B"), (("A", " ", "B", "C"), "A, B and C")],
)
def test_names_are_listed_as_in_print(names: tuple[str, ...], words: str) -> None:
    """A byline reads as a newspaper sets it."""
    assert listed(names) == words


@pytest.mark.parametrize(
    ("articles", "passages", "done", "total", "line"),
    [
        (69, 210, 210, 210, "69 articles, 210 passages, 100 % with vectors"),
        (2831, 40756, 40755, 40756, "2,831 articles, 40,756 passages, 99 % with vectors so far"),
        (1, 1, 0, 0, "1 article, 1 passage"),
        (0, 0, 0, 0, "The archive is empty. Put articles into it with: newsdesk ingest PATH"),
    ],
)
def test_the_archive_is_counted_in_one_line(articles: int, passages: int, done: int, total: int, line: str) -> None:
    """The line says how much there is and how far the vectors are; 100 % only when none is missing."""
    counts = {"articles": articles, "passages": passages, "vectors": {"done": done, "total": total}}
    assert counts_line(counts) == line
    assert line in status_html(counts)


@pytest.mark.parametrize(
    ("state", "said"),
    [("ready", ""), ("loading", ", their model is being loaded"), ("failed", ", their model cannot be loaded")],
)
def test_vectors_that_cannot_be_searched_yet_are_not_passed_off_as_ready(state: str, said: str) -> None:
    """Above the chat, beside how many there are."""
    counts = {"articles": 2, "passages": 9, "vectors": {"done": 9, "total": 9}, "vector_state": state}
    assert counts_line(counts) == f"2 articles, 9 passages, 100 % with vectors{said}"


def test_what_an_llm_wrote_and_lost_is_folded_away() -> None:
    """The count is shown; the removed sentences stand behind it, escaped and with their reasons, and under no citation."""
    removed = (Removed("<b>Norway</b> flew it.", "a name in it is not there"),)
    html = answer_html(replace(ANSWER, mode="llm", verified=2, removed=removed))
    assert "<summary>2 of 3 sentences verified</summary>" in html
    assert '<s dir="auto">&lt;b&gt;Norway&lt;/b&gt; flew it.</s>' in html
    assert "a name in it is not there" in html
    assert "<details" not in answer_html(replace(ANSWER, mode="llm", verified=1))
    assert "1 of 1 sentence verified" in answer_html(replace(ANSWER, mode="llm", verified=1))
    assert "verified" not in answer_html(ANSWER)


def test_what_is_being_written_is_marked_as_unchecked() -> None:
    """Checked sentences and an LLM's running words are told apart, and neither is markup."""
    html = pending_html("Two flew. [1]", " Norway <b>")
    assert '<span class="nd-so-far">Two flew.</span><span class="nd-draft"> Norway &lt;b&gt;</span>' in html
    assert "nd-pending" in html
    assert "Looking through the archive" in pending_html()
