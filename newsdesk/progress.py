"""Progress of long work on standard error: a bar with rate and time left on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

_LINE_EVERY = 5.0  # seconds between plain lines


class Report(Protocol):
    """Called with how much is done and, when it is known, how much there is."""

    def __call__(self, done: int, total: int | None = None) -> None: ...


@contextmanager
def progress(what: str, unit: str) -> Iterator[Report]:
    """`with progress("Reading", "articles") as report: report(16)`; report(0) starts the clock again."""
    yield from _bar(what, unit) if sys.stderr.isatty() else _lines(what, unit)


def _bar(what: str, unit: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit + "  {task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    # What is printed to standard error meanwhile, rich puts above the bar.
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as bar:
        task = bar.add_task(what, total=None, rate="")

        def report(done: int, total: int | None = None) -> None:
            nonlocal began
            began = time.monotonic() if done == 0 else began
            bar.update(task, completed=done, total=total, rate=_rate(done, began))

        yield report


def _lines(what: str, unit: str) -> Iterator[Report]:
    began = said = time.monotonic()
    last = printed = (0, None)  # type: tuple[int, int | None]

    def line(done: int, total: int | None) -> str:
        elapsed = time.monotonic() - began
        left = f", {elapsed / done * (total - done):.0f} s left" if done and total and done < total else ""
        return f"{what}: {done:,}{f' of {total:,}' if total else ''} {unit}, {_rate(done, began)}{left}"

    def report(done: int, total: int | None = None) -> None:
        nonlocal began, said, last, printed
        began = time.monotonic() if done == 0 else began
        last = (done, total)
        if time.monotonic() - said >= _LINE_EVERY:
            said, printed = time.monotonic(), last
            print(line(done, total), file=sys.stderr, flush=True)

    yield report
    if last[0] and last != printed:
        print(line(*last), file=sys.stderr, flush=True)


def _rate(done: int, began: float) -> str:
    return f"{done / max(1e-9, time.monotonic() - began):,.1f}/s"
