"""Search by meaning: the question's vector against the passages' vectors."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from index.embed.packaged import PackagedEmbedding
from index.find.exact import ExactScan, best_rows
from index.find.servers.view import ServersView
from index.kept import Kept
from newsdesk import packaged_model
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import Position
from newsdesk.catalogue.vectors import Matrix, Model, Progress, StoredVectors
from newsdesk.errors import Interrupted, ModelError
from newsdesk.types import Filters

if TYPE_CHECKING:  # each imports LlamaIndex, which takes a second, and one question needs none of it
    from index.embed.model import PassageEmbedding
    from index.find.chroma import ChromaView

logger = logging.getLogger("newsdesk.index")

State = Literal["ready", "making", "loading", "failed", "none"]
"""How far search by meaning is: every passage has its vector and questions can be embedded; vectors are missing; all are
there, but the model that embeds questions is still being loaded; it cannot be loaded; no vector was ever made."""

EXACT_BELOW = 5_000
"""A filter that leaves fewer passages is answered from the catalogue's rows: quicker than Chroma's filters, and exact."""

LARGE = 100_000
"""Passages from which on a filter is first held against what is found without it."""

_WIDER = 4  # times as many are then asked for; 200 of Chroma, which looks at more in any case (ef_search)

_ROUND = 3.0  # seconds of writing after which servers that failed are looked at: where much comes in, it never ends

_LISTS_KEPT = 4  # of passages that filters leave; of a million passages each takes 36 MB at most

_QUESTIONS_KEPT = 64  # vectors of questions just asked: the retriever and the answerer need the same one


class DenseSearch:
    """Nearest passages under the active model: from Chroma when that view is ready, else by exact scan.

    Chroma is a folder beside the catalogue, or with addresses the servers there (index.find.servers.view).

    Nothing is loaded until `load` is called; until then, and while no vector exists, `search` finds nothing.
    """

    def __init__(self, data: Path, catalogue: Catalogue, chroma: Sequence[str] = (), large: int = LARGE) -> None:
        """`chroma` are the addresses of Chroma servers, none of which is connected yet; `large` see LARGE."""
        self._large = large
        self._lists = Kept[tuple[Filters, Position], list[int]](_LISTS_KEPT)
        self._data = data
        self._catalogue = catalogue
        self.vectors = StoredVectors(catalogue)
        self._servers = ServersView(catalogue, self.vectors, chroma) if chroma else None
        self._model: Model | None = None
        self._embedding: PackagedEmbedding | PassageEmbedding | None = None
        self._question_vector: Callable[[str], Matrix] | None = None
        self._exact: ExactScan | None = None
        self._chroma: ChromaView | None = None
        self._loading = threading.Lock()
        self._failed = False

    def load(self) -> bool:
        """Loads the active model, again if another one has become active; says whether there is one.

        Takes 0.2 s for the packaged model, seconds for another. Raises ModelError.
        """
        with self._loading:
            active = self.vectors.active()
            if active is None or active == self._model:
                return active is not None
            try:
                embedding = _embedding_of(active.name)
            except ModelError:
                self._failed = True
                raise
            self._failed = False
            self._exact = ExactScan(self._catalogue, self.vectors, active)  # before Chroma goes: one of them serves
            old, self._chroma = self._chroma, None
            self._question_vector = lru_cache(_QUESTIONS_KEPT)(embedding.encode_question)
            self._embedding, self._model = embedding, active
            if old is not None:
                old.close()
            return True

    def follow_with_chroma(self, stop: threading.Event) -> None:
        """Opens the Chroma view if needed and brings it up to date. For the one process that owns it.

        With servers any process may call it; one of them at a time brings these up to date. A view that no longer
        stands (after a restore or a purge) or that fails is thrown away, and the exact scan serves until a later call has
        made it anew.
        """
        model = self._model
        if model is None:
            return

        def keep_going() -> bool:
            return not stop.is_set()

        if self._servers is not None:
            self._servers.follow(model, keep_going, _ROUND)
            if self._servers.ready(model):  # what was compared one by one until then makes room
                self._exact = ExactScan(self._catalogue, self.vectors, model)
            return
        view = self._chroma
        if view is None:
            from index.find.chroma import ChromaView

            try:
                view = ChromaView(self._data, self._catalogue, self.vectors, model, keep_going)
            except Interrupted:
                return
        try:
            complete = view.catch_up(keep_going)
        except Exception:  # Chroma's own errors have no common root; a full disk is one of them
            self._leave(view, model)
            raise
        if not view.stands():
            logger.warning("The catalogue began its change log anew; the vector index in %s is made again.", self._data)
            self._leave(view, model)
        elif self._chroma is None and not complete:
            view.close()
        elif self._chroma is None:
            self._chroma, self._exact = view, None

    def _leave(self, view: ChromaView, model: Model) -> None:
        """Answers by exact scan from now on, and throws the view away; the next following makes it anew."""
        with self._loading:
            if self._chroma in (view, None):
                self._exact = self._exact or ExactScan(self._catalogue, self.vectors, model)
                self._chroma = None
            try:
                view.abandon()
            except OSError as error:  # without its mark it is not used again
                logger.warning("The old vector index could not be deleted: %s", error)

    @property
    def ready(self) -> bool:
        """Whether a question can be embedded."""
        return self._embedding is not None

    @property
    def model_key(self) -> str | None:
        """Tells which model embeds questions (index.embed.key.model_key); None while none is loaded."""
        return self._model.key if self._model else None

    def state(self) -> tuple[State, Progress]:
        """How far it is, and how many passages have a vector of the active model; asks the catalogue."""
        active = self.vectors.active()
        progress = self.vectors.progress(active)
        return self._state(active, progress), progress

    def _state(self, active: Model | None, progress: Progress) -> State:
        if active is None:
            return "none"
        if progress.done < progress.total:
            return "making"
        if self.ready:
            return "ready"
        return "failed" if self._failed else "loading"

    @property
    def reached(self) -> Position | None:
        """The last change that the Chroma view holds; None while it does not serve, and the catalogue is searched."""
        if self._servers is not None and self._model is not None:
            return self._servers.reached(self._model)
        view = self._chroma
        return view.reached if view is not None else None

    @property
    def asks_servers(self) -> bool:
        """Whether it was given servers of Chroma, which a search may have to wait for."""
        return self._servers is not None

    @property
    def view(self) -> str:
        """Which view serves: "chroma", "servers" (of Chroma), "exact" or "none"."""
        if self._on_servers():
            return "servers"
        if self._chroma is not None:
            return "chroma"
        return "exact" if self._exact is not None else "none"

    def missing_parts(self, filters: Filters) -> tuple[str, ...]:
        """Parts of the archive, among the days that the filters leave, that Chroma servers do not answer for, in words."""
        if self._servers is None or self._model is None or not self._on_servers():
            return ()
        return self._servers.missing(self._model, filters)

    def standing(self) -> tuple[Hashable, ...]:
        """All that what is found depends on beside the question and the filters; equal as long as nothing of it has changed.

        With Chroma servers the catalogue is asked twice at most, otherwise not at all.
        """
        model, chroma, exact = self._model, self._chroma, self._exact
        local = (self.model_key, exact is not None, chroma.reached if chroma is not None else None)
        if self._servers is None or model is None:
            return local
        return (*local, *self._servers.standing(model), self._servers.lapses)

    def _on_servers(self) -> bool:
        return self._servers is not None and self._model is not None and self._servers.ready(self._model)

    def encode(self, texts: list[str]) -> Matrix | None:
        """Vectors of sentences, a row each; None while no model is loaded."""
        return self._embedding.encode_passages(texts) if self._embedding else None

    def encode_question(self, question: str) -> Matrix | None:
        """The question's vector; None while no model is loaded."""
        return self._question_vector(question) if self._question_vector else None

    def search(self, vector: Matrix, limit: int, filters: Filters) -> list[tuple[int, float]]:
        """The nearest passages, best first: (passage number, cosine)."""
        if self._model is None:
            return []
        if filters and self._catalogue.newest_passage() > self._large:
            found = self._search_widely(vector, limit, filters)
            if found is not None:
                return found
        if self._servers is not None and self._servers.ready(self._model):
            return self._search_servers(self._servers, self._model, vector, limit, filters)
        if not filters:
            return self._search_view(vector, limit, None)
        allowed = self._listed(filters)
        if len(allowed) > EXACT_BELOW:
            return self._search_view(vector, limit, allowed)
        numbers, rows = self.vectors.load(self._model, allowed)
        return best_rows(rows, numbers, vector, limit)

    def _listed(self, filters: Filters) -> list[int]:
        """All passages that pass; of an outlet that is asked about again they are listed once, until the archive changes."""
        key = filters, self._catalogue.changes.last()
        return self._lists.once(key, lambda: self._catalogue.passage_numbers(filters))

    def _search_widely(self, vector: Matrix, limit: int, filters: Filters) -> list[tuple[int, float]] | None:
        """The best under filters, where enough of the very best pass them, as when most of the archive does; else None.

        To list all that passes takes a second of a million passages; to ask of two hundred of them takes none.
        """
        found = self.search(vector, _WIDER * limit, Filters())
        passing = self._catalogue.passing([number for number, _ in found], filters)
        kept = [hit for hit in found if hit[0] in passing]
        return kept[:limit] if len(kept) >= limit else None

    def _search_servers(
        self, servers: ServersView, model: Model, vector: Matrix, limit: int, filters: Filters
    ) -> list[tuple[int, float]]:
        allowed = self._catalogue.passage_numbers(filters, at_most=EXACT_BELOW + 1) if filters else None
        if allowed is None or len(allowed) > EXACT_BELOW:
            return servers.search(model, vector, limit, filters)
        numbers, rows = self.vectors.load(model, allowed)
        return best_rows(rows, numbers, vector, limit)

    def _search_view(self, vector: Matrix, limit: int, among: list[int] | None) -> list[tuple[int, float]]:
        # `exact` first: when Chroma takes over it is set before `exact` is let go, so one of the two is seen.
        exact, chroma, model = self._exact, self._chroma, self._model
        if chroma is not None and model is not None:
            try:
                return chroma.search(vector, limit, among)
            except Exception as error:
                logger.warning("The vector index failed (%s); the catalogue's vectors are compared one by one.", error)
                self._leave(chroma, model)
                exact = self._exact
        return exact.search(vector, limit, among) if exact is not None else []

    def close(self) -> None:
        """Closes the Chroma view cleanly, if it is open, and the connections to servers."""
        if self._servers is not None:
            self._servers.close()
        if self._chroma is not None:
            self._chroma.close()
            self._chroma = None


def _embedding_of(name: str) -> PackagedEmbedding | PassageEmbedding:
    """What embeds questions with the model. Raises ModelError when it cannot be loaded."""
    if name == packaged_model.NAME:
        return PackagedEmbedding()
    from index.embed.model import PassageEmbedding

    return PassageEmbedding(name)
