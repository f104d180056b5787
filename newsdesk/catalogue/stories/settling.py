"""Finding out which story an article tells, within the transaction that stores, changes or removes it.

Candidates come from the sketches: hashes that articles of nearby days share. The articles' words then decide. Stories are
what hangs together: whoever is one story with an article of each of two stories makes one of them, unless the two have nothing
in common (a page of briefs). The number of a story is the lowest of its articles, so that it does not depend on their order.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, func, insert, select, union_all, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.dialects import is_among
from newsdesk.catalogue.hashes import text_hash
from newsdesk.catalogue.rows import chunks, text_of
from newsdesk.catalogue.stories.same import are_one_story, are_related
from newsdesk.catalogue.stories.words import Words, words_of

WINDOW = 14
"""Days apart at most for near copies; exact copies are one story whatever their days."""

_LEAST_SHARED = 2  # hashes of two sketches
_LEAST_CONTAINED = 0.25  # of the hashes that could be shared; what is one story shares more
_MOST_COMPARED = 40  # articles that one is compared with, those that share most first
_MATES_ASKED = 3  # other articles of a story that a new one should have something to do with
_READ_AT_ONCE = 16  # articles whose words are in memory
_MATES_AT_ONCE = 500  # that are settled again with an article of theirs; more are left to the catch-up


@dataclass(frozen=True, slots=True)
class _Told:
    """An article as its story is found."""

    day: int
    outlet: str
    words: Words
    text_hash: bytes

    def row(self, number: int, story: int) -> dict[str, Any]:
        """What is stored of it."""
        sketch = self.words.sketch
        size = {"hashes": len(sketch), "last_hash": sketch[-1] if sketch else 0}
        return {"article": number, "story": story, "text_hash": self.text_hash, **size}

    def sketch_rows(self, number: int) -> list[dict[str, Any]]:
        """What it is found by."""
        return [{"hash": hashed, "day": self.day, "article": number} for hashed in self.words.sketch]


def settle(connection: Connection, article_numbers: Iterable[int]) -> None:
    """Finds the stories of these articles, which are new or changed, and again those of the articles that were one with them."""
    numbers = sorted(set(article_numbers))
    concerned = sorted([*numbers, *leave_stories(connection, numbers)])
    for start in range(0, len(concerned), _READ_AT_ONCE):
        for number, told in _told_by(connection, concerned[start : start + _READ_AT_ONCE]).items():
            _settle_one(connection, number, told)


def leave_stories(connection: Connection, article_numbers: Sequence[int]) -> list[int]:
    """Takes articles, which are changed or about to be removed, out of their stories, and breaks these up.

    The articles that were one story with them, to be settled again: without its bridge a story may be two.
    """
    table = schema.stories
    mates: set[int] = set()
    for chunk in chunks(article_numbers):
        told = select(table.c.story).where(table.c.article.in_(chunk))
        mates.update(connection.scalars(select(table.c.article).where(table.c.story.in_(told))))
    for chunk in chunks(sorted(mates)):
        connection.execute(delete(table).where(table.c.article.in_(chunk)))
    return sorted(mates.difference(article_numbers))[:_MATES_AT_ONCE]


def whole_text_hash(paragraphs: Sequence[str]) -> bytes:
    """Equal for articles whose paragraphs differ in case and white space only; empty where there are none."""
    return blake2b(b"".join(map(text_hash, paragraphs)), digest_size=16).digest() if paragraphs else b""


def is_as_told(connection: Connection, number: int) -> bool:
    """Whether what is stored of an article's story and sketch is what its text makes of it; also when it is gone."""
    told, of, sketch = _told(connection, number), schema.stories, schema.sketches
    row = connection.execute(select(of).where(of.c.article == number)).first()
    if told is None or row is None:
        return True
    held = connection.execute(select(sketch).where(sketch.c.article == number).order_by(sketch.c.hash)).all()
    return row._asdict() == told.row(number, row.story) and [each._asdict() for each in held] == told.sketch_rows(
        number
    )


def _told(connection: Connection, number: int) -> _Told | None:
    return _told_by(connection, [number]).get(number)


def _told_by(connection: Connection, numbers: Sequence[int]) -> dict[int, _Told]:
    """Those of these articles that are there, in the order of their numbers."""
    asked = {"numbers": numbers}
    paragraphs: dict[int, list[str]] = defaultdict(list)
    for article, text in connection.execute(_PARAGRAPHS, asked):
        paragraphs[article].append(text_of(text))
    found = {}
    for row in connection.execute(_ARTICLES, asked):
        texts = paragraphs[row.number]
        day = row.day if isinstance(row.day, int) else 0  # damaged on the disk, which its hash gives away
        found[row.number] = _Told(day, text_of(row.source), words_of(texts), whole_text_hash(texts))
    return found


def _settle_one(connection: Connection, number: int, told: _Told) -> None:
    linked = _linked_stories(connection, told)
    story = min([number, *linked])
    table = schema.stories
    if any(each != story for each in linked):
        connection.execute(update(table).where(table.c.story.in_(linked)).values(story=story))
    connection.execute(_ADDING, told.row(number, story))
    if told.words.sketch:
        connection.execute(_SKETCHING, told.sketch_rows(number))


def _linked_stories(connection: Connection, told: _Told) -> list[int]:
    """The stories that an article is one with, the one that it shares most words with first."""
    exact = connection.scalar(_SAME_TEXT, {"text_hash": told.text_hash}) if told.text_hash else None
    linked: dict[int, _Told] = {}
    if exact is not None:
        linked[exact] = told
    for number, story in _candidates(connection, told):
        if story in linked:
            continue
        other = _told(connection, number)
        if other is None or not _are_one(told, other):
            continue
        if _fits(connection, told, story, number, linked):
            linked[story] = other
    return list(linked)


def _candidates(connection: Connection, told: _Told) -> list[tuple[int, int]]:
    """Settled articles that share hashes of their sketches, with their stories; those that share most first."""
    first, last = (told.day - WINDOW, told.day + WINDOW) if told.day else (1, date.max.toordinal())
    sketch = told.words.sketch
    rows = connection.execute(_SHARING, {"hashes": json.dumps(sketch), "first": max(first, 1), "last": last})
    return [
        (row.article, row.story)
        for row in rows
        if row.shared >= _LEAST_CONTAINED * _could_share(sketch, row.hashes, row.last_hash)
    ]


def _sharing() -> Select[Any]:
    """Articles that share some of :hashes, of the days from :first to :last or without one; made once, as it is asked for each article."""
    table, of, count = schema.sketches, schema.stories, func.count()
    held = is_among(table.c.hash, bindparam("hashes"))
    near = select(table.c.article).where(held, table.c.day.between(bindparam("first"), bindparam("last")))
    shared = union_all(near, select(table.c.article).where(held, table.c.day == 0)).subquery()
    query = select(of, count.label("shared")).join(shared, shared.c.article == of.c.article).group_by(of.c.article)
    return query.having(count >= _LEAST_SHARED).order_by(count.desc(), of.c.article).limit(_MOST_COMPARED)


# Made once: making a statement costs more than running it.
_SHARING = _sharing()
_ADDING, _SKETCHING = insert(schema.stories), insert(schema.sketches)
_SAME_TEXT = select(schema.stories.c.story).where(schema.stories.c.text_hash == bindparam("text_hash")).limit(1)
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
_ARTICLES = (
    select(schema.articles.c.number, schema.articles.c.day, schema.articles.c.source)
    .where(schema.articles.c.number.in_(_NUMBERS))
    .order_by(schema.articles.c.number)
)
_PARAGRAPHS = (
    select(schema.paragraphs.c.article, schema.paragraphs.c.text)
    .where(schema.paragraphs.c.article.in_(_NUMBERS))
    .order_by(schema.paragraphs.c.article, schema.paragraphs.c.number)
)


def _could_share(sketch: tuple[int, ...], hashes: int, last_hash: int) -> float:
    """How many hashes two sketches would share if one text stood in the other: those up to where the shorter-reaching one ends."""
    end = min(sketch[-1], last_hash)
    theirs = hashes * end / last_hash if last_hash else 0.0  # they are spread evenly
    return min(bisect_right(sketch, end), theirs)


def _fits(connection: Connection, told: _Told, story: int, number: int, linked: dict[int, _Told]) -> bool:
    """Whether the article `number` of a story makes the one that is told part of all of it, and of the stories linked before.

    A page of briefs has pieces of stories that have nothing to do with each other: it goes with the first and joins none.
    """
    table = schema.stories
    mates = select(table.c.article).where(table.c.story == story, table.c.article != number)
    others = [
        _told(connection, mate) for mate in connection.scalars(mates.order_by(table.c.article).limit(_MATES_ASKED))
    ]
    related = [_belong_together(told, other) for other in others if other is not None]
    if related and not any(related):
        return False
    if not linked:
        return True
    here = _told(connection, number)
    return here is not None and any(_belong_together(here, other) for other in linked.values())


def _belong_together(one: _Told, other: _Told) -> bool:
    """Whether two articles are of one event. Copies are, also where they hold too few names, figures and long words to tell."""
    return are_related(one.words, other.words) or _are_one(one, other)


def _are_one(one: _Told, other: _Told) -> bool:
    days = abs(one.day - other.day) if one.day and other.day else 0
    return are_one_story(one.words, other.words, days, same_outlet=bool(one.outlet) and one.outlet == other.outlet)
