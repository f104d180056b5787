"""What is seen before anything was asked: what the archive holds, or how to fill an empty one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from newsdesk.wording.counted import counted
from newsdesk.wording.dateline import in_words
from ui.render import rendered


def welcome_html(counts: Mapping[str, Any], holdings: Any) -> str:
    """The words above the examples. `counts` are those of `GET /api/stats`, `holdings` those by
    outlet and day, which nothing is said of without."""
    return rendered("welcome.html", holds=holds(counts, holdings) if holdings else "")


def drop_html() -> str:
    """A place to drop files."""
    return rendered("drop.html")


def holds(counts: Mapping[str, Any], holdings: Any) -> str:
    """ "73 articles of 12 outlets, 12 January 2017 to 18 July 2018; all can be found by meaning." """
    if not holdings.articles:
        return "The archive is empty. Drop files below, or put a folder into it with: newsdesk ingest PATH"
    said = counted(holdings.articles, "article")
    if holdings.outlets:
        said += f" of {counted(holdings.outlets, 'outlet')}"
    if holdings.first:
        said += f", {in_words(holdings.first)}"
        if holdings.last != holdings.first:
            said += f" to {in_words(holdings.last)}"
    if holdings.undated:
        said += f", {holdings.undated:,} without a day"
    if counts.get("samples"):
        said += " (the sample, which makes way for your first article)"
    return f"{said}. {_by_meaning(counts)}"


def _by_meaning(counts: Mapping[str, Any]) -> str:
    """How much can be found by other words than its own."""
    done, total = counts["vectors"]["done"], counts["vectors"]["total"]
    if done >= total:
        return "All of it can be found by meaning as well as by words."
    if not done:
        return "It can be found by words; by meaning not yet."
    return f"All of it can be found by words, {100 * done // total} % by meaning so far."
