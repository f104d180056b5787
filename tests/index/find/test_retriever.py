"""Finding passages, and spreading them over texts and articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.find.dense import DenseSearch
from index.find.keyword import KeywordIndex
from index.find.retriever import HybridRetriever
from index.order.spread import few_per_article, one_per_text
from index.passage import FoundPassage, found_passage
from index.text.terms import query_terms
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Filters
from tests.support import article, day, one_each


@pytest.fixture
def retriever(catalogue: Catalogue, tmp_path: Path) -> HybridRetriever:
    """Over three articles, by keyword alone."""
    catalogue.put(
        [
            article("raid", "Nine jets bombed al-Bab.", "Snow fell.", authors=("A. Writer",), url="u"),
            article("copy", "nine JETS bombed  al-Bab.", published=day("2017-01-18")),
            article("tram", "The tram is late."),
        ],
        one_each,
    )
    keyword = KeywordIndex(tmp_path, catalogue)
    keyword.catch_up()
    return HybridRetriever(catalogue, keyword, DenseSearch(tmp_path, catalogue))


def ids(passages: list[FoundPassage]) -> list[str]:
    """Articles of the passages."""
    return [each.evidence.article_id for each in passages]


def find(retriever: HybridRetriever, question: str) -> list[FoundPassage]:
    """What is found for a question, each of its terms counting the same."""
    return retriever.find(question, dict.fromkeys(query_terms(question), 1.0), Filters())


def test_a_found_passage_shows_its_article(catalogue: Catalogue) -> None:
    """Nothing of a passage or its article is lost."""
    for stored in catalogue.passages(catalogue.passage_numbers(Filters())).values():
        found, about = found_passage(stored, 0.5).evidence, stored.article
        assert (found.article_id, found.passage_id, found.spans) == (about.id, stored.id, stored.spans)
        assert (found.text, found.score, found.title, found.source) == (stored.text, 0.5, about.title, about.source)
        assert (found.authors, found.published, found.url) == (about.authors, about.published, about.url)


def test_a_removed_article_is_gone_at_once(retriever: HybridRetriever, catalogue: Catalogue) -> None:
    """Though the view still knows it: what a view returns is looked up in the catalogue."""
    assert ids(find(retriever, "tram")) == ["tram"]
    catalogue.remove(["tram"])
    assert find(retriever, "tram") == []


def test_a_question_without_words_finds_nothing(retriever: HybridRetriever) -> None:
    """And does not fail."""
    assert find(retriever, "?!") == []


def test_the_same_text_is_kept_once(retriever: HybridRetriever) -> None:
    """Syndicated copies fall together, the best stays, whatever their case and white space."""
    passages = find(retriever, "jets")
    assert sorted(ids(passages)) == ["copy", "raid"]
    assert one_per_text(passages) == passages[:1]
    assert one_per_text([]) == []


def test_one_long_story_does_not_fill_the_page(catalogue: Catalogue) -> None:
    """Its passages beyond the third stand behind the others; none is lost, and order is kept among both."""
    catalogue.put([article("long", *(f"Text {n}." for n in range(6))), article("short", "One.", "Two.")], one_each)
    stored = sorted(catalogue.passages(catalogue.passage_numbers(Filters())).values(), key=lambda p: p.number)
    passages = [found_passage(passage, 1 / (1 + place)) for place, passage in enumerate(stored)]
    moved = few_per_article(passages)
    assert ids(moved) == ["long"] * 3 + ["short"] * 2 + ["long"] * 3
    assert moved == [*passages[:3], *passages[6:], *passages[3:6]]
