"""Vectors in the catalogue: made once, kept while needed, of one active model; and the lease to make them."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from sqlalchemy import text, update

from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.hashes import embedded_hash
from newsdesk.catalogue.leases import Process as Holder
from newsdesk.catalogue.vectors import Model, Progress, StoredVectors
from newsdesk.errors import DataFolderError
from newsdesk.types import Filters
from tests.support import ENOUGH, Process, article, made_up_vector, make_up_vectors, one_each


@pytest.fixture
def vectors(catalogue: Catalogue) -> StoredVectors:
    """Of two articles with three passages; two of them embed the same text."""
    catalogue.put([article("a", "One.", "Two.", title="T"), article("b", "One.", title="T")], one_each)
    return StoredVectors(catalogue)


def test_the_first_model_is_active_at_once(vectors: StoredVectors) -> None:
    """An archive can be asked by meaning from its first vectors on."""
    assert vectors.active() is None
    first = vectors.register("m@1", "m")
    assert vectors.active() == first == vectors.register("m@1", "m")


def test_another_model_is_active_only_when_complete(vectors: StoredVectors, catalogue: Catalogue) -> None:
    """While its vectors are made the old one answers; then there is one active model, the new one."""
    first, second = vectors.register("m@1", "m"), vectors.register("m@2", "m")
    make_up_vectors(catalogue, first)
    assert not vectors.activate_if_complete(second)
    assert vectors.active() == first

    make_up_vectors(catalogue, second)
    assert vectors.active() == first
    assert vectors.activate_if_complete(second)
    assert vectors.active() == second
    assert vectors.progress(first) == Progress(3, 3), "the old ones are kept"


def test_progress_counts_passages(vectors: StoredVectors, catalogue: Catalogue) -> None:
    """A text that several passages share counts for each; without a model nothing is done."""
    assert vectors.progress(None) == Progress(0, 3)
    model = vectors.register("m", "m")
    assert vectors.progress(model) == Progress(0, 3)
    vectors.add(model, {embedded_hash("T\nOne."): made_up_vector(b"1")})
    assert vectors.progress(model) == Progress(2, 3)
    catalogue.put([article("c", "New.", title="T")], one_each)
    assert vectors.progress(model) == Progress(2, 4)


def test_a_text_is_missing_once(vectors: StoredVectors, catalogue: Catalogue) -> None:
    """However many passages share it; longest first; and nothing is once all have one."""
    model = vectors.register("m", "m")
    catalogue.put([article("long", "A much longer passage.", title="T")], one_each)
    texts = [catalogue.embedded_texts([number])[0] for number in vectors.missing(model)]
    assert texts[0] == "T\nA much longer passage."
    assert sorted(texts[1:]) == ["T\nOne.", "T\nTwo."]
    make_up_vectors(catalogue, model)
    assert vectors.missing(model) == []


def test_vectors_come_back_as_they_were_and_the_views_are_told(vectors: StoredVectors, catalogue: Catalogue) -> None:
    """To the bit, in a row each, whichever way they are read."""
    model = vectors.register("m", "m")
    change = catalogue.changes.last()
    make_up_vectors(catalogue, model)
    numbers = catalogue.passage_numbers(Filters())
    assert set((catalogue.changes.after(change, ENOUGH, ("vector",)) or (START, []))[1]) == set(numbers)
    assert catalogue.changes.last(("text",)) == change

    found, rows = vectors.load(model, [*numbers, 999])
    assert sorted(found) == numbers
    assert rows.dtype == np.float32
    for number, row in zip(found, rows, strict=True):
        expected = made_up_vector(embedded_hash(catalogue.embedded_texts([number])[0]))
        assert np.array_equal(row, expected)
    batches = list(vectors.batches(model))
    assert [number for numbers_, _ in batches for number in numbers_] == numbers
    assert vectors.load(model, [])[0] == []


def test_adding_again_replaces(vectors: StoredVectors) -> None:
    """Never two vectors for one text and model."""
    model = vectors.register("m", "m")
    key = embedded_hash("T\nTwo.")
    for seed in (b"1", b"2"):
        vectors.add(model, {key: made_up_vector(seed)})
    _, rows = vectors.load(model, [1, 2, 3])
    assert len(rows) == 1
    assert np.array_equal(rows[0], made_up_vector(b"2"))


def test_a_text_that_went_meanwhile_is_passed_over(vectors: StoredVectors, catalogue: Catalogue) -> None:
    """Embedding takes long; an article may be removed before its vectors come."""
    model = vectors.register("m", "m")
    change = catalogue.changes.last()
    vectors.add(model, {embedded_hash("never put"): made_up_vector(b"1")})
    vectors.add(model, {})
    with catalogue.engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM vectors")) == 0
    assert catalogue.changes.last() == change


def test_a_model_that_the_archive_does_not_know_is_refused(vectors: StoredVectors, catalogue: Catalogue) -> None:
    """After a restore its number may be nobody's, or another model's: none of its vectors may pass for that one's."""
    model = vectors.register("m@1", "m")
    change = catalogue.changes.last()
    for stranger in (Model(model.number + 1, "m@2", "m"), Model(model.number, "m@2", "m")):
        with pytest.raises(DataFolderError, match="newsdesk embed"):
            vectors.add(stranger, {embedded_hash("T\nTwo."): made_up_vector(b"1")})
    assert vectors.progress(model) == Progress(0, 3)
    assert catalogue.changes.last() == change


def test_only_damaged_vectors_are_dropped(vectors: StoredVectors, catalogue: Catalogue) -> None:
    """Two models differ in the length of their vectors: neither's are taken for damaged because of the other's."""
    short, long = vectors.register("short", "short"), vectors.register("long", "long")
    make_up_vectors(catalogue, short)
    keys = [embedded_hash(told) for told in catalogue.embedded_texts(vectors.missing(long))]
    vectors.add(long, {key: np.repeat(made_up_vector(key), 4) / np.float32(2) for key in keys})
    assert vectors.drop_damaged() == 0
    with writing(catalogue.engine).begin() as connection:
        connection.execute(update(schema.vectors).where(schema.vectors.c.number == 1).values(vector=bytes(32)))
    assert vectors.drop_damaged() == 1
    assert len(vectors.missing(short)) == 1
    assert vectors.missing(long) == []


# ---------------------------------------------------------------------------- the lease

HOLD = """
import sys
from pathlib import Path
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.leases import Process
print(Catalogue(sys.argv[1]).leases.take("embed", Process.current()), flush=True)
input()
"""


def test_a_lease_has_one_holder_while_it_lives(catalogue: Catalogue) -> None:
    """Another process is refused; when the holder was killed the lease is free at once."""
    StoredVectors(catalogue)
    with Process(HOLD, catalogue.at) as holder:
        assert holder.line() == "True"
        assert not catalogue.leases.take("embed", Holder.current())
        assert catalogue.leases.take("other work", Holder.current())
        holder.kill()
    assert catalogue.leases.take("embed", Holder.current())
    assert catalogue.leases.take("embed", Holder.current()), "the holder may renew it"


def test_a_lease_that_was_given_back_is_free(catalogue: Catalogue) -> None:
    """And only its holder can give it back."""
    StoredVectors(catalogue)
    elsewhere, here = Holder("another-machine", 1), Holder.current()
    assert catalogue.leases.take("embed", elsewhere)
    catalogue.leases.give_back("embed", here)
    assert not catalogue.leases.take("embed", here)
    catalogue.leases.give_back("embed", elsewhere)
    assert catalogue.leases.take("embed", here)


def test_a_lease_that_was_not_renewed_is_free(catalogue: Catalogue) -> None:
    """A holder on another machine, of whom nothing can be known, loses it when its time is over."""
    StoredVectors(catalogue)
    assert catalogue.leases.take("embed", Holder("another-machine", 1))
    assert not catalogue.leases.take("embed", Holder.current())
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text("UPDATE leases SET expires = expires - 121"))
    assert catalogue.leases.take("embed", Holder.current())


def test_a_holder_is_named_by_machine_and_process() -> None:
    """And read back, whatever the machine is called."""
    for host in ("box", "fe80::1", ""):
        assert Holder.parse(str(Holder(host, 42))) == Holder(host, 42)
    assert Holder.current().host == socket.gethostname()
    assert Holder.current().may_live()
    assert Holder("another-machine", 1).may_live()
