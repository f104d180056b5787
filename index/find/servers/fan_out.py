"""Asking several servers at the same time, and waiting for none of them too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from queue import Empty, SimpleQueue
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def ask_each(calls: Mapping[K, Callable[[], T]], seconds: float) -> tuple[dict[K, T], dict[K, Exception]]:
    """What each call returned, and why the others did not; a call that is not done in time is a TimeoutError.

    Such a call goes on in a thread of its own, which ends with the process: a server that hangs holds up nobody.
    """
    came: SimpleQueue[tuple[K, T | None, Exception | None]] = SimpleQueue()

    def ask(key: K, call: Callable[[], T]) -> None:
        try:
            came.put((key, call(), None))
        except Exception as error:  # of Chroma, httpx or the catalogue: whoever asked decides
            came.put((key, None, error))

    for key, call in calls.items():
        threading.Thread(target=ask, args=(key, call), daemon=True).start()
    answers: dict[K, T] = {}
    failures: dict[K, Exception] = {}
    end = time.monotonic() + seconds
    while len(answers) + len(failures) < len(calls):
        try:
            key, answer, error = came.get(timeout=max(0.0, end - time.monotonic()))
        except Empty:
            break
        if error is not None:
            failures[key] = error
        else:
            answers[key] = answer  # type: ignore[assignment]  # without an error there is an answer
    late = calls.keys() - answers.keys() - failures.keys()
    return answers, failures | {key: TimeoutError(f"no answer within {seconds:g} seconds") for key in late}
