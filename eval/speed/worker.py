"""A process that does steps when it is told to, one at a time, and can be held still while another one works.

It is told by lines of JSON on its standard input, `{"step": "ask", "with": {...}}`, and answers by lines:
`{"done": 64, "total": 1200}` any number of times, then `{"result": ...}` or `{"error": "..."}`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

from newsdesk.errors import NewsdeskError

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


class Worker:
    """The other process, seen from here."""

    def __init__(self, command: Sequence[str], log: Path, variables: Mapping[str, str] | None = None) -> None:
        """Starts it; what it says on standard error goes to `log`, `variables` are added to its environment."""
        self._log = log
        self._answers: Queue[str | None] = Queue()
        self.result: Any = None
        """What the last step gave."""
        with log.open("wb") as complaints:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env={**os.environ, **(variables or {})},
                text=True,
                # A group of its own: Ctrl-C reaches only the command, which ends it in good order. And should the
                # command be killed while this is held, the system ends it; a held process would stay for good.
                process_group=0,
            )
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._answers.put(line)
        self._answers.put(None)

    def begin(self, step: str, **given: Any) -> None:
        """Tells it to do a step; one at a time."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # `wait` says what became of it
            self._process.stdin.write(json.dumps({"step": step, "with": given}) + "\n")
            self._process.stdin.flush()

    def wait(self, seconds: float | None = None, report: Progress = lambda done, total: None) -> bool:
        """Whether the step is done within so many seconds; its result is then in `result`.

        Raises NewsdeskError when the step failed or the process ended.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            try:
                line = self._answers.get(timeout=None if end is None else max(0.0, end - time.monotonic()))
            except Empty:
                return False
            if line is None:
                said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
                raise NewsdeskError(
                    f"A process that was measured ended with {self._process.wait()}"
                    f"{f': {said[0]}' if said else ''}. Run the same command again, with fewer articles if memory ran out."
                )
            answer = json.loads(line)
            if "error" in answer:
                raise NewsdeskError(answer["error"])
            if "result" in answer:
                self.result = answer["result"]
                return True
            report(answer["done"], answer["total"])

    def do(self, step: str, **given: Any) -> Any:
        """Does one step and gives its result. Raises NewsdeskError."""
        self.begin(step, **given)
        self.wait()
        return self.result

    def hold(self) -> None:
        """Stops it where it is, whatever it does."""
        self._signal(signal.SIGSTOP)
        if hasattr(os, "waitid") and self._process.poll() is None:  # macOS has none; there it stops a moment later
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def go_on(self) -> None:
        """Lets it go on after `hold`."""
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Ends it at once, held or not."""
        self._signal(signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)


def serve(steps: Callable[[Progress], Mapping[str, Callable[..., Any]]]) -> None:
    """The other side: does what it is told until nobody is there to tell it.

    `steps` is given the function that tells of progress and gives the steps by name; what one returns must fit JSON.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not speak among the answers

    def say(answer: Mapping[str, Any]) -> None:
        print(json.dumps(answer), file=answers, flush=True)

    try:
        known = steps(lambda done, total: say({"done": done, "total": total}))
    except NewsdeskError as error:
        say({"error": str(error)})  # to whatever is asked first
        return
    for line in sys.stdin:
        told = json.loads(line)
        try:
            say({"result": known[told["step"]](**told["with"])})
        except NewsdeskError as error:
            say({"error": str(error)})
