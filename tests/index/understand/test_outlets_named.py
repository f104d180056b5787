"""Outlets whose names lie inside each other."""

from __future__ import annotations

import pytest

from index.understand.question import _outlets_in

KNOWN = ("Times", "The Times", "New York Times", "Kent Echo")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("What did the New York Times say about the dam?", {"new york times"}),
        ("What did the Times say about the dam?", {"times"}),
        ("Do the Kent Echo and the Times agree?", {"kent echo", "times"}),
        ("What happened at the dam?", set()),
    ],
)
def test_the_longest_name_is_meant(text: str, named: set[str]) -> None:
    """ "Times" in "New York Times" is no second outlet, so that the question still narrows to one."""
    assert _outlets_in(text, KNOWN) == named
