"""Parts of the work of making vectors: each is one worker's at a time, and none is lost with its worker."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from index.embed.workers import embed_by_processes
from newsdesk import packaged_model
from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.embedding.parts import PASSAGES, EmbeddingParts
from newsdesk.catalogue.hashes import embedded_hash
from newsdesk.catalogue.leases import Process as Holder
from newsdesk.catalogue.vectors import Model, Progress, StoredVectors
from newsdesk.errors import CatalogueDamaged
from tests.support import Process, article, made_up_vector, one_each, wait_until

ONE, OTHER = Holder("press-1.example", 40), Holder("press-2.example", 40)

WORKER = """
import sys
from pathlib import Path
from index.embed.workers import work
from newsdesk.catalogue.catalogue import Catalogue
print("at work", flush=True)
print(work(Catalogue(sys.argv[1]), sys.argv[2], lease=float(sys.argv[3])), flush=True)
"""

HOLDS = """
import sys
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.embedding.parts import EmbeddingParts
from newsdesk.catalogue.leases import Process
from newsdesk.catalogue.vectors import StoredVectors
catalogue = Catalogue(sys.argv[1])
parts = EmbeddingParts(catalogue, StoredVectors(catalogue).active(), float(sys.argv[2]))
holder = Process(sys.argv[3], Process.current().pid) if sys.argv[3] else Process.current()
print(*parts.take(holder).passages, flush=True)
input()
"""


@pytest.fixture
def model(catalogue: Catalogue) -> Model:
    """A model, and three articles of five paragraphs that have no vectors."""
    catalogue.put([article(f"mill/{n}", *(f"Sail {n}.{k}" for k in range(5))) for n in range(3)], one_each)
    return StoredVectors(catalogue).register("m@1", "m")


def embed(catalogue: Catalogue, model: Model, passages: list[int]) -> None:
    """Gives them vectors, at no cost."""
    texts = catalogue.embedded_texts(passages)
    StoredVectors(catalogue).add(model, {key: made_up_vector(key) for key in map(embedded_hash, texts)})


def test_leads_come_first_and_no_part_is_given_twice(catalogue: Catalogue, model: Model) -> None:
    """In the order of what matters; and while there are parts, none are made beside them."""
    parts = EmbeddingParts(catalogue, model, passages=3)
    assert parts.take(ONE) is None
    assert parts.fill()
    assert parts.fill()
    taken = [parts.take(holder) for holder in (ONE, OTHER, ONE, OTHER, ONE)]
    passages = [number for part in taken if part for number in part.passages]
    assert sorted(passages) == list(range(1, 16))
    assert sorted(passages[:3]) == [1, 6, 11]
    assert parts.take(OTHER) is None
    assert not parts.fill()
    assert parts.any_left()


def test_what_is_done_leaves_and_new_articles_make_new_parts(catalogue: Catalogue, model: Model) -> None:
    """Nothing stays in the table when all have vectors."""
    parts = EmbeddingParts(catalogue, model)
    parts.fill()
    part = parts.take(ONE)
    assert part is not None
    embed(catalogue, model, part.passages)
    parts.done(part, ONE)
    assert not parts.any_left()
    assert not parts.fill()
    catalogue.put([article("mill/new", "A fourth sail.")], one_each)
    assert parts.fill()
    assert (parts.take(OTHER) or part).passages == [16]


def test_a_lease_that_ended_is_given_again(catalogue: Catalogue, model: Model) -> None:
    """To whoever asks; the late worker's word counts no more, and what it did all the same is not done again."""
    parts = EmbeddingParts(catalogue, model, seconds=0)
    parts.fill()
    late = parts.take(ONE)
    assert late is not None
    embed(catalogue, model, late.passages[:4])
    again = EmbeddingParts(catalogue, model).take(OTHER)
    assert again == late
    parts.done(late, ONE)
    assert parts.any_left()
    assert parts.missing_of(again) == late.passages[4:]


def test_a_damaged_text_is_given_up(catalogue: Catalogue, model: Model) -> None:
    """After two tries it is in nobody's way; it can be tried again."""
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text("UPDATE passages SET header = 'Abouu' WHERE number = 2"))
    parts = EmbeddingParts(catalogue, model)
    parts.fill()
    for _ in range(2):
        part = parts.take(ONE)
        assert part is not None
        embed(catalogue, model, [number for number in parts.missing_of(part) if number != 2])
        parts.done(part, ONE)
    assert parts.take(ONE) is None
    assert not parts.fill()
    assert not parts.any_left()
    assert parts.damaged() == 1
    parts.forget_damaged()
    assert parts.fill()


def test_many_who_take_at_once_take_different_parts(catalogue: Catalogue, model: Model) -> None:
    """Rows that others have locked are passed over."""
    parts = EmbeddingParts(catalogue, model, passages=1)
    parts.fill()
    with ThreadPoolExecutor(5) as threads:
        taken = list(threads.map(lambda n: parts.take(Holder(f"press-{n}.example", 1)), range(15)))
    assert sorted(number for part in taken if part for number in part.passages) == list(range(1, 16))


@pytest.mark.parametrize("host", ["", "press-3.example"])
def test_a_killed_worker_costs_its_lease(catalogue: Catalogue, model: Model, host: str) -> None:
    """kill -9: on this machine its part is free at once, on another one when the lease has ended."""
    parts = EmbeddingParts(catalogue, model)
    parts.fill()
    with Process(HOLDS, catalogue.at, 3, host) as worker:
        held = [int(number) for number in worker.line().split()]
        assert parts.take(ONE) is None
        worker.kill()
    again = []
    wait_until(lambda: again.append(parts.take(ONE)) or again[-1], 30)  # type: ignore[func-returns-value]
    assert again[-1] is not None
    assert again[-1].passages == held
    assert (len(again) > 1) == bool(host)


def made(catalogue: Catalogue) -> Counter[int]:
    """How often each passage was given a vector, by the change log."""
    table = schema.changes
    with catalogue.engine.begin() as connection:
        return Counter(connection.scalars(select(table.c.passage).where(table.c.what == "vector")))


def own_words(number: int, place: int) -> str:
    """A sentence that shares no word with any other, so that no two articles are one story."""
    return (
        " ".join(hashlib.blake2b(f"{number} {place} {n}".encode(), digest_size=4).hexdigest() for n in range(8)) + "."
    )


def parts_of(catalogue: Catalogue, pid: int) -> int:
    """How many parts a process of this machine has."""
    table = schema.embedding_parts
    with catalogue.engine.begin() as connection:
        return len(connection.execute(select(table).where(table.c.holder.endswith(f":{pid}"))).all())


def test_workers_share_the_work_and_may_be_killed(catalogue: Catalogue) -> None:
    """Two real processes, one of them killed with a part: every passage has its vector, and no other part was made twice."""
    catalogue.put([article(f"g/{n}", *(own_words(n, k) for k in range(80))) for n in range(5)], one_each)
    total, vectors = 5 * 80, StoredVectors(catalogue)
    with (
        Process(WORKER, catalogue.at, packaged_model.NAME, 60) as one,
        Process(WORKER, catalogue.at, packaged_model.NAME, 60) as other,
    ):
        wait_until(lambda: parts_of(catalogue, one.pid) or one.ended(), 240, pause=0.05)
        one.kill()
        share = int(other.finish().split()[-1])
    assert vectors.progress(vectors.active()) == Progress(total, total)
    assert share
    often = made(catalogue)
    assert len(often) == total
    assert sum(often.values()) - total <= PASSAGES


def test_whoever_starts_them_says_what_is_damaged(catalogue: Catalogue) -> None:
    """All others are done then."""
    catalogue.put([article("a", "One.", "Two.", "Three.")], one_each)
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text("UPDATE passages SET header = 'Abouu a' WHERE number = 2"))
    command = [sys.executable, "-c", WORKER, str(catalogue.at), packaged_model.NAME, "60"]
    for _ in range(2):
        with pytest.raises(CatalogueDamaged, match=r"1 text .*`newsdesk check`"):
            embed_by_processes(catalogue, packaged_model.NAME, 2, command, lambda done, total: None)
        vectors = StoredVectors(catalogue)
        assert vectors.progress(vectors.active()) == Progress(2, 3)
