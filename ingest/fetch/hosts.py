"""How often a host is asked: one request at a time, with a pause between two, and not while it wants to be left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from newsdesk.errors import NotFetched

LONGEST_WAIT = 120.0
"""Seconds that a run waits for one host; what asks for more is left to another run."""
_REST = 900.0
"""Seconds for which a host is left alone that did not answer."""
_FAILURES = 3
"""Requests in a row without an answer, after which it is."""


class Interrupted(NotFetched):
    """Whoever waited for a host was told to stop; nothing is wrong with the address."""


class NotNow(NotFetched):
    """A host wants to be left alone for longer than a run waits."""


@dataclass(slots=True)
class _Host:
    delay: float
    free_at: float = 0.0
    failures: int = 0
    why: str = ""


class Hosts:
    """When each host may be asked again."""

    def __init__(self, delay: float, now: Callable[[], float], wait: Callable[[float], object]) -> None:
        """`delay`: seconds between two requests to one host; `now` gives the time, `wait` lets so many seconds pass, and
        says so when it was told to stop instead."""
        self._now, self._wait = now, wait
        self._hosts: dict[str, _Host] = defaultdict(lambda: _Host(delay))

    def free_at(self, host: str) -> float:
        """The time from which on the host may be asked."""
        return self._hosts[host].free_at

    def slow_down(self, host: str, delay: float) -> None:
        """Leaves at least so many seconds between two requests."""
        self._hosts[host].delay = max(self._hosts[host].delay, delay)

    def check(self, host: str) -> float:
        """The seconds until the host may be asked. Raises NotNow where these are too many to wait."""
        known = self._hosts[host]
        left = known.free_at - self._now()
        if left > LONGEST_WAIT:
            why = known.why or f"{host} wants {known.delay:,.0f} s between two requests"
            raise NotNow(f"was not asked for: {why}; not before {clock(known.free_at)}", again_at=known.free_at)
        return left

    def turn(self, host: str) -> None:
        """Waits until the host may be asked, and counts the request.

        Raises NotNow where that would take too long, Interrupted where the wait was ended.
        """
        known = self._hosts[host]
        left = self.check(host)
        if left > 0 and self._wait(left):
            raise Interrupted("was not asked for, because the run was stopped")
        known.free_at = self._now() + known.delay

    def leave_alone(self, host: str, seconds: float, why: str) -> None:
        """Asks the host nothing for so long."""
        known = self._hosts[host]
        known.free_at, known.why = max(known.free_at, self._now() + seconds), why

    def answered(self, host: str) -> None:
        """The host works."""
        self._hosts[host].failures = 0
        self._hosts[host].why = ""

    def failed(self, host: str, why: str = "") -> None:
        """The host did not answer a request, nor its repetitions, or there is a reason not to ask it."""
        self._hosts[host].failures += 1
        if self._hosts[host].failures >= _FAILURES:
            self.leave_alone(host, _REST, why or f"{host} did not answer {_FAILURES} times")


def clock(moment: float) -> str:
    """A time for messages."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S} UTC"
