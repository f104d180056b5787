"""Is a Chroma folder sound? Run as a process of its own, because a torn one can take its process down.

    python -m index.find.chroma_check FOLDER COLLECTION

Exit code 0: a sample of the stored vectors finds itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

from index.find.chroma_client import open_client

SAMPLE = 25


def check(folder: Path, name: str) -> None:
    """Raises an exception, whatever Chroma's own is or AssertionError, when the collection is not sound."""
    client = open_client(folder)
    collection = client.get_collection(name, embedding_function=None)
    ids = collection.get(include=[])["ids"]
    if len(ids) != collection.count():
        raise AssertionError(f"{len(ids)} ids but {collection.count()} counted")
    step = max(1, len(ids) // SAMPLE)
    for id_ in ids[::step]:
        vector = collection.get(ids=[id_], include=["embeddings"])["embeddings"][0]
        nearest = collection.query(query_embeddings=[vector], n_results=10)
        # Identical texts have identical vectors: any of them may come first, so the distance decides.
        if id_ not in nearest["ids"][0] and nearest["distances"][0][0] > 1e-3:
            raise AssertionError(f"vector {id_} does not find itself")
    client.close()


if __name__ == "__main__":
    check(Path(sys.argv[1]), sys.argv[2])
