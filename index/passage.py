"""A passage on its way through finding, ordering, reading and answering."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from index.read.reader import Reading
from index.text.terms import terms
from newsdesk.catalogue.rows import StoredPassage
from newsdesk.types import Evidence


class PassageTerms:
    """The terms of a passage, worked out when they are first asked for and kept from then on."""

    def __init__(self, title: str, text: str, says: str = "") -> None:
        """`says`: what the text says in other words, whose terms count as well."""
        self._title, self._text, self._says = title, text, says

    @cached_property
    def of_text(self) -> frozenset[str]:
        """Of the text alone."""
        return frozenset(terms(self._text))

    @cached_property
    def with_title(self) -> frozenset[str]:
        """Of the text and the article's headline."""
        return self.of_text.union(terms(self._title), terms(self._says))


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was found for a question, with what each step has learnt of it."""

    evidence: Evidence
    """What an answer shows of it; its score is the one that the last step gave."""
    terms: PassageTerms
    by_keyword: float = 0.0
    """Score of the keyword search against the best one's; 0 when it did not find the passage."""
    by_meaning: float = 0.0
    """The same for the search by meaning."""
    found: float = 0.0
    """How well it had been found before it was read: its score against the best one's, 0..1."""
    tells: str = ""
    """The words with which it tells of the days that the question asks about: "last Friday"; empty when it does not."""
    reading: Reading | None = None
    """What the reader found in it; None when it was not read."""
    story: int = 0
    """The number of the story that its article tells; 0 when that is not known."""

    @property
    def score(self) -> float:
        """The score that the last step gave."""
        return self.evidence.score

    def scored(self, score: float) -> FoundPassage:
        """The same passage with another score."""
        return replace(self, evidence=replace(self.evidence, score=score))

    def telling(self, days: str, words: str) -> FoundPassage:
        """The same passage, which tells of `days`, as the question has them, with these words."""
        return replace(self, tells=words, terms=PassageTerms(self.evidence.title, self.evidence.text, days))


def found_passage(
    stored: StoredPassage, score: float, by_keyword: float = 0.0, by_meaning: float = 0.0
) -> FoundPassage:
    """A passage of the catalogue as it was found."""
    about = stored.article
    evidence = Evidence(
        article_id=about.id,
        passage_id=stored.id,
        spans=stored.spans,
        text=stored.text,
        score=score,
        title=about.title,
        source=about.source,
        authors=about.authors,
        published=about.published,
        url=about.url,
        sample=about.sample,
    )
    return passage_of(evidence, by_keyword, by_meaning, stored.story)


def same_story(one: FoundPassage, other: FoundPassage) -> bool:
    """Whether the passages are of one article, or of two that are one story (newsdesk.catalogue.stories): one piece of evidence."""
    same_article = one.evidence.article_id == other.evidence.article_id
    return same_article or one.story == other.story != 0


def passage_of(evidence: Evidence, by_keyword: float = 0.0, by_meaning: float = 0.0, story: int = 0) -> FoundPassage:
    """The passage that this evidence shows."""
    return FoundPassage(evidence, PassageTerms(evidence.title, evidence.text), by_keyword, by_meaning, story=story)
