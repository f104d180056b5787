"""Lists as articles print them: a sentence that ends in a colon, and the items below it, each a paragraph of its own."""

from __future__ import annotations

import re

from index.text.places import located_sentences, pieces_of, text_at
from newsdesk.types import Evidence, Span

# A long dash opens direct speech in many papers, and no item.
_ITEM = re.compile(r"\s*(?:[-–*•·▪‣]|\(?(?:\d{1,2}|[a-z])[.)])\s+\S")


def items_below(evidence: Evidence, sentence: Span) -> list[Span]:
    """The items that a sentence introduces, in order; empty when it introduces none."""
    if not text_at(evidence, sentence).rstrip().endswith(":"):
        return []
    items = []
    for paragraph in _paragraphs(evidence):
        if (paragraph.paragraph, paragraph.start) < (sentence.paragraph, sentence.end):
            continue
        if not _is_item(evidence, paragraph):
            break
        items.append(paragraph)
    return items


def introduction_of(evidence: Evidence, span: Span) -> Span | None:
    """The sentence above the items of which one holds the span; None when it stands in no item."""
    paragraphs = _paragraphs(evidence)
    place = next((place for place, each in enumerate(paragraphs) if _holds(each, span)), None)
    if place is None or not _is_item(evidence, paragraphs[place]):
        return None
    above = next((each for each in reversed(paragraphs[:place]) if not _is_item(evidence, each)), None)
    if above is None or not text_at(evidence, above).endswith(":"):
        return None
    return next((each for each, _ in reversed(located_sentences(evidence)) if _holds(above, each)), None)


def _paragraphs(evidence: Evidence) -> list[Span]:
    return [
        Span(part.paragraph, part.start, part.start + len(piece.rstrip())) for part, _, piece in pieces_of(evidence)
    ]


def _is_item(evidence: Evidence, paragraph: Span) -> bool:
    return bool(_ITEM.match(text_at(evidence, paragraph)))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.paragraph == inner.paragraph and outer.start <= inner.start and inner.end <= outer.end
