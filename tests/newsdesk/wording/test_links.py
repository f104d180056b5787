"""Addresses of article pages lead back to what they name."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from newsdesk.types import Span
from newsdesk.wording.links import article_link, parse_mark

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1) | st.from_regex(r"[a./%?#]+", fullmatch=True)
numbers = st.integers(0, 999_999_999)


@given(ids, numbers, numbers, numbers)
@example("a/../b", 0, 0, 1)
@example("./a?b#c%2Fd", 0, 0, 1)
@example("/lead//double/", 7, 0, 1)
def test_a_link_round_trips(id_: str, paragraph: int, start: int, end: int) -> None:
    """Followed from any page, a link arrives at its article, its paragraph and its characters."""
    assume(id_ not in (".", ".."))  # no address can end in these
    mark = Span(paragraph, start, end)
    followed = urlsplit(urljoin("http://host/article/other/page?x#y", article_link(id_, mark=mark)))
    assert followed.netloc == "host"
    assert unquote(followed.path) == f"/article/{id_}"
    assert parse_mark(parse_qs(followed.query)["mark"][0]) == mark
    assert followed.fragment == f"p{paragraph}"


def test_a_link_may_name_a_paragraph_or_nothing() -> None:
    """`#p7` is the paragraph numbered 7, counted from 0; slashes of an id stay readable."""
    assert article_link("gazette/2017/raid") == "/article/gazette/2017/raid"
    assert article_link("a", paragraph=7) == "/article/a#p7"


@given(st.text())
def test_any_mark_is_read_or_passed_over(value: str) -> None:
    """What stands in an address bar can be anything; it never fails."""
    span = parse_mark(value)
    assert span is None or article_link("a", mark=span).endswith(f"#p{span.paragraph}")


@pytest.mark.parametrize("value", [None, "", "1", "1-2", "1-2-3-4", "-1-2-3", "a-b-c", "1-2-3\n", "٣-٤-٥", "1" * 50])
def test_what_is_no_mark_names_nothing(value: str | None) -> None:
    """Only three plain numbers are a mark."""
    assert parse_mark(value) is None
