"""How much one article may hold."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.parts.limits import MAX_AUTHORS, MAX_CHARACTERS, MAX_FIELD, MAX_PARAGRAPHS, check_article
from newsdesk.errors import Unreadable
from tests.support import article


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("title", "x" * (MAX_FIELD + 1)),
        ("source", "x" * (MAX_FIELD + 1)),
        ("url", "x" * (MAX_FIELD + 1)),
        ("authors", ("x" * (MAX_FIELD + 1),)),
        ("authors", ("x",) * (MAX_AUTHORS + 1)),
        ("paragraphs", ("x",) * (MAX_PARAGRAPHS + 1)),
        ("paragraphs", ("x" * (MAX_CHARACTERS // 2 + 1),) * 2),
    ],
)
def test_what_is_too_large_is_named_with_its_size(part: str, value: Any) -> None:
    """Of whatever part; one character less is an article."""
    paragraphs = value if part == "paragraphs" else ("Text.",)
    with pytest.raises(Unreadable, match=r"has [\d,]+ .* more than one article may have"):
        check_article(article("a", *paragraphs, **({} if part == "paragraphs" else {part: value})))


def test_a_thick_book_is_no_more_than_that() -> None:
    """The limits are far above every article."""
    check_article(article("a", *["x" * 100] * 10_000, title="x" * MAX_FIELD))
