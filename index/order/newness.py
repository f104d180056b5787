"""How new an article is beside the others found, and which questions ask for the newest."""

from __future__ import annotations

from collections.abc import Iterable

from newsdesk.types import Evidence

_HALF_LIFE = 180.0
"""Days. A scale from the oldest to the newest article read does as well on EvoTemp, but then one day more could outvote three
outlets where all was printed within two days."""
_UNDATED = 0.5


def newness_of(evidence: Iterable[Evidence]) -> dict[str, float]:
    """By article id: 1 for the newest, half of it for every 180 days before; undated ones 0.5."""
    published = {item.article_id: item.published for item in evidence}
    newest = max((day for day in published.values() if day), default=None)
    return {
        id_: 0.5 ** ((newest - day).days / _HALF_LIFE) if newest and day else _UNDATED for id_, day in published.items()
    }
