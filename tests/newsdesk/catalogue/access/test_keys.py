"""Keys are found by their secret alone, kept as hashes, and once revoked never good again."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from newsdesk.catalogue.access.keys import SCOPES, Scope
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import WrongUse


def test_a_secret_opens_and_is_stored_nowhere(file_catalogue: Catalogue) -> None:
    """Two keys have two long secrets; each finds its own key, anything else none; no byte of one is in the files."""
    catalogue = file_catalogue
    one, other = catalogue.keys.add("Ada Merrow", "read"), catalogue.keys.add("archive-bot", "admin")
    assert one != other
    assert min(len(one), len(other)) > 40
    ring = catalogue.keys.ring()
    assert [ring.of(secret).name for secret in (one, other) if ring.of(secret)] == ["Ada Merrow", "archive-bot"]  # type: ignore[union-attr]
    for wrong in ("", one[:-1], one + "x", one.swapcase(), "\udcff", "*"):
        assert ring.of(wrong) is None
    stored = b"".join(file.read_bytes() for file in catalogue.file.parent.glob("catalogue.sqlite3*"))
    assert one.encode() not in stored
    assert other.encode() not in stored


def test_a_revoked_key_is_never_good_again(catalogue: Catalogue) -> None:
    """Nor is its name given to another; that there was a key is remembered."""
    assert not catalogue.keys.ring().ever
    secret = catalogue.keys.add("intern", "write")
    catalogue.keys.revoke("intern")
    assert catalogue.keys.ring().of(secret) is None
    assert catalogue.keys.ring().ever
    with pytest.raises(WrongUse, match="is, or was"):
        catalogue.keys.add("intern", "read")
    with pytest.raises(WrongUse, match="keys list"):
        catalogue.keys.revoke("intern")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 65, "'; DROP TABLE keys", "<b>"])
def test_a_name_is_a_name(catalogue: Catalogue, name: str) -> None:
    """It stands in logs and lists, so it is one short line without marks of other languages."""
    with pytest.raises(WrongUse):
        catalogue.keys.add(name, "read")


@pytest.mark.parametrize(("scope", "may"), [("read", 1), ("write", 2), ("admin", 3)])
def test_a_scope_holds_those_before_it(catalogue: Catalogue, scope: Scope, may: int) -> None:
    """Who may write may read, and who may do all may do both."""
    secret = catalogue.keys.add("someone", scope)
    key = catalogue.keys.ring().of(secret)
    assert key is not None
    assert [key.may(each) for each in SCOPES].count(True) == may


def test_use_is_remembered_by_the_day(catalogue: Catalogue) -> None:
    """No log of who asked when."""
    secret = catalogue.keys.add("reader", "read")
    key = catalogue.keys.ring().of(secret)
    assert key is not None
    catalogue.keys.note_use(key, "2026-03-01")
    with catalogue.engine.begin() as connection:
        assert connection.scalars(text("SELECT last_used FROM keys")).all() == ["2026-03-01"]
