"""Where the characters of a passage stand in their paragraphs."""

from __future__ import annotations

from collections.abc import Iterator

from newsdesk.types import Evidence, Span
from newsdesk.wording.sentences import sentence_spans


def located_sentences(evidence: Evidence) -> list[tuple[Span, str]]:
    """The sentences of a passage, in reading order, with their places in their paragraphs."""
    return [
        (Span(part.paragraph, part.start + start, part.start + end), piece[start:end])
        for part, _, piece in pieces_of(evidence)
        for start, end in sentence_spans(piece)
    ]


def sentence_around(evidence: Evidence, span: Span) -> tuple[Span, str] | None:
    """The sentence in which the span begins, with its place in its paragraph; None when the passage has none there."""
    return next(
        (
            (place, text)
            for place, text in located_sentences(evidence)
            if place.paragraph == span.paragraph and place.start <= span.start < place.end
        ),
        None,
    )


def located(evidence: Evidence, start: int, end: int) -> Span | None:
    """The place of characters [start:end] of the passage's text; None when they lie in more than one piece of it."""
    for part, offset, piece in pieces_of(evidence):
        if offset <= start < end <= offset + len(piece):
            return Span(part.paragraph, part.start + start - offset, part.start + end - offset)
    return None


def text_at(evidence: Evidence, span: Span) -> str:
    """The characters of a span that lies in the passage. Raises ValueError for one that does not."""
    for part, _, piece in pieces_of(evidence):
        if part.paragraph == span.paragraph and part.start <= span.start and span.end <= part.end:
            return piece[span.start - part.start : span.end - part.start]
    raise ValueError(f"{span} lies outside the passage {evidence.passage_id!r}")


def pieces_of(evidence: Evidence) -> Iterator[tuple[Span, int, str]]:
    """The parts that `newsdesk.types.passage_text` has joined, each with where it begins in the passage's text."""
    offset = 0
    for index, part in enumerate(evidence.spans):
        if index:
            offset += 1 if part.paragraph == evidence.spans[index - 1].paragraph else 2
        piece = evidence.text[offset : offset + part.end - part.start]
        yield part, offset, piece
        offset += len(piece)
