"""Coverage of a question, and the order of passages by it and other cheap measures."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.find.keyword import KeywordIndex
from index.order.features import DEPTH, by_features
from index.passage import FoundPassage, passage_of
from index.understand.conversation import standalone
from index.understand.worth import NAME_WEIGHT, coverage, term_worth
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Evidence
from tests.support import article, one_each

worths = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.1, 10), max_size=8)
found = st.frozensets(st.sampled_from("abcdefgh"))


def passage(name: str, text: str, score: float) -> FoundPassage:
    """A passage without a headline, found by keyword as well as its score says."""
    return passage_of(Evidence(name, name, (), text, score, "", "", (), None, ""), by_keyword=score)


@given(worths, found, found)
def test_coverage_grows_with_what_is_found(worth: dict[str, float], one: frozenset[str], more: frozenset[str]) -> None:
    """It lies between 0 and 1, finding more never lowers it, and all terms make it 1."""
    assert 0 <= coverage(worth, one) <= coverage(worth, one | more) <= 1 + 1e-9
    if worth:
        assert coverage(worth, frozenset(worth)) == pytest.approx(1)


def test_names_and_rare_words_are_worth_more(catalogue: Catalogue, tmp_path: Path) -> None:
    """A word in every article is worth less than a rare one, and a name more than a word as rare."""
    catalogue.put([article("a", "The harbour of Selwick closed."), article("b", "The harbour opened.")], one_each)
    keyword = KeywordIndex(tmp_path, catalogue)
    keyword.catch_up()
    worth = term_worth(keyword, standalone("Which harbour closed in Selwick?", ()))
    assert worth["harbour"] < worth["close"]
    assert worth["selwick"] == pytest.approx(NAME_WEIGHT * worth["close"])


@given(st.lists(st.tuples(st.sampled_from(["jet", "jet ship", "ship", "snow"]), st.floats(0.01, 1)), max_size=50))
def test_reranking_loses_nothing(drawn: list[tuple[str, float]]) -> None:
    """Every passage is still there once, best first, and passages beyond the depth stay behind in their order."""
    passages = [passage(str(number), text, score) for number, (text, score) in enumerate(drawn)]
    ordered = by_features(passages, {"jet": 2.0, "ship": 1.0})
    assert sorted(each.evidence.passage_id for each in ordered) == sorted(each.evidence.passage_id for each in passages)
    scores = [each.score for each in ordered[:DEPTH]]
    assert scores == sorted(scores, reverse=True)
    assert ordered[DEPTH:] == [each.scored(0.0) for each in passages[DEPTH:]]


def test_what_holds_all_that_is_asked_comes_first() -> None:
    """Of two passages that were found equally well, the one with both words leads."""
    passages = [passage("one", "a jet", 0.5), passage("both", "a jet and a ship", 0.5)]
    ordered = by_features(passages, {"jet": 1.0, "ship": 1.0})
    assert [each.evidence.passage_id for each in ordered] == ["both", "one"]
