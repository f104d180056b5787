"""Lists in articles: which paragraphs are the items of a sentence, and which sentence introduces an item."""

from __future__ import annotations

import pytest

from index.text.items import introduction_of, items_below
from index.text.places import located_sentences, text_at
from newsdesk.types import Evidence, Span

SIGNS = ["- ", "* ", "• ", "– ", "1. ", "2) ", "(3) ", "b) "]


def evidence(*paragraphs: str) -> Evidence:
    """A passage of whole paragraphs."""
    spans = tuple(Span(number, 0, len(paragraph)) for number, paragraph in enumerate(paragraphs))
    return Evidence("p", "a", spans, "\n\n".join(paragraphs), 1.0, "Title", "", (), None, "")


def place_of(passage: Evidence, words: str) -> Span:
    """Where these words stand."""
    for number, paragraph in enumerate(passage.text.split("\n\n")):
        if words in paragraph:
            start = paragraph.index(words)
            return Span(number, start, start + len(words))
    raise AssertionError(words)


def below(passage: Evidence, start: str) -> list[str]:
    """The items below the sentence that starts so."""
    sentence = next(span for span, text in located_sentences(passage) if text.startswith(start))
    return [text_at(passage, item) for item in items_below(passage, sentence)]


@pytest.mark.parametrize("sign", SIGNS)
def test_the_items_of_a_sentence_are_the_paragraphs_below_it(sign: str) -> None:
    """Whatever sign they carry, behind whatever sentence of its paragraph comes last; what follows the list is no item."""
    items = [f"{sign}the mill at Osk", f"{sign}both ferries", f"{sign}a school"]
    passage = evidence("It rained. Three things will be repaired:", *items, "Work begins in May.")
    assert below(passage, "Three things") == items
    assert below(passage, "It rained") == []
    assert below(passage, "Work begins") == []


def test_a_colon_alone_makes_no_list() -> None:
    """A quotation behind a colon, or a dash in running text, is no item."""
    passage = evidence("The mayor said one thing:", "“We shall see.” – and left.")
    assert below(passage, "The mayor") == []
    passage = evidence("Then the thief spoke:", "— Where is the key?", "— I gave it away, said the cook.")
    assert below(passage, "Then") == []


def test_an_item_knows_its_introduction() -> None:
    """The last sentence before the first item, when it ends in a colon; what stands in no item has none."""
    passage = evidence("It rained. To be repaired:", "- the mill", "- both ferries", "In May.")
    found = introduction_of(passage, place_of(passage, "both ferries"))
    assert found is not None
    assert text_at(passage, found) == "To be repaired:"
    assert introduction_of(passage, place_of(passage, "May")) is None
    assert introduction_of(passage, place_of(passage, "rained")) is None
    loose = evidence("It rained.", "- the mill")
    assert introduction_of(loose, place_of(loose, "the mill")) is None
