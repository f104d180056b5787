"""Fingerprints of removed texts: what is left of one is found, wherever it lies; nothing else is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from newsdesk.catalogue.fingerprints import BLOCK, files_holding, fingerprints, found_in

SURE = 2 * BLOCK - 1
"""Bytes of a text in a row that always hold one of its aligned blocks."""
CHUNK = 16 * 1024 * 1024

long_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=SURE, max_size=300)
anything = st.binary(max_size=200)


def random_bytes(seed: int, many: int) -> bytes:
    """Bytes that hold no text of anybody."""
    return np.random.default_rng(seed).bytes(many)


@given(long_texts, anything, anything, st.data())
def test_any_long_enough_remainder_is_found(text: str, before: bytes, after: bytes, data: st.DataObject) -> None:
    """63 bytes of a text in a row, from wherever in it, at whatever offset in whatever bytes."""
    whole = text.encode()
    begin = data.draw(st.integers(0, len(whole) - SURE))
    end = data.draw(st.integers(begin + SURE, len(whole)))
    assert len(found_in(before + whole[begin:end] + after, fingerprints([text])))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), max_size=5), st.binary(max_size=300))
def test_what_is_not_there_is_not_found(texts: list[str], data: bytes) -> None:
    """Whatever else the bytes hold: without an aligned block of one of the texts there is no alarm."""
    blocks = [
        block
        for text in map(str.encode, texts)
        for block in (text[place : place + BLOCK] for place in range(0, len(text) - BLOCK + 1, BLOCK))
    ]
    assume(not any(block in data for block in blocks))
    assert not len(found_in(data, fingerprints(texts)))


def test_texts_are_told_apart() -> None:
    """Of several removed texts exactly those are found that are there."""
    first, second = "The harbour master said so on Monday. " * 3, "Nobody at the council would answer a question. " * 3
    found = found_in(random_bytes(1, 1_001) + second.encode(), fingerprints([first, second]))
    assert set(found) == set(fingerprints([second]))


def test_a_short_text_leaves_none() -> None:
    """Under 32 bytes, counted in UTF-8, nothing could be told for sure; no text leaves more than its whole blocks."""
    assert not len(fingerprints([]))
    assert not len(fingerprints(["", "a" * (BLOCK - 1), "ğ" * 15]))
    assert len(fingerprints(["ğ" * 16])) == 1
    assert len(fingerprints([f"{'a' * BLOCK}{'b' * BLOCK}c"])) == 2
    assert not len(found_in(b"a" * 100, fingerprints([])))


@pytest.mark.parametrize("offset", [0, CHUNK - SURE, CHUNK - BLOCK - 1, CHUNK - 40, CHUNK - 1, CHUNK, CHUNK + 12_345])
def test_a_large_file_is_searched_across_its_parts(tmp_path: Path, offset: int) -> None:
    """It is read in parts of 16 MB; what lies across their border is found like everything else."""
    text = "The ferry to Hallowby sailed again, and its captain was as glad as"[:SURE]
    file = tmp_path / "large"
    with file.open("wb") as stream:
        stream.seek(offset)
        stream.write(text.encode())
        stream.truncate(CHUNK + 20_000)
    assert files_holding(tmp_path, fingerprints([text])) == [file]
    assert files_holding(tmp_path, fingerprints([text[::-1]])) == []


def test_every_file_below_is_searched(tmp_path: Path) -> None:
    """In whatever folder it lies and whatever it is called; folders, pipes and empty files harm nothing."""
    text = "The old bridge is closed until May, the council said on Tuesday evening."
    deep = tmp_path / "a" / ".b"
    deep.mkdir(parents=True)
    (tmp_path / "empty").touch()
    (tmp_path / "other").write_bytes(random_bytes(2, 5_000))
    (deep / "x.bin").write_bytes(random_bytes(3, 77) + text.encode())
    assert files_holding(tmp_path, fingerprints([text])) == [deep / "x.bin"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Nobody can say what it holds, so it is never passed over."""
    (tmp_path / "unreadable").symlink_to("/proc/self/mem")  # reading its beginning fails for root too
    with pytest.raises(OSError, match="unreadable"):
        files_holding(tmp_path, fingerprints(["The old bridge is closed until May, said the council."]))
