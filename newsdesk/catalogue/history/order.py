"""Which of two versions of a story is the newer one, as their publisher tells it."""

from __future__ import annotations

from typing import Protocol


class Told(Protocol):
    """Something whose publisher may say which version it is, as `newsdesk.types.Article` has it."""

    @property
    def edition(self) -> int: ...

    @property
    def modified(self) -> str: ...


def is_newer(one: Told, other: Told) -> bool:
    """Whether `one` is known to be newer."""
    return _compared(one, other) == 1


def is_older(one: Told, other: Told) -> bool:
    """Whether `one` is known to be older."""
    return _compared(one, other) == -1


def is_of_unknown_order(one: Told, other: Told) -> bool:
    """Whether nobody can tell which of the two is newer, or that they are the same."""
    return _compared(one, other) is None


def _compared(one: Told, other: Told) -> int | None:
    """1 when newer, -1 when older, 0 when the same version; None when that is not told.

    Numbers of versions go before times: a sender may stamp an older version later. A day alone is neither before nor
    after an hour of it.
    """
    if one.edition and other.edition and one.edition != other.edition:
        return 1 if one.edition > other.edition else -1
    if one.modified and other.modified:
        known = min(len(one.modified), len(other.modified))
        mine, theirs = one.modified[:known], other.modified[:known]
        if mine != theirs:
            return 1 if mine > theirs else -1
        if len(one.modified) == len(other.modified):
            return 0
    return 0 if one.edition and one.edition == other.edition else None
