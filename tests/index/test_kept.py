"""What is remembered: never more than was allowed, never too old, and made by one alone."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from index.kept import Kept


def test_what_was_not_wanted_for_longest_goes_first() -> None:
    """Memory is bounded."""
    kept = Kept[str, int](2)
    kept.put("herring", 1)
    kept.put("cod", 2)
    assert kept.get("herring") == 1
    kept.put("eel", 3)
    assert (kept.get("herring"), kept.get("cod"), kept.get("eel")) == (1, None, 3)
    assert len(kept) == 2


def test_what_is_too_old_is_made_again() -> None:
    """After its time a value is as if it had never been there."""
    kept = Kept[str, int](2, seconds=0.02)
    assert kept.once("tide", lambda: 1) == 1
    assert kept.once("tide", lambda: 2) == 1
    time.sleep(0.03)
    assert kept.once("tide", lambda: 3) == 3


def test_many_who_want_the_same_have_it_made_once() -> None:
    """All get what the first of them made; another key is made beside it."""
    kept, calls, ready = Kept[str, str](8), list[str](), Barrier(8)

    def make(key: str) -> str:
        calls.append(key)
        time.sleep(0.05)
        return key.upper()

    def want(key: str) -> str:
        ready.wait()
        return kept.once(key, lambda: make(key))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(want, ["ferry", "pier"] * 4))
    assert found == ["FERRY", "PIER"] * 4
    assert sorted(calls) == ["ferry", "pier"]


def test_what_no_longer_stands_is_told_and_not_kept() -> None:
    """When what a value was made of has changed while it was made, the next one who wants it has it made anew."""
    kept = Kept[str, int](8)
    assert kept.once("gauge", lambda: 1, lambda: False) == 1
    assert kept.once("gauge", lambda: 2, lambda: True) == 2
    assert kept.once("gauge", lambda: 3, lambda: False) == 2


def test_a_failure_is_told_to_all_and_not_remembered() -> None:
    """The next one tries again."""
    kept = Kept[str, int](8)

    def fail() -> int:
        raise ValueError("no ink")

    with pytest.raises(ValueError, match="no ink"):
        kept.once("press", fail)
    assert kept.once("press", lambda: 4) == 4
