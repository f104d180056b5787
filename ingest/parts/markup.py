"""Markup to text: what trafilatura would drop from a page is made plain first, and fragments become paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

from ingest.parts.clean import one_line, paragraphs_of
from newsdesk.errors import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1 h2"
    " h3 h4 h5 h6 header hl1 hl2 hr hedline html li main nav ol p pre section summary table tbody tfoot thead tr ul".split()
)
_NO_TEXT = frozenset("button head iframe input media noscript object script select style svg template textarea".split())
_DROPPED_IN_TEXT = ("time", "label", "output", "code", "kbd", "samp")
"""What trafilatura takes for furniture or for a block of code, and what within a sentence is part of it."""
_LONGEST_CELL = 400
"""Characters. Cells of figures and hours are shorter, the columns of a page that is laid out with a table longer."""
_BETWEEN_ITEMS = "; "
_QUOTED = re.compile(r"\s*[\"'“‘„«‹]")
_TAG = re.compile(r"</(?:p|div|li|h[1-6]|blockquote|td|span|strong|em|a|b|i)\s*>|<(?:br|p)\s*/?>", re.IGNORECASE)
_CLOSED = re.compile(r"</[a-z][a-z0-9]*\s*>|<br\s*/?>", re.IGNORECASE)
_MOST_DEPTH = 250


def keep_text(tree: _Element) -> None:
    """Changes a page so that the words within its sentences and the cells of its tables stay where they are.

    `<time>`, `<label>`, `<output>` and code inside a sentence become plain text, `<q>` gets the quotation marks that
    browsers show, and a cell that holds a list or a table becomes one line, its items parted by ";".
    """
    for quote in reversed(list(tree.iter("q"))):  # the inner ones first, while they can see that they are inner
        _quote(quote)
    for element in list(tree.iter(*_DROPPED_IN_TEXT)):
        if _is_in_sentence(element):
            element.tag = "span"
    for row in list(tree.iter("tr")):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        texts = [_length(cell) for cell in cells]
        if sum(map(bool, texts)) > 1 and max(texts) <= _LONGEST_CELL:
            for cell in cells:
                _flatten(cell)


def _quote(element: _Element) -> None:
    if not _QUOTED.match(element.text or ""):
        opening, closing = "‘’" if next(element.iterancestors("q"), None) is not None else "“”"
        element.text = opening + (element.text or "")
        if len(element):
            element[-1].tail = (element[-1].tail or "") + closing
        else:
            element.text += closing
    element.tag = "span"


def _is_in_sentence(element: _Element) -> bool:
    """True if `element` stands in a line of text and not in a form, a list of links or a block of code."""
    parent = element.getparent()
    if parent is None or next(element.iterancestors("pre", "form", "nav", "header", "footer"), None) is not None:
        return False
    before = element.getprevious()
    around = (parent.text if before is None else before.tail) or "", element.tail or ""
    return any(map(str.strip, around)) and not len(element.findall(".//input"))


def _length(cell: _Element) -> int:
    return len("".join(cell.itertext()).strip())


def _flatten(cell: _Element) -> None:
    """Makes one line of a cell that holds blocks."""
    if not any(child.tag in _BLOCKS for child in cell.iter()):
        return
    text = _BETWEEN_ITEMS.join(filter(None, map(one_line, blocks_of_markup(cell))))
    for child in list(cell):
        cell.remove(child)
    cell.text = text


def blocks_of_markup(element: _Element) -> list[str]:
    """The text of each block (paragraph, heading, list item, table row) in `element`, in reading order, some empty.

    Names of elements count without their namespaces. Raises Unreadable if it is nested too deeply.
    """
    blocks: list[list[str]] = [[]]
    _collect(element, blocks, 0)
    return ["".join(block) for block in blocks]


def _collect(element: _Element, blocks: list[list[str]], depth: int) -> None:
    if depth > _MOST_DEPTH:
        raise Unreadable("is nested too deeply to be read")
    name = local_name(element)
    if name in _NO_TEXT or not name:
        return
    is_block = name in _BLOCKS
    if is_block:
        blocks.append([])
    blocks[-1].append(_spaced(element.text))
    cells = 0
    for child in element:
        inner = local_name(child)
        if inner == "br":
            blocks[-1].append("\n")
        elif inner in ("td", "th"):
            blocks[-1].append((" | " if cells else "") + one_line(" ".join(blocks_of_markup(child))))
            cells += 1
        else:
            _collect(child, blocks, depth + 1)
        blocks[-1].append(_spaced(child.tail))
    if is_block:
        blocks.append([])


def local_name(element: _Element) -> str:
    """The name of an element without its namespace, in lower case; "" for comments and instructions."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def is_markup(text: str) -> bool:
    """True if `text` is written in HTML: it closes an element, or breaks a line with one."""
    return _TAG.search(text) is not None


def paragraphs_of_markup(markup: str) -> tuple[str, ...]:
    """The paragraphs of a fragment of HTML, or of a whole page without choosing; of plain text as `paragraphs_of`.

    Raises Unreadable if it is nested too deeply.
    """
    if not _CLOSED.search(markup):
        return paragraphs_of(unescape(markup))
    from lxml import etree, html

    try:
        root = html.fragment_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", markup).replace("\0", ""), create_parent="div")
    except (etree.LxmlError, ValueError):
        root = html.document_fromstring(f"<div>{markup}</div>")
    return tuple(_lines(blocks_of_markup(root)))


def paragraphs_of_element(element: _Element) -> tuple[str, ...]:
    """The paragraphs of an element of HTML or of an XML format that names its blocks as HTML does."""
    return tuple(_lines(blocks_of_markup(element)))


def _lines(blocks: list[str]) -> Iterator[str]:
    for block in blocks:
        yield from filter(None, map(one_line, block.split("\n")))
