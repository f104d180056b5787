"""Saved questions as the catalogue keeps them (the types are in newsdesk.saved).

How far the archive was read for them is the number of the newest passage that was tried: passages get rising numbers in the
order in which they are committed, keep them while their text stays, and no number is given twice. So whatever came while
nothing ran is tried later, and whatever was tried is not tried again, also after a purge, a rebuild or a restored backup.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from secrets import token_urlsafe

from sqlalchemy import Connection, Engine, Row, Select, delete, func, insert, select, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.rows import day_of, now, text_of
from newsdesk.errors import AlreadySaved, SavedQuestionNotFound, WrongUse
from newsdesk.saved import MAX_SAVED, Finding, Found, NewPassages, SavedQuestion

_ONLY = 1  # number of the one row of progress


class SavedQuestions:
    """The saved questions of one catalogue. Safe to use from many threads, and beside other processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # ----------------------------------------------------------------- the questions

    def add(self, question: str, webhook: str = "") -> SavedQuestion:
        """Saves a question, which articles that come from now on are tried against.

        Raises WrongUse when there are too many, AlreadySaved when it is there with the same webhook.
        """
        with writing(self._engine).begin() as connection:
            for row in connection.execute(_questions().where(schema.saved_questions.c.webhook == webhook)):
                if _same(row.question, question):
                    raise AlreadySaved(row.key, question)
            count = connection.scalar(select(func.count()).select_from(schema.saved_questions)) or 0
            if count >= MAX_SAVED:
                raise WrongUse(f"{MAX_SAVED} questions are saved, the most there can be. Remove one first.")
            newest = _newest(connection)
            if not count:  # nobody followed until now, and nothing that is there is new
                _reach(connection, newest)
            saved = SavedQuestion(token_urlsafe(12), question, webhook, token_urlsafe(32), newest, now())
            values = {
                name: getattr(saved, name) for name in ("key", "question", "webhook", "secret", "since", "saved_at")
            }
            connection.execute(insert(schema.saved_questions).values(values))
        return saved

    def remove(self, key: str) -> None:
        """Removes a question with what was found. Raises SavedQuestionNotFound."""
        with writing(self._engine).begin() as connection:
            done = connection.execute(delete(schema.saved_questions).where(schema.saved_questions.c.key == key))
            if not done.rowcount:
                raise SavedQuestionNotFound(key)

    def every(self) -> list[SavedQuestion]:
        """All questions, the oldest first."""
        with self._engine.begin() as connection:
            return [_saved(row) for row in connection.execute(_questions())]

    def one(self, key: str) -> SavedQuestion:
        """The question with this key. Raises SavedQuestionNotFound."""
        with self._engine.begin() as connection:
            row = connection.execute(_questions().where(schema.saved_questions.c.key == key)).first()
        if row is None:
            raise SavedQuestionNotFound(key)
        return _saved(row)

    # ----------------------------------------------------------------- following the archive

    def newest(self) -> int:
        """Number of the newest passage there is; 0 when there is none."""
        with self._engine.begin() as connection:
            return _newest(connection)

    def untried(self, upto: int, limit: int) -> list[NewPassages]:
        """The next passages that were not tried, up to the one with this number, of whole articles, the first come first.

        They are of about `limit` passages, and of one article at least.
        """
        table, about = schema.passages, schema.articles
        query = (
            select(table.c.number, about.c.id)
            .join(about, about.c.number == table.c.article)
            .where(table.c.number <= upto)
            .order_by(table.c.number)
        )
        with self._engine.begin() as connection:
            later = query.where(table.c.number > _reached(connection))
            rows = list(connection.execute(later.limit(limit)))
            if len(rows) == limit:  # the last article may go on behind them: an article's are committed together
                last = rows[-1]
                own = select(table.c.article).where(table.c.number == last.number)
                rest = query.where(table.c.number > last.number, table.c.article == own.scalar_subquery())
                rows += connection.execute(rest)
        return [
            NewPassages(id_, tuple(row.number for row in group)) for id_, group in groupby(rows, key=lambda row: row.id)
        ]

    def keep(self, found: Sequence[Found], reached: int) -> None:
        """Keeps what was found, and in the same transaction that all passages up to `reached` were tried.

        What names an article or a question that is gone, or an article that was told of before, is left out.
        """
        with writing(self._engine).begin() as connection:
            for each in found:
                _keep(connection, each)
            _reach(connection, max(reached, _reached(connection)))

    def arrivals(self, article_ids: Sequence[str]) -> dict[str, int]:
        """When each of these articles came: the lowest number of its passages; articles that are gone are left out."""
        table, about = schema.passages, schema.articles
        query = (
            select(about.c.id, func.min(table.c.number).label("first"))
            .join(table, table.c.article == about.c.number)
            .where(about.c.id.in_(list(article_ids)))
            .group_by(about.c.id)
        )
        with self._engine.begin() as connection:
            return {row.id: row.first for row in connection.execute(query)}

    # ----------------------------------------------------------------- what was found

    def findings(self, key: str, limit: int, offset: int = 0) -> list[Finding]:
        """What was found for a question, the newest first. Raises SavedQuestionNotFound."""
        self.one(key)
        query = _findings().where(schema.saved_questions.c.key == key)
        with self._engine.begin() as connection:
            page = query.order_by(schema.saved_findings.c.number.desc()).limit(limit).offset(offset)
            return [_finding(row) for row in connection.execute(page)]

    def told_of(self, key: str, article_ids: Sequence[str]) -> set[str]:
        """Those of the articles that answered this question before."""
        of, about, asked = schema.saved_findings, schema.articles, schema.saved_questions
        query = (
            select(about.c.id)
            .join(of, of.c.article == about.c.number)
            .join(asked, asked.c.number == of.c.saved)
            .where(asked.c.key == key, about.c.id.in_(list(article_ids)))
        )
        with self._engine.begin() as connection:
            return set(connection.scalars(query))

    # ----------------------------------------------------------------- the webhooks

    def due(self, limit: int) -> Iterator[tuple[SavedQuestion, Finding]]:
        """What a webhook is to be told of now, the first found first, with its question."""
        of = schema.saved_findings
        query = _findings().where(of.c.due > 0, of.c.due <= int(time.time())).order_by(of.c.number).limit(limit)
        with self._engine.begin() as connection:
            findings = [_finding(row) for row in connection.execute(query)]
        asked = {saved.key: saved for saved in self.every()} if findings else {}
        for finding in findings:
            if finding.found.saved in asked:
                yield asked[finding.found.saved], finding

    def told(self, number: int) -> None:
        """Notes that the webhook has taken a finding, or is not to be told of it any more."""
        self._set_due(number, 0, 0)

    def not_told(self, number: int, wait: float) -> None:
        """Notes that the webhook did not take a finding, and is told again in `wait` seconds."""
        self._set_due(number, int(time.time() + wait), 1)

    def _set_due(self, number: int, due: int, tries: int) -> None:
        of = schema.saved_findings
        with writing(self._engine).begin() as connection:
            connection.execute(update(of).where(of.c.number == number).values(due=due, tries=of.c.tries + tries))


def _questions() -> Select[tuple[object, ...]]:
    asked, of = schema.saved_questions, schema.saved_findings
    count = select(func.count()).where(of.c.saved == asked.c.number).scalar_subquery().label("findings")
    return select(asked, count).order_by(asked.c.number)


def _findings() -> Select[tuple[object, ...]]:
    of, about, asked = schema.saved_findings, schema.articles, schema.saved_questions
    columns = (about.c.id, about.c.title, about.c.source, about.c.day, about.c.url, asked.c.key)
    return (
        select(of, *columns)
        .join(about, about.c.number == of.c.article)
        .join(asked, asked.c.number == of.c.saved)
    )  # fmt: skip


def _saved(row: Row[tuple[object, ...]]) -> SavedQuestion:
    return SavedQuestion(row.key, row.question, row.webhook, row.secret, row.since, row.saved_at, row.findings)


def _finding(row: Row[tuple[object, ...]]) -> Finding:
    found = Found(
        row.key, text_of(row.id), row.paragraph, row.start, row.end, row.quote, row.short_answer, row.confidence
    )
    return Finding(
        row.number, found, text_of(row.title), text_of(row.source), day_of(row.day), text_of(row.url), row.found_at, row.tries
    )  # fmt: skip


def _keep(connection: Connection, found: Found) -> None:
    of, about, asked = schema.saved_findings, schema.articles, schema.saved_questions
    question = connection.execute(select(asked.c.number, asked.c.webhook).where(asked.c.key == found.saved)).first()
    article = connection.scalar(select(about.c.number).where(about.c.id == found.article_id))
    if question is None or article is None:
        return
    if connection.scalar(select(of.c.number).where(of.c.saved == question.number, of.c.article == article)):
        return
    names = ("paragraph", "start", "end", "quote", "short_answer", "confidence")
    values = {name: getattr(found, name) for name in names}
    due = int(time.time()) if question.webhook else 0
    connection.execute(
        insert(of).values(saved=question.number, article=article, found_at=now(), tries=0, due=due, **values)
    )


def _same(one: str, other: str) -> bool:
    """Whether two questions are one, whatever their capitals, spaces and closing mark."""
    first, second = (" ".join(text.casefold().split()).rstrip(" ?.!") for text in (one, other))
    return first == second


def _newest(connection: Connection) -> int:
    return connection.scalar(select(func.max(schema.passages.c.number))) or 0


def _reached(connection: Connection) -> int:
    return connection.scalar(select(schema.saved_progress.c.passage)) or 0


def _reach(connection: Connection, passage: int) -> None:
    table = schema.saved_progress
    if not connection.execute(update(table).values(passage=passage)).rowcount:
        connection.execute(insert(table).values(number=_ONLY, passage=passage))
