"""Other spellings of what is asked, on a real keyword index."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.find.keyword import KeywordIndex
from index.understand.conversation import standalone
from index.understand.spelling import PACKAGED, VARIANT_WEIGHT, read_aliases, with_variants
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import SettingsError
from tests.support import article, one_each, passages_of

TEXTS = {
    "strike": "Jets struck the town of al-Bab on Wednesday.",
    "joined": "The road to Manbij was open again.",
    "river": "A ferry crossed the Dnipro near Kyiv.",
    "president": "Recep Tayyip Erdoğan spoke in Ankara.",
    "goal": "Łukasz Wrona scored in the last minute.",
    "flight": "Flight TK1980 landed with 10250 parcels.",
}


@pytest.fixture
def keyword(catalogue: Catalogue, tmp_path: Path) -> KeywordIndex:
    """Six articles of a sentence each."""
    catalogue.put([article(id_, text, title="News") for id_, text in TEXTS.items()], one_each)
    index = KeywordIndex(tmp_path, catalogue)
    index.catch_up()
    return index


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Who struck Al Bab?", "strike"),
        ("Who bombed Albab?", "strike"),
        ("Who bombed ALBAB?", "strike"),
        ("Who bombed el-Bab?", "strike"),
        ("Where is Man Bij?", "joined"),
        ("Which river is near Kiev?", "river"),
        ("What did Erdogan say?", "president"),
        ("Who is Lukas?", "goal"),
        ("What did Erdogann say?", "president"),
        ("What did Erdoagn say?", "president"),
        ("Where is Manbjj?", "joined"),
    ],
)
def test_another_spelling_finds_it(keyword: KeywordIndex, catalogue: Catalogue, question: str, found: str) -> None:
    """Hyphens, joined and parted words, transliterations, accents, one slip of the pen."""
    weights = with_variants(standalone(question, ()).weights, question, read_aliases(PACKAGED), keyword.holds)
    [(number, _), *_] = keyword.search(weights, 5, near=True)
    assert number in passages_of(catalogue, found).values()


def test_what_stands_in_the_archive_is_taken_at_its_word(keyword: KeywordIndex) -> None:
    """A term that is there finds itself alone; short terms, numbers and codes are never guessed at."""
    assert len(keyword.search({"town": 1.0}, 5, near=True)) == 1
    assert keyword.search({"bax": 1.0}, 5, near=True) == keyword.search({"roaf": 1.0}, 5, near=True) == []
    assert len(keyword.search({"tk1980": 1.0}, 5)) == len(keyword.search({"10250": 1.0}, 5)) == 1
    for term in ("tk1981", "10350"):
        assert keyword.search({term: 1.0}, 5, near=True) == []
        assert not keyword.holds(term, near=True)
    assert keyword.holds("erdogann", near=True)
    assert not keyword.holds("erdogann")
    assert keyword.search({"erdogann": 1.0}, 5) == [], "only where it is asked for"


@pytest.mark.parametrize(
    ("question", "joined"),
    [
        ("What is land reform?", ""),
        ("Who joined the me too movement?", ""),
        ("Where is Man Bij?", "manbij"),
        ("Al Bab", "albab"),
    ],
)
def test_words_that_make_a_third_by_chance_are_not_joined(question: str, joined: str) -> None:
    """ "is land" is no island: both words are known and one of them is everywhere."""
    known = {"is", "land", "island", "the", "me", "theme", "reform", "al", "bab", "albab", "manbij"}
    weights = with_variants({}, question, (), known.__contains__)
    assert [term for term in weights if term not in question.casefold().split()] == ([joined] if joined else [])


def test_a_newsroom_adds_its_own_names(tmp_path: Path) -> None:
    """One name a line; comments and empty lines are passed over; what cannot be understood is said with its line."""
    file = tmp_path / "aliases.txt"
    file.write_text("# ours\n\nPort Selwick = the Port = PSK  # since 2011\n", encoding="utf-8")
    [name] = read_aliases(file)
    weights = with_variants({"psk": 1.0}, "Who runs PSK?", [name], lambda term: False)
    assert weights == {"psk": 1.0, "port": VARIANT_WEIGHT, "selwick": VARIANT_WEIGHT, "the": VARIANT_WEIGHT}
    for wrong in ("Kyiv", "Kyiv =", "= Kiev"):
        file.write_text(f"a = b\n{wrong}\n", encoding="utf-8")
        with pytest.raises(SettingsError, match="Line 2"):
            read_aliases(file)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_aliases(tmp_path / "missing.txt")


words = st.lists(st.sampled_from(["al", "bab", "albab", "kiev", "jet", "xyzzy", "a"]), max_size=6)


@given(words, st.frozensets(st.sampled_from(["al", "bab", "albab", "kyiv", "jet"])))
def test_variants_only_add(asked: list[str], known: frozenset[str]) -> None:
    """The question's own terms keep their weights, and what is added counts less."""
    weights = dict.fromkeys(asked, 1.0)
    more = with_variants(weights, " ".join(asked), read_aliases(PACKAGED), known.__contains__)
    assert {term: more[term] for term in weights} == weights
    assert all(more[term] == VARIANT_WEIGHT for term in more.keys() - weights.keys())
