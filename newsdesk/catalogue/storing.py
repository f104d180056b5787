"""Putting an article into the catalogue's tables and taking one out, within a transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, delete, insert, select, update

from newsdesk.address import article_address
from newsdesk.catalogue import schema
from newsdesk.catalogue.changes import log_changes
from newsdesk.catalogue.feedback import cut_feedback_on
from newsdesk.catalogue.fingerprints import Hashes, fingerprints
from newsdesk.catalogue.hashes import content_hash, embedded_hash, story_hash, text_hash, texts_of_version
from newsdesk.catalogue.history import names, versions
from newsdesk.catalogue.lines import Line, all_without_lines, learn, stored_article, without_lines
from newsdesk.catalogue.rows import Outcome, article_of, chunks, now, paragraphs_of, text_of
from newsdesk.catalogue.stories.settling import leave_stories, settle
from newsdesk.types import Article, Passage, embedded_text


def put_article(
    connection: Connection, article: Article, split: Callable[[Article], Sequence[Passage]], seen_at: str = ""
) -> Outcome:
    """Stores an article under its first id; what its publisher calls older than what is there becomes history.

    `seen_at` is when it was taken in, if that is not now.
    """
    table = schema.articles
    new_hash = content_hash(article)
    old = connection.execute(select(table).where(table.c.id == article.id)).first()
    if old is None:
        put_new(connection, [article], split, seen_at)
        return "added"
    if old.content_hash == new_hash:
        return "unchanged"
    present = article_of(old, paragraphs_of(connection, old.number))
    if versions.comes_late(connection, old.number, present, article):
        return "older" if versions.keep_late(connection, old, present, article) else "unchanged"
    if story_hash(present) == story_hash(article) and content_hash(present) == old.content_hash:
        _note_version(connection, old.number, present, article)
        return "unchanged"
    versions.keep(connection, old, present)
    values = _values_of(article, old.version + 1, seen_at or now())
    connection.execute(update(table).where(table.c.number == old.number).values(values))
    connection.execute(delete(schema.paragraphs).where(schema.paragraphs.c.article == old.number))
    _insert_all(connection, schema.paragraphs, _paragraph_rows(old.number, article))
    _put_passages(connection, old.number, split(without_lines(connection, article)))
    return "updated"


def put_new(
    connection: Connection,
    articles: Sequence[Article],
    split: Callable[[Article], Sequence[Passage]],
    seen_at: str = "",
) -> None:
    """Stores articles of which the archive has none, and each of which is another: in a few statements for all of them."""
    seen_at = seen_at or now()
    numbers = connection.scalars(_ADDING, [_values_of(article, 1, seen_at) for article in articles]).all()
    numbered = list(zip(numbers, articles, strict=True))
    rows = [row for number, article in numbered for row in _paragraph_rows(number, article)]
    _insert_all(connection, schema.paragraphs, rows)
    searched = zip(numbers, all_without_lines(connection, articles), strict=True)
    rows = [_passage_row(number, passage) for number, article in searched for passage in split(article)]
    _insert_all(connection, schema.passages, rows)
    for chunk in chunks(numbers):
        log_changes(connection, connection.scalars(_PASSAGES_OF, {"articles": chunk}).all(), "text")


# Made once: making a statement costs more than running it.
_ADDING = insert(schema.articles).returning(schema.articles.c.number, sort_by_parameter_order=True)
_PASSAGES_OF = (
    select(schema.passages.c.number)
    .where(schema.passages.c.article.in_(bindparam("articles", expanding=True)))
    .order_by(schema.passages.c.number)
)


def _values_of(article: Article, version: int, seen_at: str) -> dict[str, Any]:
    return {
        "id": article.id,
        "version": version,
        "content_hash": content_hash(article),
        "title": article.title,
        "source": article.source,
        "authors": list(article.authors),
        "day": article.published.toordinal() if article.published else 0,
        "url": article.url,
        "agency": article.agency,
        "section": article.section,
        "language": article.language,
        "sample": article.sample,
        "changed_at": seen_at,
        "edition": article.edition,
        "modified": article.modified,
        "address": article_address(article.url),
    }


def _paragraph_rows(number: int, article: Article) -> list[dict[str, Any]]:
    return [
        {"article": number, "number": place, "text": text, "text_hash": text_hash(text)}
        for place, text in enumerate(article.paragraphs)
    ]


def _passage_row(article_number: int, passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "article": article_number,
        "position": passage.position,
        "spans": [list(span) for span in passage.spans],
        "header": passage.header,
        "embedded_hash": embedded_hash(embedded_text(passage.header, passage.text)),
        "embedded_length": len(passage.header) + len(passage.text),
    }


def _insert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def follow_lines(
    connection: Connection,
    before: set[Line],
    article_numbers: Sequence[int],
    split: Callable[[Article], Sequence[Passage]],
) -> None:
    """Makes the passages of all articles follow what these, and what went, teach about an outlet's lines."""
    for number in learn(connection, before, article_numbers):
        _put_passages(connection, number, split(without_lines(connection, stored_article(connection, number))))


def _note_version(connection: Connection, number: int, present: Article, article: Article) -> None:
    """Of an article that says the same as before: the version that it says it is."""
    if article.edition or article.modified:
        noted = replace(
            present, edition=article.edition or present.edition, modified=article.modified or present.modified
        )
        values = {"edition": noted.edition, "modified": noted.modified, "content_hash": content_hash(noted)}
        connection.execute(update(schema.articles).where(schema.articles.c.number == number).values(**values))


def _put_passages(connection: Connection, article_number: int, passages: Sequence[Passage]) -> None:
    """Makes the stored passages of the article equal to `passages`; a passage that stays keeps its number."""
    table = schema.passages
    stored = connection.execute(select(table).where(table.c.article == article_number)).all()
    old = {row.id: row.number for row in stored}
    staying = {passage.id for passage in passages}
    _drop_passages(connection, [row.number for row in stored if row.id not in staying])
    rows = []
    for passage in passages:
        row = _passage_row(article_number, passage)
        if passage.id in old:
            connection.execute(update(table).where(table.c.number == old[passage.id]).values(row))
        else:
            rows.append(row)
    _insert_all(connection, table, rows)
    # All of them: an article's new date or headline concerns the views though its text did not change.
    numbers = connection.scalars(select(table.c.number).where(table.c.article == article_number)).all()
    log_changes(connection, numbers, "text")
    _drop_unused_vectors(connection, [row.embedded_hash for row in stored])


def remove_articles(connection: Connection, article_numbers: Select[int]) -> int:
    """Removes the articles with all that hangs on them; how many there were."""
    numbers = list(connection.scalars(article_numbers))
    cut_feedback_on(connection, numbers, _leave_fingerprints(connection, numbers))
    mates = leave_stories(connection, numbers)
    for chunk in chunks(numbers):
        named = schema.articles.c.number.in_(chunk)
        names.forget_names(connection, connection.scalars(select(schema.articles.c.id).where(named)).all())
        of_articles = schema.passages.c.article.in_(chunk)
        _drop_passages(connection, list(connection.scalars(select(schema.passages.c.number).where(of_articles))))
        # Their paragraphs and versions go with them (ON DELETE CASCADE).
        connection.execute(delete(schema.articles).where(schema.articles.c.number.in_(chunk)))
    settle(connection, mates)
    return len(numbers)


def _leave_fingerprints(connection: Connection, article_numbers: Sequence[int]) -> list[Hashes]:
    """Of everything these articles say and said, so that `newsdesk purge` can prove that no file holds it."""
    articles, older = schema.articles, schema.versions
    left = []
    for number in article_numbers:
        texts = [*map(text_of, connection.scalars(select(articles.c.title).where(articles.c.number == number)))]
        texts += paragraphs_of(connection, number)
        for content in connection.scalars(select(older.c.content).where(older.c.article == number)):
            texts += _as_stored(content)
        left.append(_leave(connection, texts))
    return left


def leave_fingerprints_of(connection: Connection, contents: Sequence[Any]) -> None:
    """Of versions of one article (the JSON of `newsdesk.catalogue.history.versions`) that go for good."""
    if contents:
        _leave(connection, [text for content in contents for text in _as_stored(content)])


def _as_stored(content: Any) -> list[str]:
    told = texts_of_version(content)
    return [*told, *map(json.dumps, told)]  # versions lie in the file as JSON


def _leave(connection: Connection, texts: Sequence[str]) -> Hashes:
    left = fingerprints(texts)
    connection.execute(insert(schema.removed_texts).values(fingerprints=left.tobytes()))
    return left


def holds_samples(connection: Connection) -> bool:
    """Whether articles are there that ship with Newsdesk: they never come after others, so the oldest article tells."""
    table = schema.articles
    return bool(connection.scalar(select(table.c.sample).order_by(table.c.number).limit(1)))


def remove_samples(connection: Connection) -> int:
    """Removes the articles that ship with Newsdesk; how many there were."""
    if not holds_samples(connection):
        return 0
    return remove_articles(connection, select(schema.articles.c.number).where(schema.articles.c.sample))


def _drop_passages(connection: Connection, numbers: Sequence[int]) -> None:
    """Removes passages, and the vectors that no other passage uses."""
    table = schema.passages
    for chunk in chunks(numbers):
        hashes = list(connection.scalars(select(table.c.embedded_hash).where(table.c.number.in_(chunk))))
        connection.execute(delete(table).where(table.c.number.in_(chunk)))
        _drop_unused_vectors(connection, hashes)
        log_changes(connection, chunk, "gone")


def _drop_unused_vectors(connection: Connection, hashes: Sequence[bytes]) -> None:
    table = schema.vectors
    used = select(schema.passages.c.number).where(schema.passages.c.embedded_hash == table.c.embedded_hash)
    models = list(connection.scalars(select(schema.models.c.number)))  # named, because the index begins with them
    for chunk in chunks(hashes):
        of_texts = table.c.model.in_(models), table.c.embedded_hash.in_(chunk)
        connection.execute(delete(table).where(*of_texts, ~used.exists()))
