"""The coverage receipt of an answer in words: the chat, the API and `newsdesk ask` say it alike."""

from __future__ import annotations

from newsdesk.types import Coverage
from newsdesk.wording.counted import counted
from newsdesk.wording.dateline import days_in_words

_DAYS_AS_DAYS = 730
"""Beyond two years, an age is said in years."""


def receipt_in_words(coverage: Coverage) -> str:
    """What was searched, what it was narrowed to, and what kind of articles are cited, in two to four sentences."""
    parts = (_searched(coverage), _narrowed(coverage), _without_vectors(coverage), _cited(coverage))
    return " ".join(part for part in parts if part)


def _searched(coverage: Coverage) -> str:
    outlets = f" of {counted(coverage.outlets, 'outlet')}" if coverage.outlets else ""
    said = f"Searched {counted(coverage.articles, 'article')}{outlets}"
    if coverage.first and coverage.last and coverage.days_old is not None:
        between = " from " if coverage.first != coverage.last else " of "
        said += f"{between}{days_in_words(coverage.first, coverage.last)}; the newest is {_age(coverage.days_old)}"
    return f"{said}."


def _age(days: int) -> str:
    if days == 0:
        return "of the same day"
    return f"{counted(days, 'day')} old" if days <= _DAYS_AS_DAYS else f"{days // 365} years old"


def _narrowed(coverage: Coverage) -> str:
    return f"Narrowed to: {'; '.join(coverage.narrowed_to)}." if coverage.narrowed_to else ""


def _without_vectors(coverage: Coverage) -> str:
    share = 100 * coverage.without_vectors
    if not share:
        return ""
    shown = "under 1" if share < 1 else f"{share:.0f}"
    return f"{shown} % of it has no vectors yet and is found by its words alone."


def _cited(coverage: Coverage) -> str:
    """Of the cited articles, those that want a second look; nothing where none does, or none is cited."""
    told = [
        (coverage.wire, "is a wire copy", "are wire copies"),
        (coverage.corrected, "was changed since it first came", "were changed since they first came"),
        (coverage.older_than_a_year, "is older than a year", "are older than a year"),
    ]
    told = [each for each in told if each[0]]
    if coverage.cited == 1:
        return f"Its one source {' and '.join(one for _, one, _ in told)}." if told else ""
    if len(told) == 1 and told[0][0] == coverage.cited:
        all_of_them = "Both" if coverage.cited == 2 else f"All {coverage.cited:,}"
        return f"{all_of_them} sources {told[0][2]}."
    parts = [counted(*each) for each in told]
    return f"Of {counted(coverage.cited, 'source')}, {', '.join(parts)}." if parts else ""
