"""How often somebody may do something: so many at once, and then as they come back."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

_CALLERS = 10_000  # remembered at a time; who is forgotten begins with a full bucket


class Buckets:
    """A bucket for each caller. A minute fills it; it is for one thread, the event loop's."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_minute` at once, and as many a minute; 0: without limit."""
        self._per_minute = per_minute
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Takes one; 0 when there was one, else the seconds until there is."""
        if not self._per_minute:
            return 0.0
        left, rate = self._fill(caller), self._per_minute / 60
        if left < 1:
            return (1 - left) / rate
        self._left[caller] = (left - 1, self._clock())
        return 0.0

    def wait(self, caller: str) -> float:
        """The seconds until there is one, without taking it."""
        left = self._fill(caller) if self._per_minute else 1.0
        return max(0.0, (1 - left) / (self._per_minute / 60)) if left < 1 else 0.0

    def _fill(self, caller: str) -> float:
        now = self._clock()
        left, at = self._left.pop(caller, (float(self._per_minute), now))
        left = min(float(self._per_minute), left + (now - at) * self._per_minute / 60)
        self._left[caller] = (left, now)  # to the end: who was not seen for longest goes first
        if len(self._left) > _CALLERS:
            self._left.popitem(last=False)
        return left
