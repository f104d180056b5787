"""Does the product embed as fast as the model alone can? Both are measured in one run, in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

NEEDED = 0.9
"""The product's path (catalogue, batching, storing) may cost a tenth of the model's speed, not more."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """Passages a second on the same passages."""

    passages: int
    product: float
    plain: float

    @property
    def ratio(self) -> float:
        """Share of the model's own speed that the product reaches."""
        return self.product / self.plain

    def __str__(self) -> str:
        return (
            f"{self.passages:,} passages: {self.product:.1f}/s as the product embeds, "
            f"{self.plain:.1f}/s by the model alone, ratio {self.ratio:.3f} (needed: {NEEDED})"
        )


def compare(
    blocks: Sequence[T],
    size: Callable[[T], int],
    product: Callable[[T], object],
    plain: Callable[[T], object],
) -> Speeds:
    """Times both on every block, one right after the other, so that what else the machine does hits both alike.

    Who goes first changes from block to block. The first block warms both up and is not counted. Raises
    ValueError without a second one.
    """
    measured = blocks[1:]
    if not measured:
        raise ValueError(f"{len(blocks)} blocks are too few to compare speeds: one warms up, more are measured")
    spent = {product: 0.0, plain: 0.0}
    for work in (product, plain):
        _seconds(work, blocks[0])
    for number, block in enumerate(measured):
        for work in (product, plain) if number % 2 else (plain, product):
            spent[work] += _seconds(work, block)
    passages = sum(map(size, measured))
    return Speeds(passages, passages / spent[product], passages / spent[plain])


def _seconds(work: Callable[[T], object], block: T) -> float:
    began = time.perf_counter()
    work(block)
    return time.perf_counter() - began
