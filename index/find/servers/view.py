"""The vector view on Chroma servers: which shards are asked, and how they are kept equal to the catalogue.

Any number of services may use the same servers. Each asks them; one, which holds a lease, writes. What is to be written
is planned in the catalogue (newsdesk.catalogue.shards.placement), so a server that is away, killed or empty costs nothing but
time: it is named wherever its part of the archive is missing, and filled again when it answers.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from index.find.servers.client import Record, Server
from index.find.servers.fan_out import ask_each
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import Position
from newsdesk.catalogue.leases import Process
from newsdesk.catalogue.shards.periods import in_words
from newsdesk.catalogue.shards.placement import FULL, Placement, Shard
from newsdesk.catalogue.vectors import Matrix, Model, StoredVectors
from newsdesk.errors import NewsdeskError
from newsdesk.types import Filters

logger = logging.getLogger("newsdesk.index")

LEASE = "chroma"
DEADLINE = 2.0
"""Seconds that a question waits for its shards; those that have not answered by then are left out, and named."""

_PLANNED = 1_000  # changes, or vectors at the first filling, at a time
_WRITTEN = 250  # vectors a request: Chroma's advice is 50 to 250
_WRITE_SECONDS = 120.0  # in all, of one round of writing
_BEAT_SECONDS = 5.0  # in which a server has to say that it is there; one that writes much is slow to
_BEAT = 1.0  # seconds between two looks whether the servers answer
_RENEW = 30.0  # seconds between two renewals of the lease, which lasts 120
_LOOK_AGAIN = 600.0  # seconds between two looks at each shard, that nothing was lost unnoticed
_SAMPLE = 100  # vectors that have to find themselves then
_OFF = 1e-3  # of a cosine: texts that are alike have like vectors, and any of them may come first


class ServersView:
    """Vectors on Chroma servers. Safe to use from many threads; one of them follows."""

    def __init__(
        self,
        catalogue: Catalogue,
        vectors: StoredVectors,
        addresses: Sequence[str],
        full: int = FULL,
        deadline: float = DEADLINE,
    ) -> None:
        """`full` is how many records a collection takes, `deadline` how long a question waits. Nothing is connected yet."""
        self._catalogue = catalogue
        self._vectors = vectors
        self._placement = Placement(catalogue, full)
        self._deadline = deadline
        self._servers = {address: Server(address) for address in addresses}
        self._away: dict[str, str] = {}  # servers that did not answer when last looked at, and why
        self._failed: dict[int, float] = {}  # shards that did not answer, and when
        self._lapses = 0  # how often a shard that had answered did not
        self._doubts: set[int] = set()  # shards that failed, which the catalogue does not know yet
        self._asked: Counter[int] = Counter()  # calls under way, by shard
        self._lock = threading.Lock()
        self._beat_at = self._renew_at = 0.0
        self._leads = False
        self._looked_at: dict[int, float] = {}
        self._lacks: dict[int, int] = {}  # by shard, the newest passage that was to be written when it was mended

    # ----------------------------------------------------------------- asking

    def ready(self, model: Model) -> bool:
        """Whether all vectors of the model were once written, so that the servers answer for the archive."""
        reached = self._placement.reached(model)
        return reached is not None and reached[1]

    def reached(self, model: Model) -> Position | None:
        """The last change that is planned for the servers; None before the first."""
        reached = self._placement.reached(model)
        return reached[0] if reached else None

    def standing(self, model: Model) -> tuple[Position | None, bool, tuple[str, ...]]:
        """`reached`, `ready`, and what is `missing` of all days once it is ready; asks the catalogue twice at most."""
        reached = self._placement.reached(model)
        if reached is None:
            return None, False, ()
        position, complete = reached
        return position, complete, self.missing(model, Filters()) if complete else ()

    def search(self, model: Model, vector: Matrix, limit: int, filters: Filters) -> list[tuple[int, float]]:
        """The nearest passages of the shards that answer in time, best first: (passage number, cosine)."""
        shards = [shard for shard in self._placement.shards(model, filters.days()) if not self._rests(shard)]
        calls = {shard: partial(self._query, shard, vector, limit, filters) for shard in shards}
        answers, failures = ask_each(calls, self._deadline)
        for shard in answers:
            self._answered(shard)
        for shard, error in failures.items():
            self._note_failure(shard, error)
        best: dict[int, float] = {}
        for found in answers.values():
            for number, score in found:  # a passage that is just moving from one shard to another is in both
                best[number] = max(score, best.get(number, score))
        return sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]

    def missing(self, model: Model | None, filters: Filters) -> tuple[str, ...]:
        """The parts of the archive, of the days asked about, that do not answer or lack something, in words."""
        with self._lock:  # before the catalogue is read: a doubt leaves here only when it is written there
            failed = self._failed.keys() | self._doubts
        shards = self._placement.shards(model, filters.days())
        return tuple(str(shard) for shard in shards if shard.state != "whole" or shard.number in failed)

    @property
    def lapses(self) -> int:
        """How often a part stopped answering since the view was made: whatever was found meanwhile may lack something."""
        return self._lapses

    def _query(self, shard: Shard, vector: Matrix, limit: int, filters: Filters) -> list[tuple[int, float]]:
        with self._lock:
            self._asked[shard.number] += 1
        try:
            server = self._servers[shard.server]
            return server.nearest(shard.collection, vector[np.newaxis], limit, _condition(shard, filters))[0]
        finally:
            with self._lock:
                self._asked[shard.number] -= 1

    def _rests(self, shard: Shard) -> bool:
        """Whether the shard failed so lately that it is not asked; it is when it has had a second, unless it hangs."""
        failed = self._failed.get(shard.number)
        return failed is not None and (time.monotonic() - failed < _BEAT or self._asked[shard.number] > 0)

    def _note_failure(self, shard: Shard, error: Exception) -> None:
        """Notes it in memory alone: a question does not wait until the catalogue can be written to."""
        if shard.number not in self._failed:
            logger.warning("A part of the vector index does not answer: %s: %s", shard, error)
        self._fail(shard)
        self._doubt(shard)
        server = self._servers.get(shard.server)
        if server is not None:
            server.forget(shard.collection)

    def _fail(self, shard: Shard) -> None:
        with self._lock:
            self._lapses += shard.number not in self._failed
            self._failed[shard.number] = time.monotonic()

    def _answered(self, shard: Shard) -> None:
        with self._lock:
            self._failed.pop(shard.number, None)

    def _doubt(self, shard: Shard) -> None:
        """Has whoever writes look at the shard before it is trusted again; the catalogue learns of it at the next following."""
        with self._lock:
            self._doubts.add(shard.number)

    def _write_doubts(self) -> None:
        """Tells the catalogue which shards failed. A process that dies before it does loses nothing but time.

        What was to be written there is planned in the catalogue, and what was lost fails again or is missed at the next look.
        """
        with self._lock:
            doubts = set(self._doubts)
        if not doubts:
            return
        for shard in self._placement.shards():
            if shard.number in doubts and shard.state != "doubted":
                self._placement.set_state(shard, "doubted")
        with self._lock:
            self._doubts -= doubts

    # ---------------------------------------------------------------- following

    def follow(
        self, model: Model, keep_going: Callable[[], bool] = lambda: True, seconds: float = float("inf")
    ) -> bool:
        """Looks which servers answer; for the one process that writes, brings them up to date as well.

        Writes for so many `seconds` at most, and a little longer. Says whether everything is written. Raises DataFolderError.
        """
        self._beat()
        self._write_doubts()
        if not self._take_lead():
            return False
        self._retire_strangers(model)
        end, more = time.monotonic() + seconds, True
        while more and keep_going() and time.monotonic() < end:
            planned = self._placement.plan(model, self._there() or list(self._servers), _PLANNED)
            more = self._write(self._there()) or bool(planned)
            if not self._take_lead():
                return False
        for shard in self._placement.shards(model):
            if keep_going() and shard.server in self._there():
                self._look_after(shard)
        self._drop_retired(self._there())
        return not more and keep_going() and not self._placement.shards_with_work()

    def close(self) -> None:
        """Gives the lease back and closes the connections."""
        if self._leads:
            self._catalogue.leases.give_back(LEASE, Process.current())
            self._leads = False
        for server in self._servers.values():
            server.close()

    def _there(self) -> list[str]:
        """The servers that answered when they were last asked something."""
        return [address for address in self._servers if address not in self._away]

    def _take_lead(self) -> bool:
        now = time.monotonic()
        if now >= self._renew_at:
            self._leads = self._catalogue.leases.take(LEASE, Process.current())
            if not self._leads:  # whoever leads now may mend the same shards
                self._lacks.clear()
            self._renew_at = now + (_RENEW if self._leads else _BEAT)
        return self._leads

    def _beat(self) -> None:
        """Looks which servers answer, a second after the last look; says so when one has gone or come back."""
        if time.monotonic() < self._beat_at:
            return
        _, failures = ask_each({address: server.beat for address, server in self._servers.items()}, _BEAT_SECONDS)
        away = {address: str(error) for address, error in failures.items()}
        for address in away.keys() - self._away.keys():
            logger.warning("%s Its part of the archive is found by keyword alone.", _sentence(address, away[address]))
        for address in self._away.keys() - away.keys():
            logger.warning("The Chroma server at %s answers again.", address)
        gone, self._away = away.keys() - self._away.keys(), away
        for shard in self._placement.shards():
            if shard.server in away:
                self._fail(shard)
                if shard.server in gone:
                    self._servers[shard.server].forget(shard.collection)
                    self._doubt(shard)
            elif not self._rests(shard):
                self._answered(shard)
        self._beat_at = time.monotonic() + _BEAT

    def _retire_strangers(self, model: Model) -> None:
        """Takes shards out of use that lie on servers no longer named, and those of a model that no longer answers."""
        shards = self._placement.shards()
        gone = [shard for shard in shards if shard.server not in self._servers]
        if gone:
            servers = ", ".join(sorted({shard.server for shard in gone}))
            logger.warning("The setting chroma no longer names %s; what lay there is written elsewhere.", servers)
        if self.ready(model):
            gone += [shard for shard in shards if shard.model != model.number and shard not in gone]
        if gone:
            self._placement.retire(gone)

    def _write(self, there: Sequence[str]) -> bool:
        """Has each server write and delete the next of what it has to; whether there was something that was done."""
        waiting = self._placement.shards_with_work()
        by_server: dict[str, list[Shard]] = {}
        for shard in self._placement.shards():
            if shard.number in waiting and shard.server in there:
                by_server.setdefault(shard.server, []).append(shard)
        calls = {server: partial(self._write_each, shards) for server, shards in by_server.items()}
        answers, failures = ask_each(calls, _WRITE_SECONDS)
        for server, error in failures.items():
            logger.warning("Writing to the Chroma server at %s failed and is tried again: %s", server, error)
            self._away.setdefault(server, str(error))  # until it is seen to answer
            for shard in by_server[server]:
                self._servers[server].forget(shard.collection)
                self._doubt(shard)
        return bool(answers)

    def _write_each(self, shards: Sequence[Shard]) -> None:
        for shard in shards:
            self._write_some(shard)

    def _write_some(self, shard: Shard) -> None:
        server = self._servers[shard.server]
        server.create(shard.collection)
        wanted, unwanted = self._placement.work(shard, _PLANNED)
        if unwanted:
            server.delete(shard.collection, unwanted)
            self._placement.done(shard, unwanted)
        for start in range(0, len(wanted), _WRITTEN):
            some = wanted[start : start + _WRITTEN]
            numbers, rows = self._vectors.load(Model(shard.model, "", ""), some)
            articles = self._placement.described(numbers)
            kept = [place for place, number in enumerate(numbers) if number in articles]
            records: list[Record] = [(numbers[place], *articles[numbers[place]]) for place in kept]
            if records:
                server.write(shard.collection, records, rows[kept])
            self._placement.done(shard, some)

    # ------------------------------------------------------------------ mending

    def _look_after(self, shard: Shard) -> None:
        """Makes sure that a shard holds what it should: when it failed, when it is first seen, and now and then."""
        if shard.state == "filling" and self._placement.waiting(shard, self._lacks.get(shard.number)) is None:
            self._lacks.pop(shard.number, None)
            self._placement.set_state(shard, "whole")
            return
        due = time.monotonic() - self._looked_at.get(shard.number, float("-inf")) > _LOOK_AGAIN
        if shard.state == "doubted" or (due and shard.state == "whole" and not self._is_whole(shard)):
            self._mend(shard)
        if due:
            self._looked_at[shard.number] = time.monotonic()

    def _is_whole(self, shard: Shard) -> bool:
        """Whether the server counts what it should hold, and a sample of it finds itself."""
        if shard.number in self._placement.shards_with_work():
            return True  # it is being written to, and looked at another time
        try:
            counted = self._servers[shard.server].count(shard.collection)
            return counted == shard.records and self._finds_itself(shard, self._placement.sample(shard, _SAMPLE))
        except Exception as error:
            logger.warning("A part of the vector index cannot be looked at: %s: %s", shard, error)
            return False

    def _mend(self, shard: Shard) -> None:
        """Has what the shard lacks written again; all of it, into a new collection, when what is there cannot be used."""
        server = self._servers[shard.server]
        self._lacks.pop(shard.number, None)
        try:
            server.forget(shard.collection)
            server.create(shard.collection)
            there = server.numbers(shard.collection)
            held = set(self._placement.held(shard))
            sound = self._finds_itself(shard, sorted(held & there))
        except Exception as error:
            if not _is_answer(error):
                logger.warning("A part of the vector index is looked at again later: %s: %s", shard, error)
                return
            logger.warning("A part of the vector index is damaged: %s: %s", shard, error)
            sound = False
        if not sound:
            logger.warning("A part of the vector index is made again: %s", shard)
            self._placement.renew(shard)
            return
        lost, unknown = held - there, there - held
        if lost:
            logger.warning(
                "A part of the vector index lacks %d passages, which are written again: %s", len(lost), shard
            )
        self._placement.again(shard, lost | unknown)  # of those unknown, some may only be waiting for their turn
        newest = self._placement.waiting(shard)
        if newest is not None:  # what comes in from now on is no lack
            self._lacks[shard.number] = newest
        self._placement.set_state(shard, "whole" if newest is None else "filling")

    def _finds_itself(self, shard: Shard, numbers: Sequence[int]) -> bool:
        """Whether a sample of these vectors is found by the same vectors of the catalogue."""
        some = numbers[:: max(1, len(numbers) // _SAMPLE)]
        kept, rows = self._vectors.load(Model(shard.model, "", ""), some)
        if not kept:
            return True
        found = self._servers[shard.server].nearest(shard.collection, rows, 10)
        return all(
            number in [hit for hit, _ in hits] or (bool(hits) and hits[0][1] > 1 - _OFF)
            for number, hits in zip(kept, found, strict=True)
        )

    def _drop_retired(self, there: Sequence[str]) -> None:
        for shard in self._placement.retired():
            server = self._servers.get(shard.server)
            if server is not None and shard.server not in there:
                continue
            try:
                if server is not None:
                    server.drop(shard.collection)
            except Exception as error:
                logger.warning("An old part of the vector index is deleted later: %s: %s", shard.collection, error)
                continue
            self._placement.drop(shard)


def state_of_servers(addresses: Sequence[str], catalogue: Catalogue) -> list[dict[str, Any]]:
    """For each server its address, how many vectors are placed there, and "answers", or why not, or what it lacks."""
    servers = {address: Server(address) for address in addresses}
    _, failures = ask_each({address: server.beat for address, server in servers.items()}, _BEAT_SECONDS)
    shards = Placement(catalogue).shards()
    found = []
    for address, server in servers.items():
        server.close()
        own = [shard for shard in shards if shard.server == address]
        lacking = [in_words(shard.days) for shard in own if shard.state != "whole"]
        state = f"lacks some of {', '.join(lacking)}" if lacking else "answers"
        if address in failures:
            state = f"does not answer ({failures[address]})"
        found.append({"server": address, "state": state, "records": sum(shard.records for shard in own)})
    return found


def _condition(shard: Shard, filters: Filters) -> dict[str, Any] | None:
    """What Chroma has to filter by: nothing where every article of the shard passes."""
    conditions: list[dict[str, Any]] = []
    days = filters.days()
    if days is not None and days[0] > shard.first:
        conditions.append({"day": {"$gte": days[0]}})
    if days is not None and days[1] < shard.last:
        conditions.append({"day": {"$lte": days[1]}})
    if filters.sources:
        conditions.append({"source": {"$in": list(filters.sources)}})
    return {"$and": conditions} if len(conditions) > 1 else next(iter(conditions), None)


def _is_answer(error: Exception) -> bool:
    """Whether the server itself said what is wrong, and was not only away or slow."""
    import httpx

    return not isinstance(error, httpx.TransportError | TimeoutError | ValueError | NewsdeskError)


def _sentence(address: str, why: str) -> str:
    return why if address in why else f"The Chroma server at {address} does not answer: {why}."
