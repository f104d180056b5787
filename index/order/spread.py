"""Spreading the passages over texts, stories and articles, so that no single one fills the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from index.passage import FoundPassage, same_story
from index.text.copies import share_most_words


def one_per_text(passages: Sequence[FoundPassage]) -> list[FoundPassage]:
    """The passages in the order given, of several with the same text (syndicated copies) only the first."""
    first: dict[str, FoundPassage] = {}
    for passage in passages:
        first.setdefault(" ".join(passage.evidence.text.split()).casefold(), passage)
    return list(first.values())


def copies_last(passages: Sequence[FoundPassage], depth: int = 30) -> list[FoundPassage]:
    """The passages with near copies of a better one behind the others: a story that was sent out must not be read ten times.

    A copy shares most of its words with a passage of another article of the same story. Ten of them would leave no room to
    read what other outlets found out themselves; what only one outlet printed of the story stays. Only the first `depth`
    are looked at; no more are read.
    """
    first, copies = _without_copies(passages, depth)
    return [*first, *copies]


def spread(passages: Sequence[FoundPassage]) -> tuple[list[FoundPassage], int]:
    """The passages as `copies_last` and `few_per_article` order them, and how many would still stand in front if more came behind."""
    first, copies = _without_copies(passages)
    return few_per_article([*first, *copies]), len(_few(first)[0])


def _without_copies(passages: Sequence[FoundPassage], depth: int = 30) -> tuple[list[FoundPassage], list[FoundPassage]]:
    first: list[FoundPassage] = []
    copies: list[FoundPassage] = []
    for passage in passages[:depth]:
        (copies if any(_is_copy(passage, other) for other in first) else first).append(passage)
    return [*first, *passages[depth:]], copies


def _is_copy(one: FoundPassage, other: FoundPassage) -> bool:
    another = one.evidence.article_id != other.evidence.article_id
    return another and same_story(one, other) and share_most_words(one.terms.of_text, other.terms.of_text)


def few_per_article(passages: Sequence[FoundPassage], most: int = 3) -> list[FoundPassage]:
    """The passages with all but the best `most` of an article behind the others: one long story must not fill the page.

    Three measured best on the questions of June and July (docs/why.md).
    """
    first, later = _few(passages, most)
    return first + later


def _few(passages: Sequence[FoundPassage], most: int = 3) -> tuple[list[FoundPassage], list[FoundPassage]]:
    taken: Counter[str] = Counter()
    first: list[FoundPassage] = []
    later: list[FoundPassage] = []
    for passage in passages:
        article_id = passage.evidence.article_id
        taken[article_id] += 1
        (first if taken[article_id] <= most else later).append(passage)
    return first, later
