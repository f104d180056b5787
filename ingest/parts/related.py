"""Lines between a story's paragraphs that lead to other stories: "Related: ...", "SEE MORE: ...", a headline as a link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_OUTSIDE = 20
"""Characters that are no link: what calls the link by name ("Read more:"), not a sentence around it."""
_FEWEST_WORDS = 4
_LONGEST = 160
_FEWEST_PROSE = 3
_PROSE = 80
_CLOSED = re.compile(r"""[.!?…:;,。！？][\"'”’»)\]]*$""")
_ADDRESS = re.compile(r"://|www\.|@")


def drop_related(tree: _Element) -> None:
    """Takes out of a page the paragraphs that are a link to another page and nothing else.

    Only between paragraphs of prose, of which there must be more: a list of links may be what the page is about.
    """
    groups: dict[_Element, list[_Element]] = {}
    for paragraph in tree.iter("p"):
        parent = paragraph.getparent()
        if parent is not None:
            groups.setdefault(parent, []).append(paragraph)
    for paragraphs in groups.values():
        links = [paragraph for paragraph in paragraphs if _is_link(paragraph)]
        prose = sum(_length(paragraph) >= _PROSE for paragraph in paragraphs) - sum(
            _length(link) >= _PROSE for link in links
        )
        if prose >= max(_FEWEST_PROSE, len(links)):
            for link in links:
                link.drop_tree()


def _is_link(paragraph: _Element) -> bool:
    """True for one link, or several with next to nothing between, that are not closed like a sentence."""
    text = _text(paragraph)
    if not len(text.split()) >= _FEWEST_WORDS or len(text) > _LONGEST or _CLOSED.search(text) or _ADDRESS.search(text):
        return False
    linked = sum(_length(link) for link in paragraph.iter("a") if _leads_elsewhere(link))
    return linked > 0 and len(text) - linked <= _MOST_OUTSIDE and 2 * linked > len(text)


def _leads_elsewhere(link: _Element) -> bool:
    """False for a place on the same page, and for what is no page."""
    return not (link.get("href") or "#").startswith(("#", "mailto:", "tel:", "javascript:"))


def _length(element: _Element) -> int:
    return len(_text(element))


def _text(element: _Element) -> str:
    return " ".join("".join(element.itertext()).split())
