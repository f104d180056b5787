"""Searching without a question: `/search`. A plain form, which works without a script; the scripts add pictures and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from newsdesk.errors import NewsdeskError, QuestionError
from newsdesk.types import Article, Evidence, Filters, Span
from newsdesk.wording.counted import counted
from newsdesk.wording.quoted import quoted
from ui.filters import MAX_OUTLETS, day_of, filters_html
from ui.load import POLICY
from ui.render import link_to, rendered

PAGE = 10
"""Results on a page."""
MOST_PAGES = 1_000
_BEFORE, _SHOWN = 90, 300  # characters of a passage before the first word that was searched for, and in all

_DAYS = {"published_from": "The first day", "published_to": "The last day", "as_of": "“As of”"}

Find = Callable[[str, Filters, bool], Sequence[Evidence]]
"""Passages for words, all that a search finds; the last says whether the newest come first."""
Newest = Callable[[Filters, int, int], tuple[int, Sequence[Article]]]
"""How many articles there are, and a page of them, the newest first."""
Mark = Callable[[str, str], Iterable[tuple[str, bool]]]
"""A text in pieces, each with whether it is one of the words that were searched for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form was sent with."""

    q: str
    by_day: bool
    filters: Filters
    page: int

    def address(self, page: int) -> str:
        """Where another page of the same lies."""
        chosen = self.filters
        fields = [("q", self.q), ("sort", "day" if self.by_day else "")]
        fields += [(name, str(getattr(chosen, name) or "")) for name in ("published_from", "published_to", "as_of")]
        fields = [(name, value) for name, value in fields if value] + [("source", name) for name in chosen.sources]
        return f"search?{urlencode([*fields, ('page', page)])}"


@dataclass(frozen=True, slots=True)
class Hit:
    """An article among the results."""

    title: str
    source: str
    published: date | None
    link: str
    pieces: Sequence[tuple[str, bool]] = ()


def add_search_page(app: FastAPI, find: Find, newest: Newest, mark: Mark) -> None:
    """Adds the route. Call it before the chat is mounted at /."""

    @app.get("/search", include_in_schema=False)
    def search_page(
        q: str = "",
        sort: str = "",
        source: Annotated[list[str] | None, Query(max_length=MAX_OUTLETS)] = None,
        published_from: str = "",
        published_to: str = "",
        as_of: str = "",
        page: str = "1",
    ) -> HTMLResponse:
        days = {"published_from": published_from, "published_to": published_to, "as_of": as_of}
        filters = Filters(tuple(source or ()), **{name: day_of(text) for name, text in days.items()})
        number = int(page) if page.isdecimal() and len(page) < 6 and 0 < int(page) <= MOST_PAGES else 1
        asked = Asked(" ".join(q.split()), sort == "day", filters, number)
        status, problem, total, hits = 200, "", 0, list[Hit]()
        try:
            total, hits = _hits(asked, find, newest, mark)
        except QuestionError as error:
            status, problem = 422, str(error)
        except NewsdeskError as error:
            status, problem = 503, str(error)
        first = (number - 1) * PAGE + 1
        html = rendered(
            "search.html",
            asked=asked,
            filters=Markup(filters_html(filters)),
            problem=problem,
            passed_over=[
                *(_no_day(name, text) for name, text in days.items() if text.strip() and day_of(text) is None),
                *_not_meant(page, number, sort),
                *_not_in_order(filters),
            ],
            found=_in_words(asked, total, first, len(hits)),
            hits=hits,
            first=first,
            before=asked.address(number - 1) if number > 1 else "",
            after=asked.address(number + 1) if number * PAGE < total else "",
        )
        headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return HTMLResponse(html, status_code=status, headers=headers)


def _no_day(name: str, text: str) -> str:
    """What to tell of a day that is none."""
    return f"{_DAYS[name]}, {quoted(text, 40)}, is no day and was passed over. Write it as 2017-01-18."


def _not_meant(page: str, number: int, sort: str) -> Iterator[str]:
    """What to tell of a page that was not turned to, and of an order that there is not."""
    if page.lstrip("0") != str(number):
        yield f"The page {quoted(page, 40)} is not one of 1 to {MOST_PAGES:,}; this is the first."
    if sort not in ("", "relevance", "day"):
        yield f"The order {quoted(sort, 40)} is neither “relevance” nor “day”."


def _not_in_order(filters: Filters) -> Iterator[str]:
    """What to tell of days between which nothing lies."""
    first, last = filters.published_from, filters.published_to
    if first and last and first > last:
        yield f"The first day, {first}, is after the last, {last}: no article lies between them."


def _hits(asked: Asked, find: Find, newest: Newest, mark: Mark) -> tuple[int, list[Hit]]:
    """How many articles were found, and those of the page; without words, what the archive holds, the newest first."""
    begin = (asked.page - 1) * PAGE
    if not asked.q:
        total, articles = newest(asked.filters, PAGE, begin)
        return total, [Hit(each.title or each.id, each.source, each.published, link_to(each.id)) for each in articles]
    best: dict[str, Evidence] = {}
    for passage in find(asked.q, asked.filters, asked.by_day):
        best.setdefault(passage.article_id, passage)
    return len(best), [_hit(each, asked.q, mark) for each in list(best.values())[begin : begin + PAGE]]


def _hit(found: Evidence, words: str, mark: Mark) -> Hit:
    pieces = list(mark(found.text, words))
    place = len(pieces[0][0]) if len(pieces) > 1 and not pieces[0][1] else 0
    link = link_to(found.article_id, paragraph=_paragraph(found.spans, place))
    return Hit(found.title or found.article_id, found.source, found.published, link, shortened(pieces))


def shortened(pieces: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The pieces around the first that is marked, cut between words, with an ellipsis where something is left out."""
    text = "".join(piece for piece, _ in pieces)
    place = len(pieces[0][0]) if len(pieces) > 1 and not pieces[0][1] else 0
    start = 0 if place <= _BEFORE else text.find(" ", place - _BEFORE) + 1
    end = len(text) if len(text) - start <= _SHOWN else max(text.rfind(" ", place, start + _SHOWN), place + 1)
    kept, at = list[tuple[str, bool]](), 0
    for piece, is_marked in pieces:
        cut = piece[max(0, start - at) : max(0, end - at)]
        at += len(piece)
        if cut:
            kept.append((cut, is_marked))
    return [("… ", False)] * (start > 0) + kept + [(" …", False)] * (end < len(text))


def _paragraph(spans: Sequence[Span], place: int) -> int | None:
    """The paragraph that holds the character at `place` of a passage's text (newsdesk.types.passage_text)."""
    paragraph = None
    for span in spans:
        place -= 0 if paragraph is None else 1 if span.paragraph == paragraph else 2
        paragraph = span.paragraph
        place -= span.end - span.start
        if place < 0:
            break
    return paragraph


def _in_words(asked: Asked, total: int, first: int, shown: int) -> str:
    number = counted(total, "article")
    if not shown:
        return (
            "Nothing was found. Try other words, or fewer filters." if total == 0 else f"{number}; none on this page."
        )
    what = number if asked.q else f"{number}, the newest first"
    return f"{what}: {first:,} to {first + shown - 1:,}" if total > shown else what
