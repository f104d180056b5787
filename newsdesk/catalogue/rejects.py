"""TODO"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListedReject:
    """Something on the list of rejects, with its number there."""

    number: int
    origin: str
    id: str
    reason: str
    rejected_at: str
    """UTC, ISO 8601."""
