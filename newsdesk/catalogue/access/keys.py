"""Keys: who may use a service that others reach, and for what. Of a secret only its hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import Engine, insert, select, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.rows import now
from newsdesk.errors import WrongUse
from newsdesk.wording.quoted import quoted

Scope = Literal["read", "write", "admin"]
"""Each may do what those before it may: ask and read; put in and remove articles; see how the service fares."""

SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "newsdesk-"
"""Of every secret, so that one which lies about is known for what it is."""

_NAME = re.compile(r"[\w.@-][\w.@ -]{0,62}[\w.@-]|[\w.@-]")


@dataclass(frozen=True, slots=True)
class Key:
    """Somebody's key, without its secret."""

    number: int
    name: str
    scope: Scope
    made_at: str
    """UTC, ISO 8601."""
    last_used: str
    """The day; "" for never."""
    revoked_at: str
    """UTC, ISO 8601; "" for a key in force."""

    def may(self, scope: Scope) -> bool:
        """Whether the key is good for what asks for `scope`."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


class KeyStore:
    """The keys of an archive."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, scope: Scope) -> str:
        """Makes a key and returns its secret, which nobody can show again. Raises WrongUse for a name that is taken."""
        if not _NAME.fullmatch(name):
            raise WrongUse(f"{quoted(name, 100)} cannot be the name of a key. Use up to 64 letters, digits and . _ @ -")
        secret = PREFIX + secrets.token_urlsafe(32)
        row = {"name": name, "scope": scope, "hash": _hash(secret), "made_at": now(), "last_used": "", "revoked_at": ""}
        with writing(self._engine).begin() as connection:
            if connection.scalar(select(schema.keys.c.number).where(schema.keys.c.name == name)) is not None:
                raise WrongUse(f"There is, or was, a key with the name {quoted(name)}. Choose another name.")
            connection.execute(insert(schema.keys).values(**row))
        return secret

    def revoke(self, name: str) -> None:
        """Ends a key. Raises WrongUse when none of this name is in force."""
        table = schema.keys
        with writing(self._engine).begin() as connection:
            ended = connection.execute(
                update(table).where(table.c.name == name, table.c.revoked_at == "").values(revoked_at=now())
            )
        if not ended.rowcount:
            raise WrongUse(f"No key with the name {quoted(name)} is in force. `newsdesk keys list` shows which are.")

    def every(self) -> list[Key]:
        """All there ever were, the oldest first."""
        return [key for key, _ in self._rows()]

    def ring(self) -> KeyRing:
        """The keys as they are now, to try secrets on."""
        return KeyRing(self._rows())

    def note_use(self, key: Key, day: str) -> None:
        """Remembers the day on which the key was last used."""
        table = schema.keys
        with writing(self._engine).begin() as connection:
            connection.execute(update(table).where(table.c.number == key.number).values(last_used=day))

    def _rows(self) -> list[tuple[Key, bytes]]:
        table = schema.keys
        with self._engine.begin() as connection:
            rows = connection.execute(select(table).order_by(table.c.number)).all()
        return [
            (Key(row.number, row.name, row.scope, row.made_at, row.last_used, row.revoked_at), row.hash) for row in rows
        ]


class KeyRing:
    """The keys of one moment."""

    def __init__(self, rows: list[tuple[Key, bytes]]) -> None:
        self._in_force = [(key, hash_) for key, hash_ in rows if not key.revoked_at]
        self.ever = bool(rows)
        """Whether there ever was a key: to revoke the last one must not open the service to everybody."""

    def of(self, secret: str) -> Key | None:
        """The key that has this secret; it takes as long whether there is one or not."""
        given, found = _hash(secret), None
        for key, hash_ in self._in_force:
            if hmac.compare_digest(given, hash_):
                found = key
        return found


def today() -> str:
    """The day, in UTC."""
    return datetime.now(UTC).date().isoformat()


def _hash(secret: str) -> bytes:
    """Plain SHA-256: a secret of 256 random bits cannot be guessed, so a slow hash would protect nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
