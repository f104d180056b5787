"""The tables of the catalogue, for SQLAlchemy Core.

`migrations/` makes them step by step; a test holds the two against each other.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

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
    Index("articles_by_day", "day"),
    Index("articles_by_source", "source"),
    sqlite_autoincrement=True,
)

versions = Table(
    "versions",
    metadata,
    # What an article was before it changed, with the hash it then had: one row for each version but the present one.
    Column("article", Integer, ForeignKey("articles.number", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("replaced_at", Text, nullable=False),
    PrimaryKeyConstraint("article", "version"),
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
    # What a web address last answered (newsdesk.catalogue.fetched).
    Column("address", Text, primary_key=True),  # canonical: ingest.parts.identity
    Column("status", Integer, nullable=False),
    Column("fetched_at", Integer, nullable=False),  # seconds since 1970, UTC; so is the next
    Column("next_at", Integer, nullable=False),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("article", Text, nullable=False),
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
