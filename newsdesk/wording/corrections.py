"""What versions of an article differ in, told to readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Literal

from newsdesk.types import Article, Change, Correction
from newsdesk.wording.dateline import in_words
from newsdesk.wording.difference import Difference, Piece, differences, words_changed

HowChanged = Literal["corrected", "updated", "described"]

_LONGEST = 80  # characters of words that a line quotes
_MOST = 3  # changes that a line tells


@dataclass(frozen=True, slots=True)
class Changed:
    """What one version of an article changed of the one before."""

    how: HowChanged
    """`corrected`: words that were printed have gone; `updated`: words only came; `described`: the text is the same."""
    title: tuple[Piece, ...]
    """Of the headline; empty when it is the same."""
    paragraphs: tuple[Difference, ...]


def changed(before: Article, after: Article) -> Changed:
    """What `after` changed of `before`."""
    title = words_changed(before.title, after.title) if before.title != after.title else ()
    paragraphs = tuple(differences(before.paragraphs, after.paragraphs))
    pieces = [*title, *(piece for each in paragraphs for piece in each.pieces)]
    return Changed(_how(pieces), title, paragraphs)


def correction(before: Article, after: Article, paragraph: int, seen_at: str) -> Correction | None:
    """How a paragraph of `after` differs from what `before` had in its place; None when `before` has it too.

    `seen_at` (ISO 8601) gives the day where the publisher tells none.
    """
    if after.paragraphs[paragraph] in before.paragraphs:
        return None
    found = next((each for each in differences(before.paragraphs, after.paragraphs) if each.after == paragraph), None)
    on = changed_on(after, seen_at)
    if found is None or on is None:
        return None
    was = before.paragraphs[found.before] if found.before is not None else ""
    kind = _how(found.pieces)
    return Correction("corrected" if kind == "corrected" else "updated", on, was, tuple(_changes(found.pieces)))


def changed_on(article: Article, seen_at: str) -> date | None:
    """The day on which a version was made, by its publisher, or else on which it was seen; None when neither is known."""
    for moment in (article.modified, seen_at):
        with suppress(ValueError):
            return date.fromisoformat(moment[:10])
    return None


def in_a_line(told: Correction) -> str:
    """ "Corrected on 4 May 2024: “nine” became “eleven”."."""
    parts = [_in_words(change) for change in told.changes[:_MOST]]
    more = " and more" if len(told.changes) > _MOST else ""
    return f"{told.kind.capitalize()} on {in_words(told.on)}: {'; '.join(parts)}{more}."


def _in_words(change: Change) -> str:
    if not change.added:
        return f"{_quoted(change.removed)} was taken out"
    if not change.removed:
        return f"{_quoted(change.added)} was added"
    return f"{_quoted(change.removed)} became {_quoted(change.added)}"


def _quoted(words: str) -> str:
    words = words.strip()
    return f"“{words if len(words) <= _LONGEST else words[:_LONGEST].rstrip() + ' …'}”"


def _how(pieces: Sequence[Piece]) -> HowChanged:
    if any(piece.kind == "removed" and piece.text.strip() for piece in pieces):
        return "corrected"
    return "updated" if any(piece.kind == "added" and piece.text.strip() for piece in pieces) else "described"


def _changes(pieces: Sequence[Piece]) -> Iterator[Change]:
    """What went with what came in its place; changes of white space alone are none."""
    place = 0
    while place < len(pieces):
        removed = added = ""
        if pieces[place].kind == "removed":
            removed, place = pieces[place].text, place + 1
        if place < len(pieces) and pieces[place].kind == "added":
            added, place = pieces[place].text, place + 1
        if removed.strip() or added.strip():
            yield Change(removed.strip(), added.strip())
        elif not removed and not added:
            place += 1
