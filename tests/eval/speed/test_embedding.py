"""The comparison of speeds: both do all blocks, in turns."""

from __future__ import annotations

import time

import pytest

from eval.speed.embedding import compare


def test_both_do_every_block_in_turns() -> None:
    """The first block warms up; who goes first changes."""
    log: list[str] = []
    speeds = compare(
        [1, 2, 3], lambda block: block, lambda block: log.append(f"p{block}"), lambda block: log.append(f"m{block}")
    )
    assert log == ["p1", "m1", "m2", "p2", "p3", "m3"]
    assert speeds.passages == 5


def test_ratio() -> None:
    """Work that takes twice as long has half the speed."""
    speeds = compare([1] * 4, lambda _: 10, lambda _: time.sleep(0.2), lambda _: time.sleep(0.1))
    assert speeds.ratio == pytest.approx(0.5, rel=0.25)


def test_one_block_is_too_few() -> None:
    """With nothing left to measure it says so."""
    with pytest.raises(ValueError, match="too few"):
        compare([1], lambda _: 1, print, print)
