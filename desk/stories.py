"""Whether a new article only tells again what was told: the one place that says what a story is."""

from __future__ import annotations

from collections.abc import Sequence

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.saved import SavedQuestion
from newsdesk.types import Citation


def same_story(catalogue: Catalogue, cited: Citation) -> set[str]:
    """Ids of other articles that tell what is cited: those that print the same paragraph, and copies of the article."""
    printed = {copy.article_id for copy in catalogue.copies(cited.article_id, cited.paragraph)}
    return {*printed, *catalogue.stories.of(cited.article_id)} - {cited.article_id}


def is_told(catalogue: Catalogue, saved: SavedQuestion, article_id: str, story: Sequence[str]) -> bool:
    """Whether whoever saved the question knows the story: it was told of another of its articles, or one was there before."""
    if catalogue.saved.told_of(saved.key, story):
        return True
    arrivals = catalogue.saved.arrivals([article_id, *story])
    return any(arrivals.get(other, saved.since + 1) <= saved.since for other in story)
