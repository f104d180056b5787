"""A story in several boxes of a page becomes one in one box."""

from __future__ import annotations

import pytest
from lxml import html

from ingest.parts.story_parts import join_parts, squeezed

TEXTS = [
    f"The harbour office counted {number} ships in the roads of Orsay, as many as on the day before."
    for number in range(6)
]
FOUND = {squeezed(TEXTS[0]), squeezed(TEXTS[1])}


def page(look: str, other: str) -> html.HtmlElement:
    """Three boxes with two paragraphs each, and a box of another look between them."""
    boxes = [f"<div{look}><p>{TEXTS[at]}</p><p>{TEXTS[at + 1]}</p></div>" for at in (0, 2, 4)]
    return html.fromstring(f"<main><div>{f'<div{other}><p>{TEXTS[0]} Buy boats.</p></div>'.join(boxes)}</div></main>")


def test_boxes_of_one_look_are_joined_in_their_order() -> None:
    """What lies between them stays where it is."""
    tree = page(' class="copy row"', ' class="ad"')
    assert join_parts(tree, FOUND)
    first = tree.find_class("copy")[0]
    assert [text.text for text in first.iter("p")] == TEXTS
    assert [box.text_content() for box in tree.find_class("ad")] == [f"{TEXTS[0]} Buy boats."] * 2


@pytest.mark.parametrize(
    "found", [set[str](), {squeezed("Something else that nobody ever put on this page of the harbour office.")}]
)
def test_nothing_is_joined_to_what_is_not_there(found: set[str]) -> None:
    """Where none of the paragraphs is on the page, the page stays as it is."""
    tree = page(' class="copy"', ' class="ad"')
    before = html.tostring(tree)
    assert not join_parts(tree, found)
    assert html.tostring(tree) == before


def test_boxes_without_a_look_are_not_alike() -> None:
    """A bare <div> may be anything, and one box is the whole story already."""
    assert not join_parts(page("", ""), FOUND)
    assert not join_parts(html.fromstring(f'<div class="copy"><p>{TEXTS[0]}</p><p>{TEXTS[1]}</p></div>'), FOUND)


def test_boxes_in_boxes_are_moved_once() -> None:
    """Where boxes of one look lie in each other, the outer ones are joined."""
    inner = f'<div class="copy"><p>{TEXTS[2]}</p></div>'
    tree = html.fromstring(
        f'<main><div class="copy"><p>{TEXTS[0]}</p>{inner}</div><div class="copy"><p>{TEXTS[3]}</p></div></main>'
    )
    assert join_parts(tree, FOUND)
    assert [text.text for text in tree.iter("p")] == [TEXTS[0], TEXTS[2], TEXTS[3]]
