"""Plain text: the story is found among what a saved page has around it."""

from __future__ import annotations

import gzip
import logging
import textwrap
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest.formats.text import read_text
from newsdesk.errors import Unreadable
from newsdesk.types import Article

LEAD = (
    "NORTHFIELD — The council closed the old harbour bridge to all traffic on Tuesday after engineers had found "
    "cracks in two of its pillars."
)
QUOTE = "“Nobody was hurt.”"
BODY = (
    "The ferry will run every ten minutes in the mornings until the repairs are finished, the mayor, Ada Holm, told "
    "reporters at the quay."
)
LAST = "She resigned an hour later."
STORY = (LEAD, QUOTE, BODY, LAST)

SAVED_PAGE = f"""You are here

‘Northfield closes harbour bridge after cracks are found in pillars’

By Reuters - May 03,2021 - Last updated at May 04,2021

{LEAD}

{QUOTE}

\N{NO-BREAK SPACE}

{BODY}\N{NO-BREAK SPACE}

{LAST}

up
23 users have voted, including you.


Newsletter

Get top stories and blog posts emailed to you each day.

PDF"""

Read = Callable[..., Article]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text (or bytes) as a file."""

    def read(text: str | bytes, name: str = "story.txt") -> Article:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_text(path, markdown=name.endswith(".md"))

    return read


def test_a_saved_page_gives_the_story_alone(read: Read) -> None:
    """Headline without its quotation marks, byline, day, every paragraph, and nothing of the page around them."""
    article = read(SAVED_PAGE)
    assert article.title == "Northfield closes harbour bridge after cracks are found in pillars"
    assert article.authors == ("Reuters",)
    assert article.agency == "Reuters"
    assert article.published == date(2021, 5, 3)
    assert article.paragraphs == STORY
    assert article.id.startswith("sha256:")


def test_lines_without_blank_lines_between_them(read: Read) -> None:
    """A page copied without blank lines: navigation, headline, byline and story are still told apart."""
    head = ["Skip to main content", "Home", "World", "Sport", "Harbour bridge closed for winter"]
    credits = ["By ADA HOLM and Lars de Vries", "Published: 3 May 2021 at 10:00 GMT", "Share this article"]
    article = read("\n".join([*head, *credits, *STORY, "Most read", "Ferry sinks"]))
    assert article.title == "Harbour bridge closed for winter"
    assert article.authors == ("ADA HOLM", "Lars de Vries")
    assert article.published == date(2021, 5, 3)
    assert article.paragraphs == STORY


def test_wire_copy_wrapped_at_a_width(read: Read) -> None:
    """Hard-wrapped paragraphs become whole again."""
    wrapped = "\n\n".join(textwrap.fill(paragraph, 66) for paragraph in STORY)
    article = read(f"Harbour bridge closed\n\nBy Ada Holm, AFP\n\n{wrapped}\n")
    assert article.title == "Harbour bridge closed"
    assert article.authors == ("Ada Holm", "AFP")
    assert article.agency == "AFP"
    assert article.paragraphs == STORY


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("By Ada Holm, 3 May 2021", date(2021, 5, 3)),
        ("By Ada Holm | Northfield Post | 3 May 2021", date(2021, 5, 3)),
        ("Ada Holm in Northfield\nMon 3 May 2021 10.30 BST", date(2021, 5, 3)),
        ("Updated: 4 May 2021\nPublished: 3 May 2021", date(2021, 5, 3)),
        ("Last updated on 4 May 2021", date(2021, 5, 4)),
        ("Northfield - May 3, 2021", date(2021, 5, 3)),
        ("Updated 3 hours ago", None),
        ("Published 01/02/2021", None),
        ("By Ada Holm", None),
    ],
)
def test_the_day_comes_from_the_lines_above_the_story(read: Read, line: str, day: date | None) -> None:
    """The day of publication, else that of the last update; never a guess. Such lines are not story."""
    article = read(f"Harbour bridge closed for winter\n\n{line}\n\n{LEAD}\n\n{BODY}")
    assert article.published == day
    assert article.title == "Harbour bridge closed for winter"
    assert article.paragraphs == (LEAD, BODY)


def test_a_date_in_the_story_is_story(read: Read) -> None:
    """A day or a "By ..." within the story neither dates the article nor disappears."""
    article = read(f"Harbour bridge: what we know\n\n{LEAD}\n\n3 May 2021\n\n{BODY}\n\nBy Monday all was calm.")
    assert article.published is None
    assert article.paragraphs == (LEAD, "3 May 2021", BODY, "By Monday all was calm.")


def test_without_a_headline_the_first_words_stand_in(read: Read) -> None:
    """The first sentence, cut after a dozen words, is the title."""
    assert read(LEAD).title == "NORTHFIELD — The council closed the old harbour bridge to all traffic …"
    assert read(f"The bridge is shut. {BODY}").title == "The bridge is shut"


def test_short_paragraphs_are_a_story_too(read: Read) -> None:
    """A flash of two short sentences is no less an article."""
    article = read("Mayor quits\n\nThe mayor of Northfield resigned.\n\nShe gave no reason.")
    assert article.title == "Mayor quits"
    assert article.paragraphs == ("The mayor of Northfield resigned.", "She gave no reason.")


def test_a_headline_that_is_a_long_question(read: Read) -> None:
    """A headline that is closed like a sentence is one if a byline follows."""
    headline = "Will the old harbour bridge of Northfield ever be opened to traffic again, and who will pay for it?"
    article = read(f"{headline}\n\nBy Ada Holm\n\n{LEAD}\n\n{BODY}")
    assert article.title == headline
    assert article.paragraphs == (LEAD, BODY)


def test_readers_comments_are_not_the_story(read: Read) -> None:
    """From the heading of the comments on, nothing is taken."""
    comment = "I have crossed this bridge every day for forty years and never saw a single crack in it, people."
    assert read(f"Bridge closed for winter\n\n{LEAD}\n\n{BODY}\n\n2 Comments\n\n{comment}").paragraphs == (LEAD, BODY)


@pytest.mark.parametrize("fence", ["", "---\n"])
def test_fields_at_the_top(read: Read, fence: str) -> None:
    """Lines "Title: ..." and so on are understood, between dashes or not; Markdown headings lose their signs."""
    fields = (
        "Title: Harbour bridge closed\nDate: 2021-05-03\nSource: Northfield Post\nAuthor: Ada Holm and Mei Tan\n"
        "URL: https://post.example/bridge?utm_source=x\nSection: Harbour\nLang: en\n"
    )
    article = read(f"{fence}{fields}{fence}\n# Harbour bridge closed\n\n{LEAD}\n\n## The ferry\n\n{BODY}\n", "a.md")
    assert article == Article(
        id="https://post.example/bridge",
        title="Harbour bridge closed",
        paragraphs=(LEAD, "The ferry", BODY),
        source="Northfield Post",
        authors=("Ada Holm", "Mei Tan"),
        published=date(2021, 5, 3),
        url="https://post.example/bridge?utm_source=x",
        section="Harbour",
        language="en",
    )


def test_a_headline_with_a_colon_is_no_field(read: Read) -> None:
    """One line "Source: ..." at the top may be a headline."""
    assert read(f"Source: mayor to resign today\n\n{LEAD}").title == "Source: mayor to resign today"


def test_an_unreadable_date_field_is_reported(read: Read, caplog: pytest.LogCaptureFixture) -> None:
    """The article is kept undated and a warning names the file and the value."""
    with caplog.at_level(logging.WARNING, "newsdesk.ingest"):
        assert read(f"Title: Bridge\nDate: last week\n\n{LEAD}").published is None
    assert "story.txt" in caplog.text
    assert "last week" in caplog.text


@pytest.mark.parametrize(
    "data",
    [
        SAVED_PAGE.encode("utf-8-sig"),
        SAVED_PAGE.encode("utf-16"),
        SAVED_PAGE.encode("cp1252"),
        SAVED_PAGE.replace("\n", "\r\n").encode(),
        gzip.compress(SAVED_PAGE.encode(), mtime=0),
    ],
    ids=["bom", "utf-16", "windows-1252", "crlf", "gzip"],
)
def test_encodings(read: Read, data: bytes) -> None:
    """However the text was saved, it is the same article."""
    assert read(data) == read(SAVED_PAGE)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Home\n\nWorld\n\nSport\n\nSign in\n\nYou are here\n\nPDF", "holds no story: none of its 6 lines"),
        (b"\n \n", "holds no story"),
        (b"We use cookies to make this website work for you and everybody else.", "holds no story"),
        (b"GIF89a\x00\x01", "NUL bytes"),
        (bytes(range(128, 256)), "is not UTF-8"),
        ("Совет закрыл мост.".encode("koi8-r"), "is not UTF-8"),
        (gzip.compress(LEAD.encode(), mtime=0)[:60], "gzip data are damaged"),
        (b"a" * (16 * 1024 * 1024 + 1), "larger than 16 MiB"),
        (gzip.compress(b"a" * (16 * 1024 * 1024 + 1), mtime=0), "larger than 16 MiB"),
    ],
    ids=["navigation", "blank", "notice", "binary", "noise", "other encoding", "damaged", "huge", "huge when unpacked"],
)
def test_what_holds_no_story_says_why(read: Read, data: bytes, reason: str) -> None:
    """Navigation alone, binary data, unknown encodings and files beyond measure are unreadable, with the reason."""
    with pytest.raises(Unreadable, match=reason):
        read(data)


def test_markdown_is_read_as_what_it_means(read: Read) -> None:
    """No sign, no address and no picture is quoted; headings, lists and tables are paragraphs of their own."""
    text = f"""# Harbour **bridge** closed

By Ina Rohl, 3 May 2021

The [council](https://x.example) of *Northfield* closed the old harbour bridge on Tuesday, _engineers_ said.

![A crack](crack.png)

## What now?

- The ferry runs **every** ten minutes, as it did last winter, the harbour master said.
- Cyclists may use the `footbridge` at the mill, which has been open since last spring.

> “Nobody was hurt, and nobody will be,” said the mayor, who had asked for the inspection.

{BODY}
"""
    article = read(text, "a.md")
    assert article.title == "Harbour bridge closed"
    assert article.authors == ("Ina Rohl",)
    assert article.paragraphs[:5] == (
        "The council of Northfield closed the old harbour bridge on Tuesday, engineers said.",
        "What now?",
        "The ferry runs every ten minutes, as it did last winter, the harbour master said.",
        "Cyclists may use the footbridge at the mill, which has been open since last spring.",
        "“Nobody was hurt, and nobody will be,” said the mayor, who had asked for the inspection.",
    )


def test_a_plain_text_keeps_its_asterisks(read: Read) -> None:
    """Only what is called Markdown is read as such."""
    assert f"*{LEAD}*" in read(f"{LEAD}\n\n*{LEAD}*\n\n{LEAD}\n", "a.txt").paragraphs


def test_signs_that_others_added_to_markdown_are_not_quoted(read: Read) -> None:
    """Struck words, footnotes and lists of tasks: the words stay, the signs go."""
    text = (
        f"# Weir repaired\n\n{LEAD} It cost ~~nine~~ ten crowns.[^bill]\n\n- [x] The gate opens on market days, the miller said"
        " on Friday.\n\n[^bill]: The bill was read out in the town hall, where nobody asked to see it.\n"
    )
    found = "\n".join(read(text, "note.md").paragraphs)
    assert "It cost nine ten crowns." in found
    assert "The gate opens on market days" in found
    assert "The bill was read out" in found
    assert not any(sign in found for sign in ("~~", "[^", "[x]", "]:"))
