"""Bylines: names are parted only where it is certain; agencies are known by all their spellings."""

from __future__ import annotations

import pytest

from ingest.parts.byline import agency_of, authors_of


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("", ()),
        ("Ada Holm", ("Ada Holm",)),
        ("By Ada Holm", ("Ada Holm",)),
        ("Ada Holm; Lars de Vries", ("Ada Holm", "Lars de Vries")),
        ("Ada Holm;Ada Holm; ", ("Ada Holm",)),
        ("Ada Holm and Lars de Vries", ("Ada Holm", "Lars de Vries")),
        ("Ada Holm, Lars de Vries and Reuters", ("Ada Holm", "Lars de Vries", "Reuters")),
        ("Ada Holm, Lars de Vries, and Mei Tan", ("Ada Holm", "Lars de Vries", "Mei Tan")),
        ("Ada Holm, Harbour correspondent", ("Ada Holm, Harbour correspondent",)),
        ("Ministry of Health and Welfare", ("Ministry of Health and Welfare",)),
        ("Martin Holm, Jr.", ("Martin Holm, Jr.",)),
    ],
)
def test_names_are_parted_only_where_it_is_certain(byline: str, authors: tuple[str, ...]) -> None:
    """Semicolons part names, commas and "and" only between what are names."""
    assert authors_of(byline) == authors


def test_the_agency_is_known_from_byline_or_dateline() -> None:
    """An agency signs as author or in brackets at the start of the first paragraph; an outlet is none."""
    assert agency_of(["Ada Holm", "The Associated Press"]) == "AP"
    assert agency_of([], ["OSLO, May 3 (Reuters) - The ferry sank."]) == "Reuters"
    assert agency_of(["Ada Holm"], ["PARIS (AFP) — The ferry sank."]) == "AFP"
    assert agency_of(["Ada Holm"], ["LONDON (CNN) — The ferry sank."]) == ""
    assert agency_of([], ["The ferry sank (Reuters says) - but nobody was hurt."]) == ""
    assert agency_of([]) == ""
