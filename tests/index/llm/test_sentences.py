"""What a model streams, as sentences with the numbers they cite."""

from __future__ import annotations

import random

import pytest

from index.llm.sentences import Sentence, Sentences
from newsdesk.types import Drafted


def read(*pieces: str) -> tuple[list[tuple[str, tuple[int, ...]]], str]:
    """The sentences with their keys, and all words that were shown while they were written."""
    sentences, words, found = Sentences(), "", []
    for part in [part for piece in pieces for part in sentences.feed(piece)] + list(sentences.end()):
        if isinstance(part, Drafted):
            words += part.text
        else:
            found.append((part.text, part.keys))
    return found, words


ONE = "The mayor opened the pool."
OTHER = "Rain fell on Tuesday."


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"{ONE} [1] {OTHER} [2]", [(ONE, (1,)), (OTHER, (2,))]),
        ("The mayor opened the pool [1]. Rain fell on Tuesday [2].", [(ONE, (1,)), (OTHER, (2,))]),
        (f"{ONE} [1][3] {OTHER}", [(ONE, (1, 3)), (OTHER, ())]),
        (f"{ONE} [1, 3] {OTHER} [[2]]", [(ONE, (1, 3)), (OTHER, (2,))]),
        (f"{ONE} 【2†source】 {OTHER} (4)", [(ONE, (2,)), (OTHER, (4,))]),
        (f"{ONE} [Paragraph 2] {OTHER} [^3]", [(ONE, (2,)), (OTHER, (3,))]),
        (f"- **{ONE}** [1]\n- {OTHER} [2]\n", [(ONE, (1,)), (OTHER, (2,))]),
        (f"1. {ONE}\n2) {OTHER}", [(ONE, ()), (OTHER, ())]),
        (f"<p>{ONE}</p> <b>{OTHER}</b>", [(ONE, ()), (OTHER, ())]),
        (f"<think>Shall I lie? Yes. [9]</think>{ONE} [1]", [(ONE, (1,))]),
        ("Profits &amp; losses rose.", [("Profits & losses rose.", ())]),
        ("They sat until 10 p.m. [1] It rained. [2]", [("They sat until 10 p.m.", (1,)), ("It rained.", (2,))]),
        ("It was 3 < 4 and [sic] so.", [("It was 3 < 4 and [sic] so.", ())]),
        ("A man (31) fell [in 2016].", [("A man (31) fell [in 2016].", ())]),
        ("", []),
        (" \n [1] ... \n", []),
    ],
)
def test_markers_are_read_however_a_model_writes_them(
    written: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    """In brackets of any kind, before or behind the full stop, one or several, and whatever else is not text goes."""
    assert read(written)[0] == expected
    assert read(*written)[0] == expected, "the same, character by character"


@pytest.mark.parametrize("broken", ["[", "[1", "[1,", "[[1", "【2", "[Paragraph 1", "[1 [2", "<b", "<think>"])
def test_half_a_marker_never_comes_out(broken: str) -> None:
    """A model that is cut off within one shows none of it, nor does one that goes on without closing it."""
    for written in (f"{ONE} {broken}", f"{ONE} {broken} {OTHER}", f"{ONE} <", f"{ONE} ("):
        found, words = read(*written)
        shown = words + " ".join(text for text, _ in found)
        assert not set("[]【】") & set(shown), shown
        assert found[0][0] == ONE


def test_words_come_as_they_are_written() -> None:
    """Each piece at once, without markers, and together they are the text."""
    sentences = Sentences()
    assert list(sentences.feed("The mayor")) == [Drafted("The mayor")]
    assert list(sentences.feed(" opened ")) == [Drafted(" opened")]
    assert list(sentences.feed("the pool [")) == [Drafted(" the pool")]
    assert list(sentences.feed("1]")) == []
    assert list(sentences.feed(". R")) == [Drafted(". R"), Sentence(ONE, (1,))]


def test_a_sentence_that_was_not_finished_says_so() -> None:
    """One without an end and without a marker may lack the word that turns it round."""
    for written, finished in (("The mayor opened", False), ("The mayor opened [1]", True), (ONE, True)):
        sentences = Sentences()
        parts = [*sentences.feed(written), *sentences.end()]
        assert [part.finished for part in parts if isinstance(part, Sentence)] == [finished]


def test_any_text_in_any_pieces_ends_and_shows_no_half_marker() -> None:
    """Noise in pieces of any length: the same sentences however it is cut, and never an open bracket with a number."""
    pick = random.Random(3)
    alphabet = [
        "[",
        "]",
        "1",
        "2",
        "【",
        "】",
        "<",
        ">",
        "/",
        "b",
        ". ",
        "A dog",
        " ran",
        "\n",
        ",",
        "(",
        ")",
        "think",
        "*",
    ]
    for _ in range(300):
        written = "".join(pick.choices(alphabet, k=40))
        whole, words = read(written)
        assert read(*written)[0] == whole
        assert "[1" not in words
        assert "【" not in words
