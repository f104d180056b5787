"""What was made lately and may be wanted again: bounded in number and in age, and made by one at a time."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from math import inf
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key; what was not wanted for longest goes first. Thread-safe."""

    def __init__(self, most: int, seconds: float = inf) -> None:
        """Keeps `most` values, each for so many seconds."""
        self._most, self._seconds = most, seconds
        self._lock = Lock()
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._making: dict[K, Future[V]] = {}

    def get(self, key: K) -> V | None:
        """The value, if it is there and not too old."""
        with self._lock:
            return self._get(key)

    def put(self, key: K, value: V) -> None:
        """Keeps a value."""
        with self._lock:
            self._put(key, value)

    def once(self, key: K, make: Callable[[], V], stands: Callable[[], bool] = lambda: True) -> V:
        """The value, made if it is not there. Who wants it while another one makes it waits for that.

        It is not kept when `stands`, asked afterwards, says that what it was made of has changed meanwhile. Raises what
        `make` raises, to everyone who waited; nothing is kept then.
        """
        with self._lock:
            value = self._get(key)
            if value is not None:
                return value
            waiting = self._making.get(key)
            if waiting is None:
                mine = self._making[key] = Future[V]()
        if waiting is not None:
            return waiting.result()
        try:
            value = make()
            keeps = stands()
        except BaseException as error:
            with self._lock:
                del self._making[key]
            mine.set_exception(error)
            raise
        with self._lock:
            if keeps:
                self._put(key, value)
            del self._making[key]
        mine.set_result(value)
        return value

    def clear(self) -> None:
        """Forgets all."""
        with self._lock:
            self._values.clear()

    def __len__(self) -> int:
        return len(self._values)

    def _get(self, key: K) -> V | None:
        found = self._values.get(key)
        if found is None:
            return None
        if time.monotonic() - found[0] > self._seconds:
            del self._values[key]
            return None
        self._values.move_to_end(key)
        return found[1]

    def _put(self, key: K, value: V) -> None:
        self._values[key] = (time.monotonic(), value)
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)
