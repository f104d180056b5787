"""Makes the vectors that are missing: the slow step, resumable at every batch, writing to the catalogue only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from index.embed.eight_bit import EightBitEmbedding
from index.embed.key import model_key
from newsdesk import packaged_model
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.hashes import embedded_hash
from newsdesk.catalogue.leases import Process
from newsdesk.catalogue.vectors import Model, StoredVectors
from newsdesk.errors import CatalogueDamaged
from newsdesk.wording.counted import counted

if TYPE_CHECKING:  # it imports LlamaIndex, which takes a second of each worker, and the packaged model needs none of it
    from index.embed.model import PassageEmbedding

COMMIT_EVERY = 64
"""Texts a transaction: two to four seconds of work at most are done again after a kill, and a child of a busy service, which
gets a tenth of the processor, shows progress every half minute."""

LOOK_AGAIN = 64 * COMMIT_EVERY
"""Texts after which it is looked again what is missing, so that new articles come before the rest of old ones within
minutes; not more often, because listing what is missing of a large archive takes a second."""

WORK, WORK_OF_WORKERS = "embed", "embed by workers"
"""What the catalogue's leases call this work of one process, and that of many, before which it gives way."""

_TRIES = 2  # of a text: what is missing after that is damaged, and not only changed meanwhile


def embed_missing(
    catalogue: Catalogue,
    model_name: str,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    keep_going: Callable[[], bool] = lambda: True,
    look_again: int = LOOK_AGAIN,
) -> bool:
    """Embeds every passage without a vector of the model, then makes the model the active one.

    How articles begin comes first; after `look_again` texts it is looked again what is missing. `on_progress(done, total)`
    counts texts of this run. Returns False when another process is at it, when workers (index/embed/workers.py) come to
    do it instead, or when `keep_going` said stop. Raises ModelError, and CatalogueDamaged when all is done but damaged texts.
    """
    vectors = StoredVectors(catalogue)
    key = model_key(model_name)
    known = vectors.known(key)
    if known is not None and not vectors.missing(known):
        return vectors.activate_if_complete(known)
    work, holder = WORK, Process.current()
    if not catalogue.leases.take(work, holder):
        return False
    try:
        if catalogue.leases.is_taken(WORK_OF_WORKERS):
            return False
        embedding = embedding_of(model_name)
        model = vectors.register(key, model_name)  # only now: a model that cannot be loaded leaves no trace
        done = 0
        tries: Counter[int] = Counter()
        while missing := vectors.missing(model):  # again, for what was ingested meanwhile
            wanted = [number for number in missing if tries[number] < _TRIES]
            if not wanted:
                raise CatalogueDamaged(
                    f"{counted(len(missing), 'text')} cannot be embedded, because of damage in the catalogue. All others are "
                    "done; `newsdesk check` says which articles these are of and what to do."
                )
            total = done + len(wanted)
            on_progress(done, total)
            for start in range(0, min(len(wanted), look_again), COMMIT_EVERY):
                batch = wanted[start : start + COMMIT_EVERY]
                if not keep_going() or catalogue.leases.is_taken(WORK_OF_WORKERS):
                    return False
                catalogue.leases.take(work, holder)
                embed_batch(catalogue, vectors, model, embedding, batch)
                tries.update(batch)
                done += len(batch)
                on_progress(done, total)
        return vectors.activate_if_complete(model)
    finally:
        catalogue.leases.give_back(work, holder)


def embedding_of(model_name: str, threads: int | None = None) -> EightBitEmbedding | PassageEmbedding:
    """What makes the vectors of passages: the packaged model in 8 bits, or any other as it is. Raises ModelError.

    The packaged one works on so many `threads`, by default on all processors.
    """
    if model_name == packaged_model.NAME:
        return EightBitEmbedding(threads)
    from index.embed.model import PassageEmbedding

    return PassageEmbedding(model_name, may_fetch=True)


def embed_batch(
    catalogue: Catalogue,
    vectors: StoredVectors,
    model: Model,
    embedding: EightBitEmbedding | PassageEmbedding,
    numbers: Sequence[int],
) -> None:
    """Embeds these passages and stores their vectors in one transaction; what is a copy takes over the vector that it is of."""
    made = vectors.take_over(model, numbers)
    waiting = [number for number in numbers if number not in made]
    found = catalogue.passages(waiting)
    first: dict[tuple[int, str], int] = {}
    for number in waiting:
        if number in found:
            first.setdefault((found[number].story or -number, found[number].text), number)
    if not first:  # all of them are damaged, or left meanwhile
        return
    texts = catalogue.embedded_texts(list(first.values()))
    rows = embedding.encode_passages(texts)
    vectors.add(model, {embedded_hash(text): row for text, row in zip(texts, rows, strict=True)})
    if len(first) < len(found):
        vectors.take_over(model, waiting)
