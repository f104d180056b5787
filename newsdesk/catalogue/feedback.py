"""Readers' feedback as the catalogue keeps it (the types are in newsdesk.feedback).

An answer is stored only while every article that it names is there and holds each quote to the letter. When an article is
removed, the words that were taken from it leave the feedback in the same transaction.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, astuple
from datetime import UTC, date, datetime
from itertools import chain, islice
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from sqlalchemy import Connection, Engine, Row, Table, delete, insert, select, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.fingerprints import Hashes, found_in
from newsdesk.errors import WrongUse
from newsdesk.feedback import Feedback, Found, Quoted, StoredFeedback
from newsdesk.types import Turn
from newsdesk.wording.dateline import dateline
from newsdesk.wording.quoted import quoted

if TYPE_CHECKING:
    pass


logger = logging.getLogger("newsdesk.catalogue.catalogue")

T = TypeVar("T")

_ADDED = re.compile(r"\[\d+\]|…")
"""What an answer adds to its quotes: markers, and an ellipsis where a sentence is cut."""

_AT_ONCE = 500  # rows


class FeedbackStore:
    """The feedback of one catalogue. Safe to use from many threads, and beside other processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, feedback: Feedback, key: str = "") -> int:
        """Stores feedback in one transaction; its number. What was stored under the same `key` before is replaced.

        Raises WrongUse, and stores nothing, when the answer names an article that is not there, quotes what the
        article does not say (any more), or says what its quotes do not.
        """
        table, key = schema.feedback, key or token_hex(16)
        with writing(self._engine).begin() as connection:
            articles = _known(connection, feedback)
            _check_quotes(connection, feedback.citations, articles)
            _check_said(feedback, _datelines(connection, articles))
            number = connection.scalar(select(table.c.number).where(table.c.key == key))
            if number is None:
                values = insert(table).values(key=key, **_row(feedback)).returning(table.c.number)
                number = connection.execute(values).scalar_one()
            else:
                connection.execute(update(table).where(table.c.number == number).values(_row(feedback)))
                for child in (schema.feedback_citations, schema.feedback_evidence):
                    connection.execute(delete(child).where(child.c.feedback == number))
            _put_named(connection, number, feedback, articles)
        return int(number)

    def remove(self, key: str) -> None:
        """Takes back what is stored under the key; nothing is said when there is nothing."""
        with writing(self._engine).begin() as connection:
            connection.execute(delete(schema.feedback).where(schema.feedback.c.key == key))

    def every(self) -> Iterator[StoredFeedback]:
        """All feedback, the oldest first, read piece by piece; a damaged row is passed over, and logged."""
        table, last = schema.feedback, 0
        while True:
            query = select(table).where(table.c.number > last).order_by(table.c.number).limit(_AT_ONCE)
            with self._engine.begin() as connection:
                rows = connection.execute(query).all()
                numbers = [row.number for row in rows]
                citations, evidence = _citations(connection, numbers), _evidence(connection, numbers)
            for row in rows:
                try:
                    yield _stored(row, tuple(citations[row.number]), tuple(evidence[row.number]))
                except (TypeError, ValueError, OverflowError):
                    logger.error("Feedback %s is damaged in the catalogue and is passed over.", row.number)
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1].number


def cut_feedback_on(connection: Connection, articles: Sequence[int], prints: Sequence[Hashes]) -> None:
    """Takes the words of articles (by their numbers), which are about to be removed, out of the feedback.

    Feedback that names one of them, or in which an earlier answer of the conversation holds a piece of one by its
    fingerprints (`prints`), keeps its question, its verdict and what its reader wrote.
    """
    if not articles:
        return
    numbers: set[int] = set()
    for child in (schema.feedback_citations, schema.feedback_evidence):
        for some in _portions(articles):
            numbers.update(connection.scalars(select(child.c.feedback).where(child.c.article.in_(some))))
    table = schema.feedback
    talked = (
        (row.number, *(turn.answer for turn in _turns(row.history)))
        for row in connection.execute(select(table.c.number, table.c.history))
    )
    numbers.update(_holding(talked, np.unique(np.concatenate(prints))))
    _cut(connection, sorted(numbers))


def feedback_holding(connection: Connection, wanted: Hashes) -> list[int]:
    """Numbers of the feedback in whose words, the reader's own included, one of these fingerprints occurs."""
    of = schema.feedback_citations
    words = (
        (
            row.number,
            row.question,
            row.expected,
            row.comment,
            row.text,
            row.short_answer,
            *chain.from_iterable(map(astuple, _turns(row.history))),
        )
        for row in connection.execute(select(schema.feedback))
    )
    quotes = connection.execute(select(of.c.feedback, of.c.quote))
    return sorted({*_holding(words, wanted), *_holding(quotes, wanted)})


def drop_feedback(connection: Connection, numbers: Sequence[int]) -> None:
    """Deletes feedback."""
    for some in _portions(numbers):
        connection.execute(delete(schema.feedback).where(schema.feedback.c.number.in_(some)))


def _known(connection: Connection, feedback: Feedback) -> dict[str, int]:
    """Id -> number of the articles that the answer names. Raises WrongUse when one of them is not there."""
    table = schema.articles
    cited, shown = feedback.citations, feedback.evidence
    named = list(dict.fromkeys([item.article_id for item in cited] + [item.article_id for item in shown]))
    rows = connection.execute(select(table.c.id, table.c.number).where(table.c.id.in_(named)))
    known = {row.id: row.number for row in rows}
    for article_id in named:
        if article_id not in known:
            raise WrongUse(
                f"The answer stands on the article {quoted(article_id)}, which is not in the archive (any more), so feedback "
                "on it cannot be kept. Ask again, and judge the answer that comes."
            )
    return known


def _check_quotes(connection: Connection, citations: Iterable[Quoted], articles: dict[str, int]) -> None:
    table = schema.paragraphs
    for cited in citations:
        here = (table.c.article == articles[cited.article_id]) & (table.c.number == cited.paragraph)
        text = connection.scalar(select(table.c.text).where(here))
        if text is None or str(text)[cited.start : cited.end] != cited.quote:
            raise WrongUse(
                f"Paragraph {cited.paragraph} (the first is 0) of the article {quoted(cited.article_id)} does not say {quoted(cited.quote)} at "
                f"[{cited.start}:{cited.end}]; it may have changed since the answer was given. Ask again, and judge the "
                "answer that comes."
            )


def _datelines(connection: Connection, articles: dict[str, int]) -> dict[str, str]:
    """Article id -> what stands before its quote in a list."""
    table = schema.articles
    query = select(table.c.id, table.c.day, table.c.source).where(table.c.number.in_(list(articles.values())))
    return {
        id_: dateline(date.fromordinal(day) if day else None, source) for id_, day, source in connection.execute(query)
    }


def _check_said(feedback: Feedback, datelines: dict[str, str]) -> None:
    """An answer has to stand on its quotes: what is exported as right must not be somebody's invention.

    In a list each quote has its article's day and outlet before it. What an LLM has put in its own words is only asked
    to cite something.
    """
    if not feedback.answerable:
        return
    quotes = " ".join(cited.quote for cited in feedback.citations)
    if not quotes:
        raise WrongUse("The answer cites nothing, and every answer does. Send it as it came from /api/ask.")
    if feedback.mode != "extractive":
        return
    listed = " ".join(f"{datelines[cited.article_id]}: {cited.quote}" for cited in feedback.citations)
    if _bare(feedback.text) not in (_bare(quotes), _bare(listed)):
        raise WrongUse("The text of the answer is not that of its quotes. Send it as it came from /api/ask.")
    if feedback.short_answer and _bare(feedback.short_answer) not in _bare(quotes):
        raise WrongUse(
            f"The short answer {quoted(feedback.short_answer)} stands in none of the quotes. Send the answer as it came "
            "from /api/ask; what would have been right is `expected`."
        )


def _bare(text: str) -> str:
    """Without what an answer adds, or what looks like it in a quote, and without differences of white space."""
    return " ".join(_ADDED.sub(" ", text).split())


def _row(feedback: Feedback) -> dict[str, Any]:
    same = ("verdict", "question", "expected", "comment", "answerable", "text", "short_answer", "confidence", "mode")
    return {
        **{name: getattr(feedback, name) for name in same},
        "history": [[turn.question, turn.answer] for turn in feedback.history],
        "as_of": feedback.as_of.toordinal() if feedback.as_of else 0,
        "given_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cut": False,
    }


def _put_named(connection: Connection, number: int, feedback: Feedback, articles: dict[str, int]) -> None:
    named: tuple[tuple[Table, Sequence[Quoted | Found]], ...] = (
        (schema.feedback_citations, feedback.citations),
        (schema.feedback_evidence, feedback.evidence),
    )
    for child, items in named:
        rows = [
            {**asdict(item), "feedback": number, "place": place, "article": articles[item.article_id]}
            for place, item in enumerate(items)
        ]
        for row in rows:
            del row["article_id"]
        if rows:
            connection.execute(insert(child), rows)


def _citations(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Quoted]]:
    of, about = schema.feedback_citations, schema.articles
    query = (
        select(of.c.feedback, about.c.id, of.c.paragraph, of.c.quote, of.c.start, of.c.end)
        .join(about, about.c.number == of.c.article)
        .where(of.c.feedback.in_(numbers))
        .order_by(of.c.feedback, of.c.place)
    )
    found: dict[int, list[Quoted]] = defaultdict(list)
    for number, *cited in connection.execute(query):
        found[number].append(Quoted(*cited))
    return found


def _evidence(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Found]]:
    of, about = schema.feedback_evidence, schema.articles
    query = (
        select(of.c.feedback, about.c.id, of.c.paragraphs)
        .join(about, about.c.number == of.c.article)
        .where(of.c.feedback.in_(numbers))
        .order_by(of.c.feedback, of.c.place)
    )
    found: dict[int, list[Found]] = defaultdict(list)
    for number, article_id, paragraphs in connection.execute(query):
        found[number].append(Found(article_id, tuple(paragraphs) if isinstance(paragraphs, list) else ()))
    return found


def _stored(row: Row[Any], citations: tuple[Quoted, ...], evidence: tuple[Found, ...]) -> StoredFeedback:
    if row.verdict not in ("up", "down"):
        raise ValueError(row.verdict)
    feedback = Feedback(
        question=row.question,
        verdict=row.verdict,
        answerable=row.answerable,
        text=row.text,
        confidence=row.confidence,
        mode=row.mode,
        short_answer=row.short_answer,
        citations=citations,
        evidence=evidence,
        history=_turns(row.history),
        as_of=date.fromordinal(row.as_of) if row.as_of else None,
        expected=row.expected,
        comment=row.comment,
    )
    return StoredFeedback(row.number, row.given_at, row.cut, feedback)


def _turns(stored: Any) -> tuple[Turn, ...]:
    """The conversation before the question; none when it is damaged."""
    try:
        return tuple(Turn(str(question), str(answer)) for question, answer in stored)
    except (TypeError, ValueError):
        return ()


def _holding(numbered: Iterable[Sequence[Any]], wanted: Hashes) -> set[int]:
    """Numbers of those in whose texts one of the fingerprints occurs; each is its number and its texts."""
    found: set[int] = set()
    for some in _portions(numbered):
        texts = [(number, "\n".join(map(str, of)).encode(errors="replace")) for number, *of in some]
        if len(found_in(b"\n".join(text for _, text in texts), wanted)):  # as a rule not: one look at all is enough
            found.update(number for number, text in texts if len(found_in(text, wanted)))
    return found


def _cut(connection: Connection, numbers: Sequence[int]) -> None:
    table, quotes = schema.feedback, schema.feedback_citations
    for some in _portions(numbers):
        for row in connection.execute(select(table.c.number, table.c.history).where(table.c.number.in_(some))).all():
            asked = [[turn.question, ""] for turn in _turns(row.history)]
            connection.execute(
                update(table)
                .where(table.c.number == row.number)
                .values(text="", short_answer=None, history=asked, cut=True)
            )
        connection.execute(update(quotes).where(quotes.c.feedback.in_(some)).values(quote=""))


def _portions(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
