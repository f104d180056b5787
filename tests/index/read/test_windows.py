"""What the model sees of a question and a text, whatever they are made of."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from index.read.windows import MAX_QUESTION_WORDS, OVERLAP, Tokens, Window, batch_of, load_tokenizer, tokenize
from newsdesk.errors import ModelError
from tests.index.read.training.world import TOKENIZER, long_texts, texts

MOST = 256
CUTTING = load_tokenizer(TOKENIZER, MOST)
WHOLE = Tokenizer.from_file(str(TOKENIZER))
WHOLE.no_truncation()
WHOLE.no_padding()

WINDOWS = st.builds(Window, texts(), texts(), texts() | st.just(""))
LONG = st.builds(Window, texts(), long_texts(), texts() | st.just(""))


def alone(text: str) -> list[tuple[int, tuple[int, int]]]:
    """Token and characters of the whole text, read without question and header."""
    encoded = WHOLE.encode(text, add_special_tokens=False)
    return list(zip(encoded.ids, encoded.offsets, strict=True))


def of_text(part: Tokens) -> list[tuple[int, tuple[int, int]]]:
    """Token and characters of the text's tokens in a part."""
    return list(zip(part.ids[part.first : part.first + len(part.offsets)], part.offsets, strict=True))


def plain(text: str) -> str:
    """The text in small letters, without accents and without what is not printed."""
    kept = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c)[0] != "C")
    return "".join(c.lower() for c in kept if unicodedata.category(c) != "Mn")


@given(WINDOWS)
def test_a_text_is_read_as_if_it_stood_alone(window: Window) -> None:
    """Neither question nor headline moves a character or changes a token of the text."""
    (part,) = tokenize(CUTTING, [window])[0]
    assert of_text(part) == alone(window.text)


@given(texts(most=40))
def test_offsets_stand_for_the_right_characters(text: str) -> None:
    """The characters of a token are those it is made of, but for case and accents."""
    for part in tokenize(CUTTING, [Window("Why?", text)])[0]:
        for token, (start, end) in of_text(part):
            piece = (CUTTING.id_to_token(token) or "").removeprefix("##")
            assert 0 <= start < end <= len(text)
            if piece != "[UNK]":
                assert piece.lower() in plain(text[start:end])


@settings(max_examples=30)
@given(LONG)
def test_parts_cover_the_whole_text(window: Window) -> None:
    """Of a text of any length, every token is read, in order, and neighbours overlap so that no answer is cut."""
    parts = [of_text(part) for part in tokenize(CUTTING, [window])[0]]
    everything = alone(window.text)
    read = 0
    for number, part in enumerate(parts):
        begin = read - OVERLAP if number and read else 0
        assert part == everything[begin : begin + len(part)]
        read = begin + len(part)
    assert read == len(everything)


@settings(max_examples=30)
@given(LONG)
def test_a_part_fits_the_model(window: Window) -> None:
    """No part has more tokens than the model takes; the text follows the question and ends before the last [SEP]."""
    for part in tokenize(CUTTING, [window])[0]:
        assert len(part.ids) == len(part.types) <= MOST
        assert part.ids[0] == CUTTING.token_to_id("[CLS]")
        assert part.ids[-1] == CUTTING.token_to_id("[SEP]")
        if part.offsets:
            assert set(part.types[part.first :]) == {1}
            assert 2 <= part.first <= part.first + len(part.offsets) < len(part.ids)


@given(window=st.one_of(WINDOWS, LONG), data=st.data())
@settings(max_examples=60)
def test_an_answer_that_is_found_is_whole(window: Window, data: st.DataObject) -> None:
    """Its first and last token cover it to the last character, and no token more than needed."""
    start = data.draw(st.integers(0, len(window.text)))
    end = data.draw(st.integers(start, min(len(window.text), start + 40)))
    for part in tokenize(CUTTING, [window])[0]:
        place = part.place_of(start, end)
        if place is not None:
            offsets = part.offsets[place[0] - part.first : place[1] - part.first + 1]
            assert offsets[0][0] <= start < offsets[0][1]
            assert offsets[-1][0] < end <= offsets[-1][1]


@settings(max_examples=30)
@given(window=LONG, data=st.data())
def test_every_answer_is_found_in_some_part(window: Window, data: st.DataObject) -> None:
    """An answer made of whole tokens, no more than neighbours share, is whole in one part at least."""
    everything = alone(window.text)
    if not everything:
        return
    first = data.draw(st.integers(0, len(everything) - 1))
    last = data.draw(st.integers(first, min(len(everything) - 1, first + OVERLAP - 1)))
    start, end = everything[first][1][0], everything[last][1][1]
    places = [part.place_of(start, end) for part in tokenize(CUTTING, [window])[0]]
    assert any(place is not None for place in places)


def test_an_answer_is_at_its_tokens() -> None:
    """Places are those of the model's input: [CLS] who ? [SEP] nine red crane ##s stood . [SEP]."""
    (part,) = tokenize(CUTTING, [Window("Who?", "Nine red cranes stood.")])[0]
    assert part.first == 4
    assert part.place_of(0, 4) == (4, 4)
    assert part.place_of(5, 15) == (5, 6)
    assert part.place_of(9, 21) == (6, 7)
    assert part.place_of(4, 9) is None, "a space is no token"
    assert part.place_of(16, 99) is None


def test_no_answer_is_found_in_the_headline() -> None:
    """The headline is read, but its tokens stand for no characters of the text."""
    without, with_header = (tokenize(CUTTING, [Window("Who?", "Nine.", header)])[0][0] for header in ("", "Ten cranes"))
    assert with_header.offsets == without.offsets == ((0, 4), (4, 5))
    assert with_header.first == without.first + 2
    assert len(with_header.ids) == len(without.ids) + 2


def test_without_text_there_is_no_place() -> None:
    """Empty texts, and those of white space alone, have no tokens and no answers."""
    for window in (Window("Who?", ""), Window("Who?", " \n"), Window("", "", "Cranes"), Window("", "")):
        (part,) = tokenize(CUTTING, [window])[0]
        assert part.offsets == ()
        assert part.first == len(part.ids)
        assert part.place_of(0, 1) is None


def test_a_headline_longer_than_a_part_hides_nothing() -> None:
    """The text is read in the parts that come after it."""
    parts = tokenize(CUTTING, [Window("Who?", "Nine red cranes.", "word " * 400)])[0]
    assert [each for part in parts for each in of_text(part)][: len(alone("Nine red cranes."))] == alone(
        "Nine red cranes."
    )


def test_a_long_question_is_cut_at_words() -> None:
    """What comes after the first words is not read."""
    question = "crane " * MAX_QUESTION_WORDS
    short, long = (tokenize(CUTTING, [Window(each, "Nine.")])[0] for each in (question, question + "harbour " * 500))
    assert short == long


@pytest.mark.parametrize(
    "question", ["麦" * 1_000, "한국" * 500, "http://a.example/?" + "x=1&" * 400, "1-2-3 " * 300, "\u0301" * 99]
)
def test_a_question_without_spaces_leaves_room_for_the_text(question: str) -> None:
    """Whatever is asked, each part holds a good stretch of the text, and the text is read to its end."""
    text = "nine red cranes " * 200
    for most in (MOST, 320):
        parts = tokenize(load_tokenizer(TOKENIZER, most), [Window(question, text)])[0]
        assert all(len(part.offsets) > OVERLAP + 20 for part in parts[:-1])
        assert len(parts) < 15
        assert parts[-1].offsets[-1] == alone(text)[-1][1]


@given(st.lists(WINDOWS, min_size=1, max_size=5))
def test_a_batch_is_padded_and_says_where(windows: list[Window]) -> None:
    """Each row holds one window's tokens, and the mask tells them from what fills up."""
    parts = [part for of_window in tokenize(CUTTING, windows) for part in of_window]
    batch = batch_of(parts, padding=7)
    longest = max(len(part.ids) for part in parts)
    for row, part in enumerate(parts):
        empty = longest - len(part.ids)
        assert batch["input_ids"][row].tolist() == [*part.ids, *[7] * empty]
        assert batch["token_type_ids"][row].tolist() == [*part.types, *[0] * empty]
        assert batch["attention_mask"][row].tolist() == [*[1] * len(part.ids), *[0] * empty]


def test_a_tokenizer_that_is_none_is_one_error(tmp_path: Path) -> None:
    """The file is named."""
    (tmp_path / "broken.json").write_text("{}")
    for name in ("broken.json", "nowhere.json"):
        with pytest.raises(ModelError, match=name):
            load_tokenizer(tmp_path / name, MOST)
