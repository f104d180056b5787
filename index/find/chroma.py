"""The vector view: a Chroma collection.

It holds passage numbers and vectors, no text. Embedded Chroma is fast but fragile (docs/why.md): it is
opened by one process only, which the caller sees to; a clean close leaves a mark that says which change
was reached and what every file then was; without the mark, when a file is not what it was, or when the check
in a child process fails, the folder is moved aside and filled again from the catalogue.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from chromadb.errors import InternalError

from index.find.chroma_client import GRAPH, open_client
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START, Position
from newsdesk.catalogue.vectors import Matrix, Model, StoredVectors
from newsdesk.child import own_module
from newsdesk.errors import Interrupted

logger = logging.getLogger("newsdesk.index")

FOLDER = "chroma"
_MARK = "clean-close"
_BATCH = 1_000  # vectors at a time, about a second: a stop waits for one batch. Chroma takes at most 5,461 a call
_CHECK_SECONDS = 120


class ChromaView:
    """One model's vectors in Chroma. Open it in one process at a time; thread-safe within it."""

    def __init__(
        self,
        data: Path,
        catalogue: Catalogue,
        vectors: StoredVectors,
        model: Model,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> None:
        """Opens the view, emptied if it cannot be trusted. Raises Interrupted once `keep_going()` is false."""
        self._folder = data / FOLDER
        self._catalogue = catalogue
        self._vectors = vectors
        self._model = model
        self._name = f"passages-{model.number}"
        self._closed = False
        self._writing = threading.Lock()
        self._reached = self._take_mark(keep_going)
        self._client = open_client(self._folder)
        self._collection = self._client.get_or_create_collection(
            self._name,
            embedding_function=None,
            configuration={"hnsw": GRAPH},
        )
        self._held: set[int] = {int(number) for number in self._collection.get(include=[])["ids"]}

    def _take_mark(self, keep_going: Callable[[], bool]) -> Position:
        """The change reached when the view was last closed cleanly; otherwise makes way for a new view.

        The mark is taken away before the view is opened, so that it never vouches for a torn one. Raises Interrupted.
        """
        mark = self._folder / _MARK
        try:
            checksum, _, said = mark.read_text().partition("\n")
            content = json.loads(said if checksum == _checksum(said) else "")
            reached, model, files = Position(*content["reached"]), content["model"], content["files"]
            graph = content.get("graph")
        except (OSError, ValueError, TypeError, KeyError):
            fault = "was not closed cleanly"
        else:
            fault = self._fault(reached, model, graph, files, keep_going)
            if not fault:
                mark.unlink()
                return reached
        if self._folder.exists():
            logger.warning("The vector index in %s %s; it is made again.", self._folder, fault)
            discard(self._folder.parent)
        return START

    def _fault(
        self, reached: Position, model: str, graph: object, files: object, keep_going: Callable[[], bool]
    ) -> str:
        """Why a view that was closed cleanly cannot be used as it is, in words; empty when it can."""
        if graph != GRAPH:
            return "is linked as an older Newsdesk did it"
        if model != self._model.key:
            return "is of another model"
        if self._catalogue.changes.after(reached, 1) is None:
            return "stands on a change that the catalogue does not have, as after a restore or a purge"
        if _hashes(self._folder) != files:
            return "is damaged: a file is not what was written"
        command = own_module("index.find.chroma_check", str(self._folder.absolute()), self._name)
        check = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + _CHECK_SECONDS
        while True:
            try:
                said = check.communicate(timeout=0.2)[1]
                break
            except subprocess.TimeoutExpired:
                if time.monotonic() > end or not keep_going():
                    check.kill()
        if not keep_going():
            raise Interrupted("The service stopped before its vector index was checked.")
        if check.returncode == 0:
            return ""
        why = said.strip().splitlines()[-1:] or [f"its check ended with {check.returncode}"]
        return f"is damaged ({why[0]})"

    def stands(self) -> bool:
        """False when the change log no longer holds what the view has reached, so that it has to be made anew."""
        return self._catalogue.changes.after(self._reached, 1) is not None

    def catch_up(self, keep_going: Callable[[], bool] = lambda: True) -> bool:
        """Follows the change log to its end; False when `keep_going()` said stop before, or the view does not stand."""
        if self._reached == START and not self._fill(keep_going):
            return False
        while keep_going():
            changes = self._catalogue.changes.after(self._reached, _BATCH)
            if changes is None:
                return False
            reached, numbers = changes
            if reached == self._reached:
                return True
            self._replace(numbers)
            self._reached = reached
        return False

    def _fill(self, keep_going: Callable[[], bool]) -> bool:
        """Takes in every vector once; following the log would do each passage twice, when it came and when its vector did."""
        last = self._catalogue.changes.last()
        for numbers, rows in self._vectors.batches(self._model):
            for start in range(0, len(numbers), _BATCH):
                if not keep_going():
                    return False
                some = slice(start, start + _BATCH)
                with self._writing:
                    self._delete(numbers[some])  # of an earlier filling that was stopped
                    self._add(numbers[some], rows[some])
        self._reached = last
        return True

    def _replace(self, numbers: Sequence[int]) -> None:
        new = self._vectors.load(self._model, numbers)
        with self._writing:
            self._delete(numbers)
            self._add(*new)

    def _delete(self, numbers: Sequence[int]) -> None:
        old = self._held.intersection(numbers)
        if old:  # an id that is there is silently kept as it was, an unknown one cannot be deleted
            self._collection.delete([str(number) for number in old])
            self._held -= old

    def _add(self, numbers: Sequence[int], rows: Matrix) -> None:
        if not numbers:
            return
        self._collection.add([str(number) for number in numbers], np.ascontiguousarray(rows))
        self._held.update(numbers)

    @property
    def reached(self) -> Position:
        """The last change that the view holds."""
        return self._reached

    def __len__(self) -> int:
        return len(self._held)

    def search(self, vector: Matrix, limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The nearest passages, best first: (passage number, cosine); `among` restricts them to these numbers."""
        try:
            return self._nearest(vector, limit, among)
        except InternalError:  # a vector that is deleted at this moment may fail a search that has just met it
            with self._writing:
                return self._nearest(vector, limit, among)

    def _nearest(self, vector: Matrix, limit: int, among: Sequence[int] | None) -> list[tuple[int, float]]:
        ids = None
        if among is not None:
            among = sorted(self._held.intersection(among))  # one unknown id would fail the whole query
            ids = [str(number) for number in among]
        limit = min(limit, len(self._held) if among is None else len(among))
        if limit < 1:
            return []
        found = self._collection.query(vector[np.newaxis], n_results=limit, ids=ids, include=["distances"])
        assert found["distances"] is not None, "they are included"
        numbers, distances = found["ids"][0], found["distances"][0]
        return [(int(number), 1 - distance) for number, distance in zip(numbers, distances, strict=True)]

    def close(self) -> None:
        """Closes the collection and leaves the mark of a clean close, unless it was closed before."""
        if self._closed:
            return
        self._closed = True
        self._client.close()
        about = {"model": self._model.key, "graph": GRAPH, "reached": self._reached}
        said = json.dumps({**about, "files": _hashes(self._folder)})
        aside = self._folder / f"{_MARK}.new"
        aside.write_text(f"{_checksum(said)}\n{said}")
        aside.replace(self._folder / _MARK)

    def abandon(self) -> None:
        """Closes the collection and throws its files away, unless it was closed before."""
        if self._closed:
            return
        self._closed = True
        self._client.close()
        discard(self._folder.parent)


def _checksum(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _hashes(folder: Path) -> dict[str, str]:
    """What every file of the view holds, but for the mark; reads about a gigabyte a second."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.name.startswith(_MARK):
            with file.open("rb") as stream:
                found[str(file.relative_to(folder))] = hashlib.file_digest(stream, "blake2b").hexdigest()[:32]
    return found


def discard(data: Path) -> None:
    """Throws the view away; moved aside first, so that a kill in the middle leaves no half of it in place."""
    aside = data / f"{FOLDER}.aside"
    shutil.rmtree(aside, ignore_errors=True)
    if (data / FOLDER).exists():
        (data / FOLDER).rename(aside)
        shutil.rmtree(aside)
