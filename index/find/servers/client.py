"""One Chroma server, reached over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from index.find.chroma_client import GRAPH
from newsdesk.catalogue.vectors import Matrix
from newsdesk.errors import VectorServerError

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = (
    60.0  # of one request; a batch of vectors takes a busy server some seconds. Questions wait less: view.py
)
_IDS_AT_ONCE = 10_000

Record = tuple[int, int, str]
"""A passage's number, and the day (0: none) and outlet of its article, by which Chroma filters."""


class Server:
    """A Chroma server by its address; connected when it is first needed, and once. Thread-safe."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._client: Any = None
        self._collections: dict[str, Any] = {}
        self._lock = threading.Lock()

    def beat(self) -> None:
        """Returns if the server answers. Raises VectorServerError, or whatever else httpx or Chroma raise."""
        self._connected().heartbeat()

    def create(self, collection: str) -> None:
        """Makes the collection if it is not there."""
        made = self._connected().get_or_create_collection(
            collection,
            embedding_function=None,
            configuration={"hnsw": GRAPH},
        )
        self._collections[collection] = made

    def write(self, collection: str, records: Sequence[Record], rows: Matrix) -> None:
        """Writes vectors, a row each; one that is there already is replaced."""
        self._collection(collection).upsert(
            ids=[str(number) for number, _, _ in records],
            embeddings=np.ascontiguousarray(rows),
            metadatas=[{"day": day, "source": source} for _, day, source in records],
        )

    def delete(self, collection: str, numbers: Sequence[int]) -> None:
        """Deletes passages; those that are not there are passed over."""
        self._collection(collection).delete(ids=[str(number) for number in numbers])

    def nearest(
        self, collection: str, vectors: Matrix, limit: int, where: dict[str, Any] | None = None
    ) -> list[list[tuple[int, float]]]:
        """For each vector the nearest passages, best first: (number, cosine)."""
        from chromadb.errors import InternalError

        asked = partial(
            self._collection(collection).query,
            np.ascontiguousarray(vectors),
            n_results=limit,
            where=where,
            include=["distances"],
        )
        try:
            found = asked()
        except InternalError:  # a vector that is deleted at this moment may fail a search that has just met it
            found = asked()
        return [
            [(int(number), 1 - float(distance)) for number, distance in zip(ids, distances, strict=True)]
            for ids, distances in zip(found["ids"], found["distances"], strict=True)
        ]

    def count(self, collection: str) -> int:
        """How many passages the collection holds."""
        return int(self._collection(collection).count())

    def numbers(self, collection: str) -> set[int]:
        """All passages that the collection holds."""
        found: set[int] = set()
        while True:
            ids = self._collection(collection).get(include=[], limit=_IDS_AT_ONCE, offset=len(found))["ids"]
            found.update(map(int, ids))
            if len(ids) < _IDS_AT_ONCE:
                return found

    def drop(self, collection: str) -> None:
        """Deletes a collection, if it is there."""
        from chromadb.errors import NotFoundError

        self.forget(collection)
        with suppress(NotFoundError):
            self._connected().delete_collection(collection)

    def forget(self, collection: str) -> None:
        """Looks the collection up again when it is next needed: a server that was replaced has another under its name."""
        self._collections.pop(collection, None)

    def close(self) -> None:
        """Closes the connections."""
        with self._lock:
            client, self._client = self._client, None
            self._collections.clear()
        if client is not None:
            close_http_client(client)

    def _collection(self, name: str) -> Any:
        found = self._collections.get(name)
        if found is None:
            found = self._connected().get_collection(name, embedding_function=None)
            self._collections[name] = found
        return found

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = open_http_client(self.address)
            return self._client


def open_http_client(address: str) -> Any:
    """A Chroma client of the server, without telemetry and without reading a `.env` file.

    Raises VectorServerError when nothing answers there, or when what Chroma made does not speak HTTP: depending on how it
    is called, chromadb falls back to a database in its own memory without a word, and everything written there is lost.
    """
    import chromadb
    import httpx
    from chromadb.api.fastapi import FastAPI
    from chromadb.config import Settings as ChromaSettings

    parts = urlsplit(address)
    try:
        client: Any = chromadb.HttpClient(
            host=parts.hostname or "",
            port=parts.port or 8000,
            ssl=parts.scheme == "https",
            settings=ChromaSettings(_env_file=None, anonymized_telemetry=False),  # type: ignore[call-arg]
        )
    except Exception as error:  # a ValueError where nothing listens, anything where something else does
        raise VectorServerError(
            f"No Chroma server answers at {address}: {error} Start one with `chroma run --path FOLDER --host HOST --port "
            "PORT`, or correct the setting chroma."
        ) from error
    server = getattr(client, "_server", None)
    if not isinstance(server, FastAPI):
        client.close()
        raise VectorServerError(
            f"The client that chromadb made for {address} does not speak HTTP ({type(server).__name__}), so nothing "
            "would be stored there. Install the version of chromadb that constraints.txt names."
        )
    client._admin_client._server._session.close()  # one connection more, which is never used again
    server._session.timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)  # Chroma's own waits for ever
    return client


def close_http_client(client: Any) -> None:
    """Closes the client and its connections, which Chroma's own closing leaves open."""
    client._server._session.close()
    client.close()
