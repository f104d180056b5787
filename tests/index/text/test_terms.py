"""Words as the keyword index sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.terms import analyser, parted, query_terms, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Erdoğan", "erdogan"),
        ("bombing", "bombed"),
        ("jets", "JET"),
        ("El-Bab", "el bab"),
        ("café", "Cafe"),
        ("“raid”", "raid"),
    ],
)
def test_spellings_of_a_word_meet(one: str, other: str) -> None:
    """Case, accents, endings, hyphens and quotes do not keep a reader from what they look for."""
    assert terms(one) == terms(other) != []


def test_a_hyphenated_name_is_its_parts() -> None:
    """al-Bab is found as al Bab, in the order written."""
    assert terms("al-Bab") == ["al", "bab"]


def test_a_question_is_searched_by_what_it_is_about() -> None:
    """The words that make it a question are left out, each other word counts once."""
    assert query_terms("Who conducted the joint strike, the strike on al-Bab?") == terms(
        "conducted joint strike al Bab"
    )


def test_a_question_of_stop_words_keeps_them() -> None:
    """Better a search for little than none."""
    assert query_terms("Who was it?") == terms("who was it")
    assert query_terms("?!") == []


@given(st.text())
def test_any_text_has_terms(text: str) -> None:
    """Nothing a user can type fails; the terms of a question are among those of its text, each once."""
    found = query_terms(text)
    assert set(found) <= set(terms(text))
    assert len(found) == len(set(found))
    assert bool(found) == bool(terms(text))


_SCRIPTS = st.sampled_from(["abcxyz' .,-", "éßøŁçÅﬁ’“€ ", "привет ёж", "حكومة العرب", "αθλητές ή", "Ωµ№℃ı", "北京 กข"])


@given(st.lists(_SCRIPTS.flatmap(lambda letters: st.text(letters, max_size=12)), max_size=6).map("".join))
def test_terms_are_those_of_the_index(text: str) -> None:
    """A question's terms are made as the index's own are, whatever scripts a text mixes."""
    assert terms(text) == analyser().analyze(parted(text))


@pytest.mark.parametrize("text", ["Rebuilt nations’ Ångström cafés — £5 running", "городами running", "οι αθλητές ran"])
def test_words_of_every_script_lose_their_endings_as_in_the_index(text: str) -> None:
    """Latin letters alone need no stemmer of another script, and others keep theirs."""
    assert terms(text) == analyser().analyze(parted(text))
