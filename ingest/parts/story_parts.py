"""Joins a story that a page has in several boxes, with advertisements between, of which a reader of pages finds only one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

_PROSE = 60
"""Characters of a paragraph that is told by its text: shorter ones may stand anywhere."""


def join_parts(tree: _Element, found: Container[str]) -> bool:
    """Moves the boxes that look like the one with most of the `found` paragraphs into the first of them, in order.

    `found` holds paragraphs as `squeezed` leaves them. Returns False, and changes nothing, if there is only one box.
    """
    looks: Counter[tuple[str, str]] = Counter()
    for paragraph in tree.iter("p"):
        box, text = paragraph.getparent(), squeezed("".join(paragraph.itertext()))
        if box is not None and len(text) >= _PROSE and text in found:
            looks[_look(box)] += len(text)
    if not looks:
        return False
    look = looks.most_common(1)[0][0]
    boxes = list(_outermost(tree, look)) if look[1] else []
    if len(boxes) < 2:
        return False
    first, *others = boxes
    for other in others:
        first.extend(list(other))
    return True


def squeezed(text: str) -> str:
    """Letters and digits alone, so that what only marks up a text makes no difference."""
    return "".join(filter(str.isalnum, text))


def _look(box: _Element) -> tuple[str, str]:
    return str(box.tag), box.get("class") or ""


def _outermost(tree: _Element, look: tuple[str, str]) -> Iterator[_Element]:
    """The boxes that look so and lie in none that does."""
    for box in tree.iter(look[0]):
        if _look(box) == look and all(_look(outer) != look for outer in box.iterancestors()):
            yield box
