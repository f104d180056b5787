"""The vector view: a Chroma collection, used through LlamaIndex's ChromaVectorStore.

It holds passage numbers and vectors, no text. Embedded Chroma is fast but fragile (docs/why.md): it is
opened by one process only, which the caller sees to; a clean close leaves a mark that says which change
was reached; without the mark, or when the check in a child process fails, the folder is moved aside and
filled again from the catalogue.
"""

from __future__ import annotations

import json
import logging
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery
from llama_index.vector_stores.chroma import ChromaVectorStore

from newsdesk.catalogue import Catalogue
from newsdesk.vectors import Matrix, Model, StoredVectors

logger = logging.getLogger("newsdesk.index")

FOLDER = "chroma"
_MARK = "clean-close.json"
_BATCH = 2_000  # changes at a time; Chroma takes at most 5,461 vectors a call
_CHECK_SECONDS = 120


class ChromaView:
    """One model's vectors in Chroma. Open it in one process at a time; thread-safe within it."""

    def __init__(self, data: Path, catalogue: Catalogue, vectors: StoredVectors, model: Model) -> None:
        self._folder = data / FOLDER
        self._catalogue = catalogue
        self._vectors = vectors
        self._model = model
        self._name = f"passages-{model.number}"
        self._reached = self._take_mark()
        self._client = open_client(self._folder)
        self._collection = self._client.get_or_create_collection(
            self._name,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
        )
        self._store = ChromaVectorStore(chroma_collection=self._collection)
        self._held: set[int] = {int(number) for number in self._collection.get(include=[])["ids"]}

    def _take_mark(self) -> int:
        """The change reached when the view was last closed cleanly; otherwise makes way for a new view.

        The mark is taken away before the view is opened, so that it never vouches for a torn one.
        """
        mark = self._folder / _MARK
        try:
            content = json.loads(mark.read_text())
            mark.unlink()
        except (OSError, ValueError):
            content = None
        of_catalogue = content is None or int(content["reached"]) <= self._catalogue.last_change()
        if content and content["model"] == self._model.key and of_catalogue and self._passes_check():
            return int(content["reached"])
        if self._folder.exists():
            if content is None:
                logger.warning("The vector index in %s was not closed cleanly; it is made again.", self._folder)
            elif not of_catalogue:
                logger.warning("The vector index in %s is of another catalogue; it is made again.", self._folder)
            discard(self._folder.parent)
        return 0

    def _passes_check(self) -> bool:
        command = [sys.executable, "-m", "index.chroma_check", str(self._folder), self._name]
        try:
            outcome = subprocess.run(
                command, capture_output=True, text=True, timeout=_CHECK_SECONDS, cwd=Path(__file__).parents[1]
            )
        except subprocess.TimeoutExpired:
            logger.warning("The check of the vector index took over %d s; it is made again.", _CHECK_SECONDS)
            return False
        if outcome.returncode != 0:
            why = outcome.stderr.strip().splitlines()[-1:] or [f"exit code {outcome.returncode}"]
            logger.warning("The vector index in %s is damaged (%s); it is made again.", self._folder, why[0])
        return outcome.returncode == 0

    def catch_up(self, keep_going: Any = lambda: True) -> bool:
        """Follows the change log to its end; False when `keep_going()` said stop before."""
        while keep_going():
            reached, numbers = self._catalogue.changes_after(self._reached, _BATCH)
            if reached == self._reached:
                return True
            self._replace(numbers)
            self._reached = reached
        return False

    def _replace(self, numbers: Sequence[int]) -> None:
        old = self._held.intersection(numbers)
        if old:  # an id that is there is silently kept as it was, an unknown one cannot be deleted
            self._store.delete_nodes([str(number) for number in old])
            self._held -= old
        present, rows = self._vectors.load(self._model, numbers)
        if present:
            nodes = [
                TextNode(id_=str(number), text="", embedding=row.tolist())
                for number, row in zip(present, rows, strict=True)
            ]
            self._store.add(nodes)  # type: ignore[arg-type]  # list is invariant, add() takes any nodes
            self._held.update(present)

    @property
    def reached(self) -> int:
        """Sequence number of the last change that the view holds."""
        return self._reached

    def __len__(self) -> int:
        return len(self._held)

    def search(self, vector: Matrix, limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The nearest passages, best first: (passage number, cosine); `among` restricts them to these numbers."""
        options: dict[str, Any] = {}
        if among is not None:
            among = sorted(self._held.intersection(among))  # one unknown id would fail the whole query
            options["ids"] = [str(number) for number in among]
        limit = min(limit, len(self._held) if among is None else len(among))
        if limit < 1:
            return []
        query = VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=limit)
        found = self._store.query(query, **options)
        # The store turns a distance d (here 1 - cosine) into exp(-d).
        return [
            (int(number), 1 + math.log(similarity))
            for number, similarity in zip(found.ids or [], found.similarities or [], strict=True)
        ]

    def close(self) -> None:
        """Closes the collection and leaves the mark of a clean close."""
        self._client.close()
        mark = {"model": self._model.key, "reached": self._reached}
        (self._folder / _MARK).write_text(json.dumps(mark))


def discard(data: Path) -> None:
    """Throws the view away; moved aside first, so that a kill in the middle leaves no half of it in place."""
    aside = data / f"{FOLDER}.aside"
    shutil.rmtree(aside, ignore_errors=True)
    if (data / FOLDER).exists():
        (data / FOLDER).rename(aside)
        shutil.rmtree(aside)


def open_client(folder: Path) -> Any:
    """A Chroma client on the folder, without telemetry and without reading a `.env` file."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    folder.mkdir(parents=True, exist_ok=True)
    settings = ChromaSettings(_env_file=None, anonymized_telemetry=False, is_persistent=True)  # type: ignore[call-arg]
    return chromadb.PersistentClient(str(folder), settings=settings)
