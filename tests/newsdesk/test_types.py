"""The shared language: values that hold what they say."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk import types
from newsdesk.types import Article, Evidence, Filters, Span, embedded_text, passage_text

days = st.dates(min_value=date(1990, 1, 1), max_value=date(1990, 3, 1))
some_day = st.none() | days


def test_the_module_needs_nothing_but_the_standard_library() -> None:
    """Every room, and any tool, can speak the language without installing anything."""
    for node in ast.walk(ast.parse(inspect.getsource(types))):
        names = [node.module] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        assert all(str(name).partition(".")[0] in sys.stdlib_module_names for name in names)


def test_values_cannot_be_changed() -> None:
    """A value that was handed over stays what it was."""
    value = Article("a", "Title", ("Text.",))
    with pytest.raises(dataclasses.FrozenInstanceError):
        value.title = "Other"  # type: ignore[misc]


@given(published_from=some_day, published_to=some_day, as_of=some_day, published=some_day)
def test_filters_let_pass_exactly_what_they_say(
    published_from: date | None, published_to: date | None, as_of: date | None, published: date | None
) -> None:
    """Days are inclusive; the window leaves undated articles out, `as_of` keeps them."""
    allowed = Filters((), published_from, published_to, as_of).days()
    passes = allowed is None or allowed[0] <= (published.toordinal() if published else 0) <= allowed[1]

    if published is None:
        assert passes == (published_from is None and published_to is None)
    else:
        after = published_from is None or published >= published_from
        before = all(end is None or published <= end for end in (published_to, as_of))
        assert passes == (after and before)


@pytest.mark.parametrize(
    "filters",
    [Filters(("A",)), Filters(published_from=date.min), Filters(published_to=date.max), Filters(as_of=date.max)],
)
def test_filters_are_true_when_they_filter(filters: Filters) -> None:
    """`if filters` asks whether anything is narrowed at all."""
    assert filters
    assert not Filters()


def test_the_text_of_a_passage_shows_where_paragraphs_begin() -> None:
    """Paragraphs are parted by a blank line, parts of one paragraph by a space."""
    paragraphs = {3: "First part. Second part.", 4: "Next."}
    spans = [Span(3, 0, 11), Span(3, 12, 24), Span(4, 0, 5)]
    assert passage_text(paragraphs, spans) == "First part. Second part.\n\nNext."
    assert passage_text(paragraphs, []) == ""


def test_a_header_stands_on_a_line_of_its_own_in_front_of_what_is_embedded() -> None:
    """Without a header the text is embedded as it is."""
    assert embedded_text("Headline", "Text.") == "Headline\nText."
    assert embedded_text("", "Text.") == "Text."


def test_evidence_names_its_paragraphs_in_order() -> None:
    """The numbers are those of its spans."""
    found = Evidence("a", "a#1", (Span(2, 0, 4), Span(3, 0, 4)), "Text\n\nText", 1.0, "", "", (), None, "")
    assert found.paragraphs == (2, 3)
