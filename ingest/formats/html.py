"""Reads a web page that holds one article: trafilatura finds the story, this module makes an Article of it.

No address on the page is ever opened.
"""

from __future__ import annotations

import codecs
import logging
import re
from copy import deepcopy
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.files import read_whole
from ingest.formats.text import first_words, is_sentence
from ingest.parts.byline import agency_of, authors_of, names_after_by, without_day
from ingest.parts.clean import one_line, paragraphs_of, without_boilerplate
from ingest.parts.dates import parse_date
from ingest.parts.identity import article_id
from ingest.parts.limits import MAX_ATTRIBUTES, MAX_ELEMENTS, check_article
from ingest.parts.markup import keep_text, paragraphs_of_element
from ingest.parts.moments import moment_of
from ingest.parts.related import drop_related
from ingest.parts.story_parts import join_parts, squeezed
from newsdesk.address import canonical_url
from newsdesk.errors import Unreadable
from newsdesk.types import Article

if TYPE_CHECKING:
    from lxml.etree import _Element
    from trafilatura.settings import Document

_META_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w:-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([\w:-]{2,40})", re.IGNORECASE)
_CHARSET_SEARCHED = 4096  # browsers look at 1,024 bytes; pages with long comments in front need more
# What browsers read under these names (WHATWG Encoding Standard); Python's codecs of the same name know less.
_WIDER = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}
_OPENING_TAG = re.compile(r"<[a-zA-Z]")
# Tags and attributes as the parser tells them apart (WHATWG HTML, tokenization): attributes need no white space between
# them, and a value may hold any character. Every repeat is possessive, so the time grows with the page's size only.
_SPACE = r"\t\n\f\r "
_ATTRIBUTE = (
    rf"[{_SPACE}/]*+[^{_SPACE}/>][^{_SPACE}/>=]*+"
    rf"(?:[{_SPACE}]*+=[{_SPACE}]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^{_SPACE}>\"'][^{_SPACE}>]*+)?+)?+"
)
_NAME = rf"[a-z][^{_SPACE}/>]*+"
_COMMENT = r"<!--(?:-?>|.*?(?:--!?>|\Z))"
_NEXT_TAG = re.compile(
    rf"(?:[^<]++|{_COMMENT}|</{_NAME}(?:{_ATTRIBUTE})*+|<(?:[!?]|/(?![a-z]))[^>]*+|<(?![a-z!?/]))*+"
    rf"<(?P<name>{_NAME})(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+(?P<more>{_ATTRIBUTE})?+",
    re.IGNORECASE | re.DOTALL,
)
_ENDS = {
    name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp")
} | {"plaintext": re.compile(r"\Z")}
"""Elements that hold text alone -> where they end."""
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# How pages and addresses write a day. htmldate fills in what is missing (2019-08 becomes the day of today in that
# month), so a day counts only if the page has it in one of these.
_DAY_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%B %-d, %Y", "%-d %B %Y", "%b %-d, %Y", "%-d %b %Y", "%d.%m.%Y")
# When a page was changed, as schema.org and Open Graph have it.
_MODIFIED = re.compile(
    r'"dateModified"\s*:\s*"([^"]{8,40})"'
    r"|<meta[^>]{1,80}?(?:article:modified_time|og:updated_time|dateModified)[\"'][^>]{1,80}?content=[\"']([^\"']{8,40})",
    re.IGNORECASE,
)
_NOBODY = frozenset(("admin", "administrator", "editor", "staff", "staff writer", "webmaster"))
_LONGEST_SECTION = 40
_LONGEST_BYLINE = 160
_BYLINE_CLASS = re.compile(r"by-?line|author|credit|writer", re.IGNORECASE)
# Not extensive: that takes any date in the text for the article's.
_DATES = {"original_date": True, "extensive_search": False}
_MIN_WORDS = 40
_LEAST_OF_PROSE = 0.5
_PROSE = 80  # characters
_BLOCKS = frozenset(("p", "head", "item", "quote", "row", "code", "table", "list", "div"))


def read_html(path: Path) -> Article:
    """The article of a file that holds a page, plain or gzipped. Raises Unreadable, as `article_of_page`, and OSError."""
    return article_of_page(_decode(read_whole(path)))


def decoded_page(data: bytes, charset: str = "") -> str:
    """The text of a page that came with headers: by their `charset` if there is one that Python knows. Raises Unreadable."""
    try:
        return data.decode(_WIDER.get(charset.lower(), charset)) if charset else _decode(data)
    except (LookupError, UnicodeError):
        return _decode(data)


def article_of_page(page: str, address: str = "") -> Article:
    """The article of an HTML page; `address` is where it was got from, for a page that does not say.

    The paragraphs are the story's in reading order: its subheadings, list items and table rows are paragraphs of
    their own. Raises Unreadable if the page holds no story that can be found.
    """
    document, tree, language = _extract(page)
    title = _title(document)
    paragraphs = without_boilerplate([text for text in _paragraphs(document) if text != title])
    # Tables of results have no sentences, but many words; navigation has neither.
    if not any(is_sentence(text, 4) for text in paragraphs) and len(" ".join(paragraphs).split()) < _MIN_WORDS:
        raise Unreadable("holds no story: no running text was found on the page")
    url = next(filter(canonical_url, (one_line(document.url or ""), address)), "")
    authors = _authors(document, tree)
    article = Article(
        id=article_id("", url, title, paragraphs),
        title=title or first_words(paragraphs[0]),
        paragraphs=paragraphs,
        source=_source(document),
        authors=authors,
        published=_published(document, page),
        url=url,
        agency=agency_of(authors, paragraphs),
        section=_section(document),
        language=language,
        modified=_modified(page),
    )
    check_article(article)
    return article


def _decode(data: bytes) -> str:
    """Byte order mark, else UTF-8 if it is that, else what the page declares, else Windows-1252.

    UTF-8 comes before the declaration: text that is valid UTF-8 and means something else does not occur, wrong
    declarations do.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data.count(0) * 1000 > len(data):  # a stray one occurs in pages, and trafilatura drops it
        raise Unreadable("is full of NUL bytes: binary data, not a web page")
    try:
        return data.decode()
    except UnicodeDecodeError:
        start = data[:_CHARSET_SEARCHED]
        declared = _META_CHARSET.search(start) or _XML_ENCODING.match(start)
        name = declared.group(1).decode("ascii").lower() if declared else "cp1252"
        try:
            return data.decode(_WIDER.get(name, name), "replace")
        except (LookupError, UnicodeError):  # an encoding Python does not know, or one that is none for text
            return data.decode("cp1252", "replace")


def _extract(page: str) -> tuple[Document, _Element, str]:
    """What trafilatura finds, the page as it parsed it, and the language the page says it is in."""
    from trafilatura.metadata import extract_metadata  # here: it takes half a second to import
    from trafilatura.utils import load_html

    # What they complain about (no text, broken markup) is told once, as the reason of the reject.
    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _check_markup(page)
    page = re.sub(r"^\s*<\?xml[^>]*>", "", page)  # lxml refuses text that declares an encoding
    try:
        tree = load_html(page)
        if tree is None:
            raise Unreadable("is not HTML")
        about = extract_metadata(tree, date_config=_DATES | {"max_date": _next_year()})
        keep_text(tree)  # behind the metadata: dates are looked for in <time>
        drop_related(tree)
        # Precision first: on the 181 pages of article-extraction-benchmark the paragraphs of this module have an F1 of
        # 0.966 so, 0.963 without, 0.965 with fast=True instead, and 0.960 when the subheadings are left out. It fails
        # where the story lies in several parts of the page; then most of the prose is missing.
        spare = deepcopy(tree)
        document = _story(tree, about.url, favor_precision=True)
        if _length(document) < _LEAST_OF_PROSE * _prose(spare):
            document = _more_of_it(document, spare, about.url)
    except RecursionError as error:
        raise Unreadable("is nested too deeply to be read") from error
    if document is None:
        raise Unreadable("holds no story: no running text was found on the page")
    declared = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    language = re.match(r"[a-z]{2,3}(?![a-z])", declared.strip().lower())
    about.body = document.body
    return about, tree, language.group() if language else ""


def _story(
    tree: _Element, url: str | None, favor_precision: bool = False, favor_recall: bool = False
) -> Document | None:
    """What trafilatura takes for the story of a page, which it changes."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    document = bare_extraction(
        tree,
        url=url,
        include_comments=False,
        deduplicate=False,  # it compares with pages read before: the same page must always give the same article
        favor_precision=favor_precision,
        favor_recall=favor_recall,
    )
    return document if isinstance(document, Document) and document.body is not None else None


def _more_of_it(document: Document | None, page: _Element, url: str | None) -> Document | None:
    """The story where most of it was missed, or `document` if it cannot be found either."""
    if document is not None and document.body is not None:
        found = {squeezed("".join(block.itertext())) for block in document.body.iter("p", "item", "quote")}
        joined = deepcopy(page)
        if join_parts(joined, found):
            whole = _story(joined, url, favor_precision=True)
            if _length(whole) > _length(document):
                return whole
    other = _story(page, url, favor_recall=True)
    return other if _length(other) > 2 * _length(document) else document


def _length(document: Document | None) -> int:
    """Characters of the story that was found."""
    return len("".join(document.body.itertext())) if document is not None and document.body is not None else 0


def _prose(tree: _Element) -> int:
    """Characters in paragraphs that are long enough to be of a story."""
    lengths = (len("".join(paragraph.itertext()).strip()) for paragraph in tree.iter("p"))
    return sum(length for length in lengths if length >= _PROSE)


def _next_year() -> str:
    return (date.today() + timedelta(days=366)).isoformat()


def _check_markup(page: str) -> None:
    """Raises Unreadable for a page that would take the parser or trafilatura minutes."""
    elements = sum(1 for _ in _OPENING_TAG.finditer(page))
    if elements > MAX_ELEMENTS:
        raise Unreadable(f"has {elements:,} elements, more than the page of one article may have ({MAX_ELEMENTS:,})")
    position = 0
    while tag := _NEXT_TAG.match(page, position):
        if tag["more"]:
            raise Unreadable(f"has an element with more than {MAX_ATTRIBUTES:,} attributes")
        position = tag.end()
        if end := _ENDS.get(tag["name"].lower()):  # what stands in it is text, however much it looks like tags
            closing = end.search(page, position)
            position = closing.start() if closing else len(page)


def _paragraphs(document: Document) -> list[str]:
    assert document.body is not None
    blocks: list[list[str]] = [[]]
    _collect(document.body, blocks)
    return [paragraph for block in blocks for paragraph in paragraphs_of("".join(block))]


def _collect(element: _Element, blocks: list[list[str]]) -> None:
    """Appends the text of `element` to the last block; an element that is a block begins and ends one."""
    if element.tag in _BLOCKS:
        blocks.append([])
    blocks[-1].append(_flat(element.text))
    for number, child in enumerate(element):
        if child.tag == "lb":
            blocks[-1].append("\n")
        elif child.tag == "cell":
            cells: list[list[str]] = [[]]
            _collect(child, cells)
            blocks[-1].append((" | " if number else "") + one_line(" ".join(map("".join, cells))))
        else:
            _collect(child, blocks)
        blocks[-1].append(_flat(child.tail))
    if element.tag in _BLOCKS:
        blocks.append([])


def _flat(text: str | None) -> str:
    """Line breaks in the source of a page mean a space."""
    return re.sub(r"\s+", " ", text or "")


def _title(document: Document) -> str:
    """The headline, without the name of the site behind it ("Headline | The Herald")."""
    title = one_line(document.title or "")
    for name in filter(None, (one_line(document.sitename or ""), document.hostname)):
        if shorter := re.fullmatch(rf"(.+\S)\s+[|–—·-]\s+{re.escape(name)}", title, re.IGNORECASE):
            return shorter.group(1)
    return title


def _source(document: Document) -> str:
    name = one_line(document.sitename or "")
    return name if name and "//" not in name else document.hostname or ""


def _authors(document: Document, tree: _Element) -> tuple[str, ...]:
    """The names that trafilatura takes for authors; where it finds none, or the day, those behind "by" in the byline."""
    given = authors_of(one_line(document.author or ""))
    names = [without_day(text) for text in given]
    if given and all(names):
        return tuple(name for name in names if name.lower() not in _NOBODY)
    for element in tree.iter():
        if _BYLINE_CLASS.search(f"{element.get('class')} {element.get('itemprop')} {element.get('id')}"):
            lines = paragraphs_of_element(element)
            if sum(map(len, lines)) <= _LONGEST_BYLINE and (found := tuple(chain(*map(names_after_by, lines)))):
                return found
    return tuple(name for name in names if name and name.lower() not in _NOBODY)


def _published(document: Document, page: str) -> date | None:
    day = parse_date(document.date or "")
    page = page.lower()
    return day if day and any(day.strftime(form).lower() in page for form in _DAY_FORMATS) else None


def _modified(page: str) -> str:
    """When the page says it was changed; "" where it names several times, as of other articles."""
    moments = {moment_of(first or second) for first, second in _MODIFIED.findall(page)} - {""}
    return moments.pop() if len(moments) == 1 else ""


def _section(document: Document) -> str:
    """The first category, unless it is a list of keywords in one string."""
    section = one_line((document.categories or [""])[0])
    return section if len(section) <= _LONGEST_SECTION and "," not in section else ""
