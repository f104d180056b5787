"""Builds the running service from the rooms and keeps its views up to date."""

from __future__ import annotations

import secrets
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.commands.filling.sources import Sources
from app.service.desk import open_desk
from app.service.ownership import Ownership
from desk.starters import Starters
from desk.uploads import Uploads
from index.archive import Archive, logger
from index.embed.key import model_key
from newsdesk.catalogue.changes import Position
from newsdesk.child import own_module
from newsdesk.errors import CatalogueUnreachable, NewsdeskError
from newsdesk.settings import Settings

_POLL_SECONDS = 0.3
"""How often the change log is looked at: an article is found by keyword within a second of its commit."""
_DESK_SECONDS = 1.0
"""How often the desk looks for new articles, messages and tables."""
_STARTERS_SECONDS = 5.0
"""How often questions to begin with are thought of."""
_RETRY_SECONDS = 60
"""Pause after embedding failed, or while another process does it."""

_AWAY_SECONDS = 2
"""How often a database that does not answer is tried again."""

_STOP_SECONDS = 5
"""How long a stop waits for the background work; with the ten seconds for answers in flight it stays under twenty."""


class Service:
    """The archive behind `newsdesk serve`: follows the change log in the background, embeds in a child process."""

    def __init__(self, settings: Settings) -> None:
        """Takes the ownership of the data folder. Raises DataFolderBusy when a service runs on it."""
        self.settings = settings
        self._ownership = Ownership(settings.data)
        self.own_key = secrets.token_urlsafe(32)
        """Of the commands on the same folder, for as long as this service runs."""
        self.archive = Archive(settings)
        self.desk = open_desk(self.archive)
        self.ready = threading.Event()
        self._telling = threading.Lock()
        self._away_at: float | None = None  # when a step last found that the database does not answer
        self._stop = threading.Event()
        self.starters = Starters(self.archive.engine)
        self._sources = Sources(settings, self.archive.catalogue, stopped=self._stop)
        self.uploads = Uploads(
            settings.data, self.archive.catalogue, self._sources.read, may_fetch=settings.fetch_from_page
        )
        self.uploads.drop_unfinished()
        steps: tuple[Callable[[], float | None], ...] = (self._follow_by_keyword, self._follow_by_meaning, self._embed)
        steps += (self._try_saved_questions, self._tell_webhooks, self._answer_batches)
        steps += (self._read_uploads, self._make_starters)
        self._threads = [
            threading.Thread(target=self._loop, args=(step,), name=step.__name__, daemon=True) for step in steps
        ]
        self._child: subprocess.Popen[bytes] | None = None
        self._check: subprocess.Popen[bytes] | None = None
        self._complete_at: Position | None = None  # the change at which no vector was missing

    def start(self, address: str) -> None:
        """Starts the background work and says where the service listens."""
        self._ownership.announce(address, self.own_key)
        if isinstance(self.settings.catalogue_at, Path):  # a shared database would be read whole by each service
            self._check = self._run_child("check")  # what it finds it says on standard error, where the log is
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the background work, closes the views cleanly and gives the folder free.

        A thread that cannot be waited for, such as one that is loading a model on a busy machine, is left: the views
        are then not closed, and at the next start what was open is made again.
        """
        self._stop.set()
        end = time.monotonic() + _STOP_SECONDS
        for child in filter(None, (self._child, self._check)):
            child.terminate()
            with suppress(subprocess.TimeoutExpired):  # who closes the catalogue last empties its journal
                child.wait(max(0.0, end - time.monotonic()))
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, end - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            return
        self.archive.close()
        self._ownership.release()

    def _loop(self, step: object) -> None:
        """Runs one step again and again; a failure is logged and costs a pause, never the thread."""
        assert callable(step)
        while not self._stop.is_set():
            try:
                pause = step() or _POLL_SECONDS
            except CatalogueUnreachable as error:
                self._away(error)
                pause = _AWAY_SECONDS
            except NewsdeskError as error:
                logger.error("%s", error)
                pause = _RETRY_SECONDS
            except BaseException:  # a panic inside a library is no Exception
                logger.exception("Background work failed; it is tried again")
                pause = _RETRY_SECONDS
            self._stop.wait(pause)

    def _away(self, error: CatalogueUnreachable) -> None:
        """Says once that the database does not answer; until a step has found that it does, nothing is ready."""
        with self._telling:
            if self._away_at is None:
                logger.error("%s", error)
            self._away_at = time.monotonic()
            self.ready.clear()

    def _follow_by_keyword(self) -> None:
        began = time.monotonic()
        self.archive.catalogue.release_due()
        self.archive.keyword.catch_up(lambda: not self._stop.is_set())
        with self._telling:
            if self._away_at is not None:
                if began < self._away_at:  # another step has met it since: what was read here was read before
                    return
                logger.warning("The database that holds the catalogue answers again.")
            self._away_at = None
            self.ready.set()

    def _follow_by_meaning(self) -> None:
        if self.archive.dense.load():
            self.archive.dense.follow_with_chroma(self._stop)

    def _try_saved_questions(self) -> float:
        self.desk.follower.catch_up(lambda: not self._stop.is_set())
        return _DESK_SECONDS

    def _tell_webhooks(self) -> float:
        self.desk.webhooks.tell(lambda: not self._stop.is_set())
        return _DESK_SECONDS

    def _answer_batches(self) -> float:
        self.desk.batches.work(self._stop)
        return _DESK_SECONDS

    def _read_uploads(self) -> None:
        self.uploads.work(self._stop)

    def _make_starters(self) -> float:
        if not self.archive.catalogue.holds_samples():  # the sample has its own
            self.starters.make(self._stop)
        return _STARTERS_SECONDS

    def _embed(self) -> float | None:
        """Keeps one child process embedding while vectors are missing."""
        if not self.settings.embed_in_background:
            return _RETRY_SECONDS
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                return None
            self._child = None
            if code != 0:
                return _RETRY_SECONDS
        last_change = self.archive.catalogue.changes.last()
        if last_change == self._complete_at:
            return None
        vectors = self.archive.dense.vectors
        model = vectors.known(model_key(self.settings.model))
        progress = vectors.progress(model)
        if model is not None and progress.done == progress.total:
            vectors.activate_if_complete(model)
            self._complete_at = last_change
        elif progress.total and not self._stop.is_set():
            self._child = self._run_child("embed", "--model", self.settings.model)
        return None

    def _run_child(self, command: str, *options: str) -> subprocess.Popen[bytes]:
        """A command on the same archive as a process of low priority, which ends with this one."""
        return subprocess.Popen(
            own_module("newsdesk", command, "--as-child", "--data", str(self.settings.data), *options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
