"""The tables of the catalogue, for SQLAlchemy Core.

`migrations/` makes them step by step; a test holds the two against each other.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy import Integer as PlainInteger
from sqlalchemy import Text as PlainText


class _PostgresText(TypeDecorator[str]):
    """Any text for PostgreSQL, which has none with a NUL, and orders texts by the letters of some language if it may."""

    impl = PlainText
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(collation="C")

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """Without NULs; a private character, doubled where it occurs by itself, takes their place."""
        if isinstance(value, str) and ("\0" in value or _ESCAPE in value):
            return value.replace(_ESCAPE, _ESCAPE * 2).replace("\0", f"{_ESCAPE}0")
        return value

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """As it was."""
        if isinstance(value, str) and _ESCAPE in value:
            return re.sub(f"{_ESCAPE}(.)", lambda found: found[1].replace("0", "\0"), value, flags=re.DOTALL)
        return value


_ESCAPE = "\U0010fffd"

Integer = PlainInteger().with_variant(BigInteger(), "postgresql")
"""A whole number of 64 bits, as every one is in SQLite. Migrations use it too, and the next."""

Text = PlainText().with_variant(_PostgresText(), "postgresql")
"""A text, ordered by its code points."""

metadata = MetaData()

articles = Table(
    "articles",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("day", Integer, nullable=False),  # proleptic Gregorian ordinal, 0: undated
    Column("url", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("changed_at", Text, nullable=False),  # UTC, ISO 8601
    Column("edition", Integer, nullable=False, server_default=text("0")),
    Column("modified", Text, nullable=False, server_default=text("''")),
    Column("address", Text, nullable=False, server_default=text("''")),  # newsdesk.address.article_address of the url
    Index("articles_by_day", "day"),
    Index("articles_by_source", "source"),
    Index("articles_by_address", "address"),
    sqlite_autoincrement=True,
)

versions = Table(
    "versions",
    metadata,
    # What an article was before it changed, with the hash it then had: one row for each version but the present one.
    # They are numbered as their publisher made them, as far as that is known, and not as they came.
    Column("article", Integer, ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("replaced_at", Text, nullable=False),
    Column("seen_at", Text, nullable=False, server_default=text("''")),  # "": stored before that was noted
    PrimaryKeyConstraint("article", "version"),
)

names = Table(
    "names",
    metadata,
    # Other ids under which versions of an article came, because they bore its address. Its first id has a row too then.
    Column("name", Text, primary_key=True),
    Column("id", Text, nullable=False),  # the article's first id; it may be under embargo
    Column(
        "story_hash", Text, nullable=False
    ),  # what came last under this name: it says nothing new when it comes again
    Index("names_by_id", "id"),
)

held = Table(
    "held",
    metadata,
    # Versions of articles whose time has not come, in the order in which they came. Of such an article no version is in
    # `articles`, so that nothing that reads the archive has to know of embargoes.
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("until", Text),  # UTC, newsdesk.catalogue.rows.moment_text; null: until a version lifts it
    Column("content", JSON, nullable=False),  # as in `versions`
    Column("passages", JSON, nullable=False),
    Column("came_free", Boolean, nullable=False),  # it was in the archive before a later version brought the embargo
    Column("seen_at", Text, nullable=False),
    Index("held_by_id", "id"),
    Index("held_by_address", "address"),
    Index("held_by_until", "until"),
)

kills = Table(
    "kills",
    metadata,
    # What senders took back: it and its older versions stay out.
    Column("name", Text, primary_key=True),  # an id, or an address
    Column("edition", Integer, nullable=False),
    Column("modified", Text, nullable=False),
    Column("stories", JSON, nullable=False),  # hashes of what was removed, and of which articles
    Column("reason", Text, nullable=False),
    Column("killed_at", Text, nullable=False),
)

paragraphs = Table(
    "paragraphs",
    metadata,
    Column("article", Integer, ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("article", "number"),
    Index("paragraphs_by_text", "text_hash"),
)

outlet_lines = Table(
    "outlet_lines",
    metadata,
    # Lines that many articles of an outlet hold, and whether they are furniture (newsdesk.catalogue.lines).
    Column("source", Text, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("furniture", Boolean, nullable=False),
    Column("judged", Integer, nullable=False),  # articles that held it when that was last decided
    Column("since", Integer, nullable=False),  # articles with it that came since
    PrimaryKeyConstraint("source", "text_hash"),
    Index("outlet_lines_by_text", "text_hash"),
)

stories = Table(
    "stories",
    metadata,
    # Which story an article tells (newsdesk.catalogue.stories). One without a row is still to be looked at.
    Column("article", Integer, ForeignKey("articles.number", ondelete="CASCADE"), primary_key=True),
    Column("story", Integer, nullable=False),  # the lowest number of its articles
    Column("text_hash", LargeBinary, nullable=False),  # of all its paragraphs; empty where it has none
    Column("hashes", Integer, nullable=False),  # how many its sketch has
    Column("last_hash", Integer, nullable=False),  # the highest of them
    Index("stories_by_story", "story"),
    Index("stories_by_text", "text_hash"),
)

sketches = Table(
    "sketches",
    metadata,
    # A few hashes of an article's words: those that share some, days apart at most, may be one story.
    Column("hash", Integer, nullable=False),
    Column("day", Integer, nullable=False),  # the article's
    Column("article", Integer, ForeignKey("stories.article", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("hash", "day", "article"),
    Index("sketches_by_article", "article"),
    sqlite_with_rowid=False,
)

passages = Table(
    "passages",
    metadata,
    Column("number", Integer, primary_key=True),  # never used again: what the views hold
    Column("id", Text, nullable=False, unique=True),
    Column("article", Integer, ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("spans", JSON, nullable=False),  # [[paragraph, start, end], ...]
    Column("header", Text, nullable=False),
    Column("embedded_hash", LargeBinary, nullable=False),
    Column("embedded_length", Integer, nullable=False),  # characters; batches are sorted by it
    Index("passages_by_article", "article"),
    Index("passages_by_embedded", "embedded_hash"),
    sqlite_autoincrement=True,
)

models = Table(
    "models",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # name and fingerprint of the weights
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),  # the one questions are embedded with; at most one
)

vectors = Table(
    "vectors",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("model", Integer, ForeignKey("models.number", ondelete="CASCADE"), nullable=False),
    Column("embedded_hash", LargeBinary, nullable=False),
    Column("vector", LargeBinary, nullable=False),  # float32, little endian, unit length
    UniqueConstraint("model", "embedded_hash"),
)

embedding_parts = Table(
    "embedding_parts",
    metadata,
    # Passages whose vectors one worker makes at a time (newsdesk.catalogue.embedding.parts).
    Column("number", Integer, primary_key=True),
    Column("model", Integer, ForeignKey("models.number", ondelete="CASCADE"), nullable=False),
    Column("passages", JSON, nullable=False),  # their numbers
    Column("holder", Text, nullable=False),  # newsdesk.catalogue.leases.Process; "": nobody has it
    Column("expires", Integer, nullable=False),  # seconds since 1970, UTC: from then on another may take it; 0: at once
    Column("tries", Integer, nullable=False),  # how often it was done to the end, and these passages had no vector
    sqlite_autoincrement=True,
)

shards = Table(
    "shards",
    metadata,
    # Collections on Chroma servers (newsdesk.catalogue.shards), each with the vectors of one model and some days.
    Column("number", Integer, primary_key=True),
    Column("model", Integer, ForeignKey("models.number", ondelete="CASCADE"), nullable=False),
    Column("server", Text, nullable=False),  # its address, as the setting has it
    Column("collection", Text, nullable=False, unique=True),
    Column("first", Integer, nullable=False),  # days, proleptic Gregorian ordinals; 0 and 0: articles without a day
    Column("last", Integer, nullable=False),
    Column("records", Integer, nullable=False),  # how many passages are placed in it
    Column("state", Text, nullable=False),  # newsdesk.catalogue.shards.placement.State
    sqlite_autoincrement=True,
)

placed = Table(
    "placed",
    metadata,
    # The one shard of each model that holds a passage's vector, or is to hold it.
    Column("model", Integer, nullable=False),
    Column("passage", Integer, nullable=False),
    Column("shard", Integer, ForeignKey("shards.number", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("model", "passage"),
    Index("placed_by_shard", "shard", "passage"),
    sqlite_with_rowid=False,
)

shard_work = Table(
    "shard_work",
    metadata,
    # What a server does not hold as it should: a passage that is placed in the shard is to be written there, any other to
    # be deleted. A row leaves when the server has done it, so that nothing is forgotten, whoever dies in between.
    Column("shard", Integer, ForeignKey("shards.number", ondelete="CASCADE"), nullable=False),
    Column("passage", Integer, nullable=False),
    PrimaryKeyConstraint("shard", "passage"),
    sqlite_with_rowid=False,
)

shard_progress = Table(
    "shard_progress",
    metadata,
    # How far the placing of a model's vectors has followed the change log.
    Column("model", Integer, ForeignKey("models.number", ondelete="CASCADE"), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("mark", BigInteger, nullable=False),
    Column("filled", Boolean, nullable=False),  # every vector that there was at first is placed and was written
)

changes = Table(
    "changes",
    metadata,
    # Passages that were added, changed, removed or given a vector: what the views catch up from.
    # The newest of one kind is found by the index, however many of another came after it.
    Column("sequence", Integer, primary_key=True),
    Column("passage", Integer, nullable=False),
    # Random: a view remembers it with the sequence number, and so
    # knows whether the log still holds what it stands on (not after a restore, a purge or a lost journal).
    Column("mark", Integer, nullable=False, server_default=text("0")),
    Column("what", Text, nullable=False, server_default=text("'text'")),  # newsdesk.catalogue.changes.What
    Index("changes_by_what", "what"),
    sqlite_autoincrement=True,
)

removed_texts = Table(
    "removed_texts",
    metadata,
    # What `newsdesk purge` looks for in the files: hashes of removed texts (newsdesk.catalogue.fingerprints), one row an article.
    Column("number", Integer, primary_key=True),
    Column("fingerprints", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

rejects = Table(
    "rejects",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rejected_at", Text, nullable=False),
    Column("mapping", Text, nullable=False, server_default=text("''")),  # what --map said, to read it again with
    UniqueConstraint("origin", "id", "reason"),
    sqlite_autoincrement=True,  # who remembers a number must not meet another reject under it
)

fetched = Table(
    "fetched",
    metadata,
    # What a web address last answered (newsdesk.catalogue.runs.fetched).
    Column("address", Text, primary_key=True),  # canonical: ingest.parts.identity
    Column("status", Integer, nullable=False),
    Column("fetched_at", Integer, nullable=False),  # seconds since 1970, UTC; so is the next
    Column("next_at", Integer, nullable=False),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("article", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    # One row for each `newsdesk ingest`.
    Column("number", Integer, primary_key=True),
    Column("started_at", Text, nullable=False),  # UTC, ISO 8601
    Column("ended_at", Text, nullable=False),  # "": it goes on, or was killed
    Column("who", Text, nullable=False),
    Column("paths", JSON, nullable=False),
    Column("added", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("older", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("files_unchanged", Integer, nullable=False),
    Column("fetched", Integer, nullable=False),
    sqlite_autoincrement=True,
)

sources = Table(
    "sources",
    metadata,
    # Files that were read to their end; one that is as it was is not read again.
    Column("path", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("modified", Integer, nullable=False),  # nanoseconds since 1970
    Column("content_hash", LargeBinary, nullable=False),
    Column("readers", Text, nullable=False),  # version of the readers, and --map
    Column("articles", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("read_at", Text, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    # What a reader thought of an answer (newsdesk.feedback).
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # who has it may change the verdict
    Column("verdict", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("history", JSON, nullable=False),  # [[question, answer], ...]
    Column("as_of", Integer, nullable=False),  # proleptic Gregorian ordinal, 0: none
    Column("expected", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("given_at", Text, nullable=False),  # UTC, ISO 8601
    Column("answerable", Boolean, nullable=False),
    Column("text", Text, nullable=False),
    Column("short_answer", Text),
    Column("confidence", Float, nullable=False),
    Column("mode", Text, nullable=False),
    Column("cut", Boolean, nullable=False),  # an article it stood on was removed, and its words with it
    sqlite_autoincrement=True,
)

feedback_citations = Table(
    "feedback_citations",
    metadata,
    Column("feedback", Integer, ForeignKey("feedback.number", ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("article", Integer, ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
    Column("paragraph", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    PrimaryKeyConstraint("feedback", "place"),
    Index("feedback_citations_by_article", "article"),
)

feedback_evidence = Table(
    "feedback_evidence",
    metadata,
    Column("feedback", Integer, ForeignKey("feedback.number", ondelete="CASCADE"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("article", Integer, ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
    Column("paragraphs", JSON, nullable=False),
    PrimaryKeyConstraint("feedback", "place"),
    Index("feedback_evidence_by_article", "article"),
)

saved_questions = Table(
    "saved_questions",
    metadata,
    # What is asked of every new article (newsdesk.saved).
    Column("number", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),  # in addresses; not to be guessed
    Column("question", Text, nullable=False),
    Column("webhook", Text, nullable=False),  # "": none
    Column("secret", Text, nullable=False),  # what the webhook's messages are signed with
    Column("since", Integer, nullable=False),  # the newest passage when it was saved: what is newer is new to it
    Column("saved_at", Text, nullable=False),  # UTC, ISO 8601
    sqlite_autoincrement=True,
)

saved_findings = Table(
    "saved_findings",
    metadata,
    # A new article that answers a saved question, with where it does.
    Column("number", Integer, primary_key=True),
    Column("saved", Integer, ForeignKey("saved_questions.number", ondelete="CASCADE"), nullable=False),
    Column("article", Integer, ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
    Column("paragraph", Integer, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("short_answer", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("found_at", Text, nullable=False),  # UTC, ISO 8601
    Column("tries", Integer, nullable=False),  # of telling the webhook
    Column("due", Integer, nullable=False),  # when it is told next, seconds since 1970, UTC; 0: nothing is to be told
    UniqueConstraint("saved", "article"),
    Index("saved_findings_by_article", "article"),
    Index("saved_findings_by_due", "due"),
    sqlite_autoincrement=True,
)

saved_progress = Table(
    "saved_progress",
    metadata,
    # One row: the newest passage that was tried against the saved questions. Passages' numbers only rise, in every history.
    Column("number", Integer, primary_key=True),
    Column("passage", Integer, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    # Work that only one process may do at a time.
    Column("work", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("expires", Integer, nullable=False),  # seconds since 1970, UTC
)

keys = Table(
    "keys",
    metadata,
    # Who may use the service (newsdesk.catalogue.access.keys). A revoked key stays: its name is not given again.
    Column("number", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("scope", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),  # sha256 of the secret, which is random and long
    Column("made_at", Text, nullable=False),  # UTC, ISO 8601
    Column("last_used", Text, nullable=False),  # day, ISO 8601; "": never
    Column("revoked_at", Text, nullable=False),  # UTC, ISO 8601; "": in force
    sqlite_autoincrement=True,
)
