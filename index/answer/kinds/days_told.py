"""Passages that tell of the days asked about in other words: "last Friday" in the paper of Wednesday is Friday the 11th.

Such a passage counts as holding the question's words for these days, comes before others, and is read with the question
in its own words: "What was stolen last Friday?" for "What was stolen on 11 August?".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from index.answer.draft import Draft
from index.answer.when import when_said
from index.order.near_days import WEIGHT
from index.passage import FoundPassage
from index.text.places import located_sentences, sentence_around
from index.understand.days.expressions import pieces
from index.understand.days.window import TimeWindow
from newsdesk.types import When

OF_ANOTHER_DAY = 0.3
"""What is left of the probability of an answer whose clause tells of another day than the one asked about."""
_LOOKED_AT = 40
_LONGEST = timedelta(31)
"""Of longer spans of days the year is told in the article's date, not by "last Friday"."""
_PRINTED = timedelta(62)
"""News tells of days up to so long before and after it without their date: "last month", "next month"."""
_PLACED = re.compile(r"^(?:on|in|at|during) ", re.I)
_CLAUSE = re.compile(r"[,;:](?!\d)|\s[–—]\s|\band\b")


def days_told(passages: Sequence[FoundPassage], days: TimeWindow) -> list[FoundPassage]:
    """The passages, those that tell of these days marked and moved up by WEIGHT, as much as being printed near them is worth."""
    if days.first == date.min or days.last - days.first > _LONGEST:
        return list(passages)
    told = [_telling(passage, days) for passage in passages[:_LOOKED_AT]]
    return sorted([*told, *passages[_LOOKED_AT:]], key=lambda passage: -passage.score)


def is_of_another_day(draft: Draft, days: TimeWindow) -> bool:
    """Whether the clause of the answer's words tells of a day that is not asked about."""
    if (
        draft.short_at is None
        or days.last - days.first > _LONGEST
        or not _printed_near(draft.short_at[0].published, days)
    ):
        return False
    evidence, span = draft.short_at
    around = sentence_around(evidence, span)
    if around is None:
        return False
    place, sentence = around
    start = span.start - place.start
    edges = [0, *(match.end() for match in _CLAUSE.finditer(sentence)), len(sentence)]
    first = max(edge for edge in edges if edge <= start)
    last = min((edge for edge in edges if edge > start), default=len(sentence))
    meant = [when for begin, end, when in _days_of(sentence, evidence.published) if first <= begin and end <= last]
    return bool(meant) and not any(_within(when, days) for when in meant)


def _telling(passage: FoundPassage, days: TimeWindow) -> FoundPassage:
    published = passage.evidence.published
    if not _printed_near(published, days):
        return passage
    for _, sentence in located_sentences(passage.evidence):
        for start, end, when in _days_of(sentence, published):
            if _within(when, days):
                words = sentence[start:end]
                placed = _PLACED.match(days.text) if re.match(r"[A-Z\d]", words) else None
                return passage.telling(days.text, f"{placed[0] if placed else ''}{words}").scored(
                    passage.score + WEIGHT
                )
    return passage


def _days_of(sentence: str, published: date | None) -> Iterator[tuple[int, int, When]]:
    """Where the sentence names days, and which."""
    for piece in pieces(sentence):
        when = when_said(sentence, piece.start, piece.end, published)
        if when is not None:
            yield piece.start, piece.end, when


def _within(when: When, days: TimeWindow) -> bool:
    return days.first <= when.start and when.end <= days.last


def _printed_near(published: date | None, days: TimeWindow) -> bool:
    return published is not None and days.first - _PRINTED <= published <= days.last + _PRINTED
