"""Makes the vectors that are missing: the slow step, resumable at every batch, writing to the catalogue only."""

from __future__ import annotations

from collections.abc import Callable

from index.embed.model import PassageEmbedding, model_key
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.hashes import embedded_hash
from newsdesk.catalogue.leases import Process
from newsdesk.catalogue.vectors import Model, StoredVectors
from newsdesk.errors import CatalogueDamaged

COMMIT_EVERY = 64
"""Texts a transaction: two to four seconds of work at most are done again after a kill, and a child of a busy service, which
gets a tenth of the processor, shows progress every half minute."""


def embed_missing(
    catalogue: Catalogue,
    model_name: str,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    keep_going: Callable[[], bool] = lambda: True,
) -> bool:
    """Embeds every passage without a vector of the model, then makes the model the active one.

    `on_progress(done, total)` counts texts of this run. Returns False when another process is at it, or
    when `keep_going` said stop. Raises ModelError, and CatalogueDamaged when all is done but damaged texts.
    """
    vectors = StoredVectors(catalogue)
    key = model_key(model_name)
    known = vectors.known(key)
    if known is not None and not vectors.missing(known):
        return vectors.activate_if_complete(known)
    work, holder = "embed", Process.current()
    if not catalogue.leases.take(work, holder):
        return False
    try:
        embedding = PassageEmbedding(model_name, may_fetch=True)
        model = vectors.register(key, model_name)  # only now: a model that cannot be loaded leaves no trace
        before: list[int] = []
        while missing := vectors.missing(model):  # again, for what was ingested meanwhile
            if missing == before:
                raise CatalogueDamaged(
                    f"{len(missing):,} texts cannot be embedded, because they are damaged in the catalogue. All others are "
                    "done; `newsdesk check` says which articles these are of and what to do."
                )
            before = missing
            on_progress(0, len(missing))
            for start in range(0, len(missing), COMMIT_EVERY):
                if not keep_going():
                    return False
                catalogue.leases.take(work, holder)
                embed_batch(catalogue, vectors, model, embedding, missing[start : start + COMMIT_EVERY])
                on_progress(min(start + COMMIT_EVERY, len(missing)), len(missing))
        return vectors.activate_if_complete(model)
    finally:
        catalogue.leases.give_back(work, holder)


def embed_batch(
    catalogue: Catalogue, vectors: StoredVectors, model: Model, embedding: PassageEmbedding, numbers: list[int]
) -> None:
    """Embeds these passages and stores their vectors in one transaction; what is a copy takes over the vector that it is of."""
    made = vectors.take_over(model, numbers)
    waiting = [number for number in numbers if number not in made]
    found = catalogue.passages(waiting)
    first: dict[tuple[int, str], int] = {}
    for number in waiting:
        if number in found:
            first.setdefault((found[number].story or -number, found[number].text), number)
    texts = catalogue.embedded_texts(list(first.values()))
    rows = embedding.encode_passages(texts)
    vectors.add(model, {embedded_hash(text): row for text, row in zip(texts, rows, strict=True)})
    if len(first) < len(found):
        vectors.take_over(model, waiting)
