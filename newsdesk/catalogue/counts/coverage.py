"""The coverage receipt of an answer: how much was searched, how new it is, and what kind of articles are cited."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from threading import Lock
from typing import Any

from sqlalchemy import Engine, case, distinct, func, select

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import Position
from newsdesk.catalogue.rows import chunks, day_of, filtered
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.types import Answer, Citation, Coverage, Filters, Narrowing, Question
from newsdesk.wording.dateline import days_in_words, in_words

_KEPT = 64
"""Counts that are remembered: one for each way in which questions were narrowed lately."""

_SHARE = 20
"""While articles come in, a count that took a second serves for this many: counting takes a twentieth of the time at most."""

_YEAR = timedelta(365)


@dataclass(frozen=True, slots=True)
class _Holdings:
    """What passes some filters."""

    articles: int
    outlets: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class _Counted:
    at: Position
    until: float
    """Until when it serves although the archive has changed."""
    value: Any


class CoverageCounts:
    """Fills in the receipt of an answer. Counts are kept until the archive changes, so that they cost an answer nothing."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Of the articles of this catalogue."""
        self._catalogue = catalogue
        self._vectors = StoredVectors(catalogue)
        self._kept: dict[object, _Counted] = {}
        self._lock = Lock()

    def of(self, question: Question, answer: Answer) -> Coverage:
        """What was searched for the answer and what it cites, as of the day that the question names, else of today."""
        today = question.as_of or date.today()
        at = self._catalogue.changes.last()
        filters = _filters(question, answer.narrowed)
        held: _Holdings = self._count((filters, today), at, partial(_holdings, self._catalogue.engine, filters, today))
        share: float = self._count("vectors", at, self._without_vectors)
        wire, corrected, older = _kinds(self._catalogue.engine, answer.citations, today)
        return Coverage(
            articles=held.articles,
            outlets=held.outlets,
            first=held.first,
            last=held.last,
            days_old=(today - held.last).days if held.last else None,
            without_vectors=share,
            narrowed_to=_narrowed_to(question, answer.narrowed),
            cited=len({cited.article_id for cited in answer.citations}),
            wire=wire,
            corrected=corrected,
            older_than_a_year=older,
        )

    def _count(self, key: object, at: Position, count: Callable[[], Any]) -> Any:
        """What was counted when the archive stood there; counted again when it stands elsewhere, but not all the time."""
        began = time.monotonic()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and (kept.at == at or began < kept.until):
            return kept.value
        value, ended = count(), time.monotonic()
        with self._lock:
            self._kept.pop(key, None)
            while len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = _Counted(at, ended + _SHARE * (ended - began), value)
        return value

    def _without_vectors(self) -> float:
        progress = self._vectors.progress(self._vectors.active())
        return 1 - progress.done / progress.total if progress.total else 0.0


def _filters(question: Question, narrowed: Sequence[Narrowing]) -> Filters:
    """What kept articles out of the search altogether."""
    asked = question.filters
    outlets = asked.sources
    for each in narrowed:
        if each.kind == "outlets":
            outlets = (each.text, *each.text.split(", "))  # several are shown with commas between them
    return Filters(outlets, asked.published_from, asked.published_to, question.as_of)


def _narrowed_to(question: Question, narrowed: Sequence[Narrowing]) -> tuple[str, ...]:
    """The days, outlets and authors that were set or understood, in words."""
    asked, parts = question.filters, []
    if asked.published_from and asked.published_to:
        parts.append(days_in_words(asked.published_from, asked.published_to))
    elif asked.published_from:
        parts.append(f"from {in_words(asked.published_from)}")
    elif asked.published_to:
        parts.append(f"up to {in_words(asked.published_to)}")
    if question.as_of:
        parts.append(f"as of {in_words(question.as_of)}")
    return (*parts, *asked.sources, *(each.text for each in narrowed))


def _holdings(engine: Engine, filters: Filters, today: date) -> _Holdings:
    """Articles, outlets, and the first and last day; a day to come is a slip and is not the last."""
    table = schema.articles
    dated = case((table.c.day.between(1, today.toordinal()), table.c.day))
    named = case((table.c.source != "", table.c.source))
    query = select(
        func.count(), func.count(distinct(named)), func.coalesce(func.min(dated), 0), func.coalesce(func.max(dated), 0)
    ).select_from(table)
    with engine.begin() as connection:
        articles, outlets, first, last = connection.execute(filtered(query, filters)).one()
    return _Holdings(articles, outlets, day_of(first), day_of(last))


def _kinds(engine: Engine, citations: Sequence[Citation], today: date) -> tuple[int, int, int]:
    """How many cited articles are wire copies, were corrected since they first came, and are older than a year."""
    ids = list({cited.article_id for cited in citations})
    wire = {cited.article_id for cited in citations if cited.also_in}
    table, before = schema.articles, schema.versions
    changed = select(before.c.article).where(before.c.article == table.c.number).exists()
    corrected = older = 0
    with engine.begin() as connection:
        for chunk in chunks(ids):
            query = select(table.c.id, table.c.agency, table.c.day, changed.label("changed"))
            for row in connection.execute(query.where(table.c.id.in_(chunk))):
                if row.agency:
                    wire.add(row.id)
                corrected += bool(row.changed)
                older += 0 < row.day < (today - _YEAR).toordinal()
    return len(wire), corrected, older
