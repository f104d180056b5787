"""Whether a new article only tells again what was told: the one place that says what a story is."""

from __future__ import annotations

from collections.abc import Sequence

from index.find.keyword import KeywordIndex
from index.text.copies import are_copies
from index.text.terms import query_terms
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.saved import SavedQuestion
from newsdesk.types import Citation

_LOOKED_AT = 20  # passages nearest to the cited one among which copies of it are looked for
_ASKED = 300  # characters of the cited passage that they are looked for with


def same_story(keyword: KeywordIndex, catalogue: Catalogue, cited: Citation, passage: str) -> set[str]:
    """Ids of other articles that tell in the same words what is cited; `passage` is the text of the passage cited from.

    Those that print the same paragraph, and those with a passage that is a copy of this one with a few words changed.
    """
    found = {copy.article_id for copy in catalogue.copies(cited.article_id, cited.paragraph)}
    words = frozenset(query_terms(passage))  # of the small words all texts have the same
    near = keyword.search(dict.fromkeys(query_terms(passage[:_ASKED]), 1.0), _LOOKED_AT)
    for stored in catalogue.passages([number for number, _ in near]).values():
        if are_copies(words, frozenset(query_terms(stored.text))):
            found.add(stored.article.id)
    return found - {cited.article_id}


def is_told(catalogue: Catalogue, saved: SavedQuestion, article_id: str, story: Sequence[str]) -> bool:
    """Whether whoever saved the question knows the story: it was told of another of its articles, or one was there before."""
    if catalogue.saved.told_of(saved.key, story):
        return True
    arrivals = catalogue.saved.arrivals([article_id, *story])
    return any(arrivals.get(other, saved.since + 1) <= saved.since for other in story)
