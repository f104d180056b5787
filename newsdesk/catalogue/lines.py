"""Lines that an outlet prints under story after story, learnt from what is stored: boxes, notices, addresses of authors.

They stay on the article's page under their numbers, but no passage holds them: they are not searched, read or quoted.
A line counts as one only where it stands in many stories that have nothing else in common. A story printed again and
again is no such line, nor is the paragraph of background that each report on one affair repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, insert, select, tuple_, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.hashes import text_hash
from newsdesk.catalogue.rows import article_of, chunks, paragraphs_of
from newsdesk.types import Article

FEWEST = 8
"""Stories that must hold a line. Of the lines in 8 of three archives' stories all are furniture (docs/ingest.md); of
those in 5, every tenth is a sentence that several reports on one thing have."""
_MOST = 3 * FEWEST  # stories looked at
_FEWEST_WORDS = 5
_FEWEST_CJK = 10
"""Shorter lines are as often headings that part a story ("Photos of the week"), and harm little where they are not."""
_MOST_AT_HOME = 0.3
_WORD = re.compile(r"[^\W\d_]{5,}|(?=([\u3040-\u30ff\u3400-\u9fff]{2}))")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


class Line(NamedTuple):
    """A paragraph of an outlet, whatever its case and white space."""

    source: str
    text_hash: bytes


def without_lines(connection: Connection, article: Article) -> Article:
    """The article with nothing in place of each such line; as it is if it holds nothing else."""
    (searched,) = all_without_lines(connection, [article])
    return searched


def all_without_lines(connection: Connection, articles: Sequence[Article]) -> list[Article]:
    """Each of them as `without_lines` gives it."""
    lines = [[Line(article.source, text_hash(text)) for text in article.paragraphs] for article in articles]
    hashes = list({line.text_hash for every in lines for line in every})
    known: set[Line] = set()
    for chunk in chunks(hashes):
        known.update(Line(*row) for row in connection.execute(_FURNITURE, {"hashes": chunk}))
    return [_without(known, article, own) for article, own in zip(articles, lines, strict=True)]


def lines_left_out(connection: Connection, article: Article) -> frozenset[int]:
    """Numbers of the paragraphs that are such lines."""
    searched = without_lines(connection, article).paragraphs
    both = zip(article.paragraphs, searched, strict=True)
    return frozenset(number for number, (text, left) in enumerate(both) if text and not left)


def known_lines(connection: Connection, article_numbers: Iterable[int]) -> set[Line]:
    """The lines of these articles that something was learnt about: what is to be looked at again when the articles change."""
    about, of, learnt = schema.articles, schema.paragraphs, schema.outlet_lines
    found: set[Line] = set()
    for chunk in chunks(list(article_numbers)):
        query = (
            select(learnt.c.source, learnt.c.text_hash)
            .join(of, of.c.text_hash == learnt.c.text_hash)
            .join(about, (about.c.number == of.c.article) & (about.c.source == learnt.c.source))
            .where(about.c.number.in_(chunk))
        )
        found.update(Line(*row) for row in connection.execute(query))
    return found


def learn(connection: Connection, before: Iterable[Line], article_numbers: Sequence[int]) -> list[int]:
    """Brings what is known about lines up to date; numbers of the articles whose passages are to be made again.

    `before` is `known_lines` of the articles that went or changed, `article_numbers` are those that came or changed.
    """
    concerned: set[int] = set()
    for line in before:
        holders = _holders(connection, line, FEWEST)
        if len(holders) < FEWEST:
            table = schema.outlet_lines
            row = (table.c.source == line.source) & (table.c.text_hash == line.text_hash)
            if connection.scalar(delete(table).where(row).returning(table.c.furniture)):
                concerned.update(holders)
    judge = _Judge(connection)
    for line in _candidates(connection, article_numbers):
        holders = _holders(connection, line, None)
        if len(holders) < FEWEST:
            continue
        furniture = judge.is_furniture(line, holders[:_MOST])
        _note(connection, line, furniture, len(holders))
        if furniture:
            concerned.update(holders)
    return sorted(concerned)


def stored_article(connection: Connection, number: int) -> Article:
    """The article of this number, whole."""
    row = connection.execute(select(schema.articles).where(schema.articles.c.number == number)).one()
    return article_of(row, paragraphs_of(connection, number))


# -------------------------------------------------------------------- private

_FURNITURE = select(schema.outlet_lines.c.source, schema.outlet_lines.c.text_hash).where(
    schema.outlet_lines.c.text_hash.in_(bindparam("hashes", expanding=True)), schema.outlet_lines.c.furniture
)


def _without(known: set[Line], article: Article, lines: Sequence[Line]) -> Article:
    left = ["" if line in known else text for text, line in zip(article.paragraphs, lines, strict=True)]
    return replace(article, paragraphs=tuple(left)) if any(left) and not all(left) else article


def _candidates(connection: Connection, article_numbers: Sequence[int]) -> set[Line]:
    """The lines of these articles that many others hold, and that are to be judged."""
    about, of, learnt = schema.articles, schema.paragraphs, schema.outlet_lines
    known = (learnt.c.source == about.c.source) & (learnt.c.text_hash == of.c.text_hash)
    found: set[Line] = set()
    for chunk in chunks(article_numbers):
        query = (
            select(about.c.source, of.c.text_hash, of.c.text, learnt.c.furniture, learnt.c.judged, learnt.c.since)
            .join(about, about.c.number == of.c.article)
            .outerjoin(learnt, known)
            .where(of.c.article.in_(chunk), func.length(of.c.text) >= _FEWEST_CJK)
            .where(_is_frequent(of.c.text_hash, about.c.source))
        )
        for row in connection.execute(query).all():
            line = Line(row.source, row.text_hash)
            if row.furniture or line in found or not _is_long_enough(row.text):
                continue
            if row.judged is None or row.since + 1 >= row.judged:
                found.add(line)
            else:  # it was found to be story: it is not looked at again before twice as many articles hold it
                same = (learnt.c.source == line.source) & (learnt.c.text_hash == line.text_hash)
                connection.execute(update(learnt).where(same).values(since=learnt.c.since + 1))
    return found


def _is_long_enough(text: str) -> bool:
    return len(text.split()) >= _FEWEST_WORDS or len(_CJK.findall(text)) >= _FEWEST_CJK


def _is_frequent(hashed: ColumnElement[bytes], source: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the outlet has the line at least FEWEST times."""
    about, other = schema.articles.alias(), schema.paragraphs.alias()
    same = select(other.c.article).join(about, about.c.number == other.c.article)
    return exists(same.where(other.c.text_hash == hashed, about.c.source == source).limit(1).offset(FEWEST - 1))


def _holders(connection: Connection, line: Line, most: int | None) -> list[int]:
    """Numbers of the outlet's articles that hold the line, the newest in the archive first."""
    about, of = schema.articles, schema.paragraphs
    query = select(of.c.article).distinct().join(about, about.c.number == of.c.article)
    query = query.where(of.c.text_hash == line.text_hash, about.c.source == line.source)
    return list(connection.scalars(query.order_by(of.c.article.desc()).limit(most)))


def _note(connection: Connection, line: Line, furniture: bool, articles: int) -> None:
    table = schema.outlet_lines
    key = line._asdict()
    connection.execute(delete(table).where(tuple_(table.c.source, table.c.text_hash) == tuple_(*line)))
    connection.execute(insert(table).values(**key, furniture=furniture, judged=articles, since=0))


@dataclass(frozen=True, slots=True)
class _Holder:
    """An article that holds a line, as far as it matters."""

    title: str
    length: int
    """Characters of its paragraphs."""
    own: dict[bytes, str]
    """Those of its paragraphs that are no frequent line of the outlet."""

    @property
    def about(self) -> set[str]:
        """The words of the headline, or else of the first paragraph of its own."""
        return _words(self.title or next(iter(self.own.values()), ""))


class _Judge:
    """Tells furniture from story by the articles in which a line stands; loads each of them once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loaded: dict[int, _Holder] = {}

    def is_furniture(self, line: Line, holders: Sequence[int]) -> bool:
        """True if enough stories of different content hold the line, and it has not their words."""
        stories = _different([self._holder(number) for number in holders])
        if len(stories) < FEWEST:
            return False
        text = self._text(line)
        words = _words(text)
        shared = [len(words & _words("\n".join((story.title, *story.own.values())))) for story in stories]
        related = [bool(one & other) for one, other in combinations([story.about for story in stories], 2)]
        at_home = median(shared) / max(1, len(words)) * sum(related) / len(related)
        return at_home < _MOST_AT_HOME

    def _text(self, line: Line) -> str:
        of = schema.paragraphs
        return str(self._connection.scalar(select(of.c.text).where(of.c.text_hash == line.text_hash).limit(1)))

    def _holder(self, number: int) -> _Holder:
        if number not in self._loaded:
            about, of = schema.articles, schema.paragraphs
            query = (
                select(about.c.title, of.c.text, of.c.text_hash, _is_frequent(of.c.text_hash, about.c.source))
                .join(about, about.c.number == of.c.article)
                .where(of.c.article == number)
                .order_by(of.c.number)
            )
            rows = self._connection.execute(query).all()
            own = {hashed: text for _, text, hashed, frequent in rows if not frequent}
            self._loaded[number] = _Holder(rows[0].title, sum(len(row.text) for row in rows), own)
        return self._loaded[number]


def _different(holders: Iterable[_Holder]) -> list[_Holder]:
    """The articles that are stories of their own: not only frequent lines, and mostly not what another one says."""
    seen: set[bytes] = set()
    stories = []
    for holder in holders:
        own = sum(map(len, holder.own.values()))
        new = sum(len(text) for hashed, text in holder.own.items() if hashed not in seen)
        if 4 * new >= holder.length and 2 * new >= own > 0:
            seen.update(holder.own)
            stories.append(holder)
    return stories


def _words(text: str) -> set[str]:
    return {match.group(1) or match.group() for match in _WORD.finditer(text.casefold())} - {""}
