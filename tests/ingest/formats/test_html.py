"""Web pages: the story and what the page says about it; nothing of the page around it."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest.formats.html import read_html
from newsdesk.errors import Unreadable
from newsdesk.types import Article

LEAD = "The council of Northfield closed the old harbour bridge on Tuesday after engineers found cracks in its pillars."
SPEECH = "“Nobody was hurt, and nobody will be,” said the mayor, Ada Holm, who had asked for the inspection in March."
FERRY = "Until the repairs are finished a ferry will run every ten minutes in the mornings and every hour at night."
ITEM = "Cyclists may use the footbridge at the mill, which has been open since the spring of last year."

HEAD = """<title>Harbour bridge closed | Northfield Post</title>
<meta property="og:site_name" content="Northfield Post">
<meta name="author" content="Lars de Vries">
<meta property="article:published_time" content="2021-05-03T23:30:00-05:00">
<meta property="article:section" content="Harbour">
<link rel="canonical" href="https://post.example/2021/bridge">"""
LINKED_SPEECH = SPEECH.replace("Ada Holm", "<a href='/holm'>Ada\n  Holm</a>")
BODY = f"""<nav><a href="/">Home</a> <a href="/world">World</a> <a href="/sport">Sport</a></nav>
<article><h1>Harbour bridge closed</h1><p>{LEAD}</p><p>{LINKED_SPEECH}</p><h2>The ferry</h2><p>{FERRY}</p>
<ul><li>{ITEM}</li></ul><p>Read More</p></article>
<aside><h3>Most read</h3><a href="/1">Ferry sinks</a></aside>
<footer><p>© 2021 Northfield Post. All rights reserved.</p></footer>"""

Read = Callable[..., Article]


def page(body: str = BODY, head: str = HEAD) -> str:
    return f'<!DOCTYPE html><html lang="en-GB"><head>{head}</head><body>{body}</body></html>'


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a page (text or bytes) from a file."""

    def read(text: str | bytes) -> Article:
        path = tmp_path / "page.html"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_html(path)

    return read


def test_a_page_becomes_an_article(read: Read) -> None:
    """Story with subheading and list item as paragraphs of their own, and all the page says about it."""
    assert read(page()) == Article(
        id="https://post.example/2021/bridge",
        title="Harbour bridge closed",
        paragraphs=(LEAD, SPEECH, "The ferry", FERRY, ITEM),
        source="Northfield Post",
        authors=("Lars de Vries",),
        published=date(2021, 5, 3),
        url="https://post.example/2021/bridge",
        section="Harbour",
        language="en",
    )


def test_the_same_page_gives_the_same_article_every_time(read: Read) -> None:
    """Reading a page leaves nothing behind that changes the next reading."""
    assert len({read(page()) for _ in range(5)}) == 1


def test_nothing_is_fetched(read: Read) -> None:
    """A page is read without connecting to anything it names."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        site = f"http://127.0.0.1:{server.getsockname()[1]}"
        head = f'{HEAD}<link rel="stylesheet" href="{site}/a.css"><link rel="amphtml" href="{site}/amp">'
        assert read(page(f'<img src="{site}/x.png"><script src="{site}/x.js"></script>{BODY}', head))
        with pytest.raises(BlockingIOError):  # nobody is waiting to be let in
            server.accept()


def test_line_breaks_part_paragraphs(read: Read) -> None:
    """Old pages part their paragraphs with two <br>; line breaks in the source mean nothing."""
    text = "<br><br>\n".join((LEAD, SPEECH, FERRY.replace(" ", "\n", 3), ITEM))
    assert read(page(f"<div class='article-body'>{text}</div>")).paragraphs == (LEAD, SPEECH, FERRY, ITEM)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("utf-8-sig", "windows-1252"),
        ("utf-16", "utf-16"),
        ("cp1252", "iso-8859-1"),
        ("cp1252", "windows-1252"),
        ("cp1252", "no-such-encoding"),
    ],
)
def test_encodings(read: Read, encoding: str, declared: str) -> None:
    """The page is read in the encoding it is in; a declaration is believed unless the bytes say otherwise."""
    head = f'<meta charset="{declared}">{HEAD}'
    assert read(page(head=head).encode(encoding)) == read(page())


def test_a_declared_encoding_is_believed(read: Read) -> None:
    """A Russian page in Windows-1251 is Russian."""
    text = "Городской совет во вторник закрыл старый мост через гавань: инженеры нашли трещины в двух опорах."
    head = '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251"><title>Мост закрыт</title>'
    article = read(page(f"<article><p>{text}</p><p>{text} Пострадавших нет.</p></article>", head).encode("cp1251"))
    assert article.title == "Мост закрыт"
    assert article.paragraphs[0] == text


def test_a_stray_nul_byte_does_no_harm(read: Read) -> None:
    """A page with a single NUL byte in it is still a page."""
    assert read(page().replace(LEAD, LEAD.replace("bridge", "bri\0dge"))) == read(page())


def test_gzipped_and_xhtml_pages(read: Read) -> None:
    """A gzipped page is unpacked; an XML declaration does no harm."""
    assert read(gzip.compress(page().encode(), mtime=0)) == read(page())
    assert read('<?xml version="1.0" encoding="utf-8"?>\n' + page()) == read(page())


@pytest.mark.parametrize("content", ["2021-05", "2021", "9 days ago", "01/02/2021"])
def test_a_day_is_never_filled_in(read: Read, content: str) -> None:
    """A date that lacks its day, or can be read in two ways, leaves the article undated."""
    head = f'<title>Harbour bridge closed</title><meta name="date" content="{content}">'
    assert read(page(head=head)).published is None


def test_what_the_page_does_not_say_stays_empty(read: Read) -> None:
    """Without metadata there is a story, a title from its first words, and an id from its content."""
    article = read(f"<html><body><article><p>{LEAD}</p><p>{SPEECH}</p><p>{FERRY}</p></article></body></html>")
    assert article.id.startswith("sha256:")
    assert article.title == "The council of Northfield closed the old harbour bridge on Tuesday after …"
    assert (article.source, article.authors, article.published, article.url) == ("", (), None, "")


@pytest.mark.parametrize(
    "data",
    [
        b"<html></html>",
        b" ",
        b"<html><body><nav><a href=/>Home</a> <a href=/world>World</a></nav></body></html>",
        b"\x89PNG\r\n\x1a\n\x00\x01",
        gzip.compress(page().encode(), mtime=0)[:100],
        b"<html><body>" + b"<div>" * 20_000 + b"</body></html>",
    ],
    ids=["empty", "blank", "navigation", "binary", "damaged", "nested"],
)
def test_a_page_without_a_story_is_unreadable(read: Read, data: bytes) -> None:
    """Nothing is made up from an empty page, navigation or binary data."""
    with pytest.raises(Unreadable):
        read(data)


NAMES = [f"a{number}" for number in range(20_000)]


@pytest.mark.parametrize(
    "tag",
    [
        f"<p {'=1 '.join(NAMES)}>",
        "<p " + "".join(f'{name}="x"' for name in NAMES) + ">",
        "<p " + " ".join(f'{name}="<"' for name in NAMES) + ">",
        "<p " + " ".join(f"{name}='>'" for name in NAMES) + ">",
        f"<p {' < '.join(NAMES)}>",
        f"<p {'/'.join(NAMES)}>",
        f"<p ' {' '.join(NAMES)} '>",
        f"<p a=b=' {' '.join(NAMES)} '>",
        f'<!-- <p a="> --><p {" ".join(NAMES)} ">',
        f'<!--><p {" ".join(NAMES)}>-->',
        f'<script>a <p a="></script><p {" ".join(NAMES)} ">',
        f'</p a="><p b=">"><p {" ".join(NAMES)}>',
        f"<p {' '.join(NAMES)} b='x",
    ],
    ids=["spaces", "glued", "<", ">", "bare <", "slashes", "stray quote", "quote in a value", "comment", "empty comment",
         "script", "end tag", "open quote"],
)  # fmt: skip
def test_an_element_of_too_many_attributes_is_unreadable(read: Read, tag: str) -> None:
    """However they are told apart: the parser's time grows with the square of their number."""
    with pytest.raises(Unreadable, match=r"more than 1,000 attributes"):
        read(page(tag + BODY))


@pytest.mark.parametrize(
    "part",
    [
        f"<div data-state='{' '.join(NAMES)}'></div>",
        f'<div data-state="{" ".join(f"{name}=<b>" for name in NAMES[:1000])}"></div>',
        f"<script>if (a <b {' '.join(NAMES)})</script>",
        f"<!-- <p {' '.join(NAMES)}> -->",
        f"<p {' '.join(NAMES[:1_000])}></p>",
    ],
    ids=["value", "tags in a value", "script", "comment", "1,000"],
)
def test_what_only_looks_like_attributes_is_none(read: Read, part: str) -> None:
    """Long values, scripts and comments hold any text."""
    assert read(page(part + BODY)).paragraphs == read(page()).paragraphs


@pytest.mark.parametrize("piece", ["<", "<!>", "</a>", "<!--", "<a b='\"", "</a b=", "<a b "])
def test_markup_without_end_is_looked_through_once(read: Read, piece: str) -> None:
    """A megabyte of beginnings is answered, not searched for ends again and again."""
    with pytest.raises(Unreadable):
        read(piece * (1_000_000 // len(piece)))


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Trams stop at <time datetime='2021-06-01'>1 June</time> for good.", "Trams stop at 1 June for good."),
        ("The <label>north gate</label> stays open.", "The north gate stays open."),
        ("It came to <output>42</output> votes.", "It came to 42 votes."),
        ("The notice named <code>R-9</code> as the reason.", "The notice named R-9 as the reason."),
        ("She called it <q>a <q>so-called</q> success</q> at noon.", "She called it “a ‘so-called’ success” at noon."),
        ("<time>1 June</time> is the last day.", "1 June is the last day."),
    ],
)
def test_words_inside_a_sentence_stay_in_it(read: Read, markup: str, text: str) -> None:
    """Whatever element a word stands in, the paragraph is what a reader of the page sees."""
    assert read(page(f"<article><p>{LEAD}</p><p>{markup}</p><p>{FERRY}</p></article>")).paragraphs == (
        LEAD,
        text,
        FERRY,
    )


@pytest.mark.parametrize(
    "cell",
    [
        "<ul><li>5 am</li><li>7 pm</li></ul>",
        "<ol><li>5 am</li><li>7 pm</li></ol>",
        "<p>5 am</p><p>7 pm</p>",
        "<table><tr><td>5 am</td></tr><tr><td>7 pm</td></tr></table>",
        "<div><div>5 am</div><div>7 pm</div></div>",
        "<dl><dt>5 am</dt><dd>7 pm</dd></dl>",
    ],
)
def test_a_cell_keeps_what_it_lists(read: Read, cell: str) -> None:
    """A list, a table or paragraphs within a cell stay in their row."""
    table = f"<table><tr><th>Pier</th><th>Boats</th></tr><tr><td>Mill</td><td>{cell}</td></tr></table>"
    found = read(page(f"<article><p>{LEAD}</p>{table}<p>{FERRY}</p></article>")).paragraphs
    assert found == (LEAD, "Pier | Boats", "Mill | 5 am; 7 pm", FERRY)


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("Tuesday 4 May 2021 08:15 by Ines Rohl", ("Ines Rohl",)),
        ("Published Tuesday, May 4, 2021 by Ines Rohl and Sam Osei", ("Ines Rohl", "Sam Osei")),
        ("Updated: May 4, 2021 by Ines Rohl", ("Ines Rohl",)),
        ("Tuesday May 4, 2021", ()),
    ],
)
def test_the_day_in_a_byline_is_nobody(read: Read, byline: str, authors: tuple[str, ...]) -> None:
    """A weekday, a month or "Published" is not taken for an author, and the name beside it is found."""
    body = f'<article><h1>Bridge</h1><div class="byline">{byline}</div><p>{LEAD}</p><p>{FERRY}</p></article>'
    assert read(page(body, "<title>Bridge</title>")).authors == authors


def test_a_link_between_paragraphs_to_another_story_is_not_of_this_one(read: Read) -> None:
    """Whatever calls it by name; a link within a sentence stays, and so do links that are all there is."""
    body = f"""<article><p>{LEAD}</p><p><strong>SEE ALSO: <a href="/2">Dredger hits the old mill weir again</a></strong></p>
    <p>{SPEECH}</p><p><a href="/3">Northfield raises the harbour dues for small boats</a></p><p>{FERRY}</p>
    <p>She added that <a href="/4">the council’s own engineers had warned of the cracks</a>.</p><p>{ITEM}</p></article>"""
    found = read(page(body)).paragraphs
    assert not [text for text in found if "Dredger" in text or "dues" in text]
    assert "She added that the council’s own engineers had warned of the cracks." in found
    links = [f'<p><a href="/{n}">Boat number {n} of the race is at the mill weir</a></p>' for n in range(9)]
    assert (
        sum(
            "Boat number" in text for text in read(page(f"<article><p>{LEAD}</p>{''.join(links)}</article>")).paragraphs
        )
        == 9
    )
