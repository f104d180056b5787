"""Progress of long work on standard error: a bar with rate and time left on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from newsdesk.wording.counted import counted

_LINE_EVERY = 5.0  # seconds between plain lines


class Report(Protocol):
    """Called with how much is done and, when it is known, how much there is.

    Where only the size of it all is known, `part` says how many bytes of how many are done.
    """

    def __call__(self, done: int, total: int | None = None, part: tuple[int, int] | None = None) -> None: ...


@contextmanager
def progress(what: str, unit: str) -> Iterator[Report]:
    """`with progress("Reading", "article") as report: report(16)`; report(0) starts the clock again."""
    yield from _bar(what, unit) if sys.stderr.isatty() else _lines(what, unit)


def _bar(what: str, unit: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    # What is printed to standard error meanwhile, rich puts above the bar.
    with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as bar:
        task = bar.add_task(what, total=None, rate="", said="")

        def report(done: int, total: int | None = None, part: tuple[int, int] | None = None) -> None:
            nonlocal began
            began = time.monotonic() if done == 0 else began
            completed, whole = part or (done, total)
            bar.update(
                task,
                completed=completed,
                total=whole,
                rate=_rate(done, began),
                said=_said(done, total, part, unit, "/"),
            )

        yield report


def _lines(what: str, unit: str) -> Iterator[Report]:
    began = said = time.monotonic()
    last = printed = (0, None, None)  # type: tuple[int, int | None, tuple[int, int] | None]

    def line(done: int, total: int | None, part: tuple[int, int] | None) -> str:
        elapsed = time.monotonic() - began
        had, whole = part or (done, total)
        left = f", {elapsed / had * (whole - had):.0f} s left" if had and whole and had < whole else ""
        return f"{what}: {_said(done, total, part, unit)}, {_rate(done, began)}{left}"

    def report(done: int, total: int | None = None, part: tuple[int, int] | None = None) -> None:
        nonlocal began, said, last, printed
        began = time.monotonic() if done == 0 else began
        last = (done, total, part)
        if time.monotonic() - said >= _LINE_EVERY:
            said, printed = time.monotonic(), last
            print(line(*last), file=sys.stderr, flush=True)

    yield report
    if last[0] and last != printed:
        print(line(*last), file=sys.stderr, flush=True)


def _said(done: int, total: int | None, part: tuple[int, int] | None, unit: str, of: str = " of ") -> str:
    if part is not None:
        return f"{part[0] / 1e6:,.1f} of {part[1] / 1e6:,.1f} MB, {counted(done, unit)}"
    return f"{done:,}{of}{counted(total, unit)}" if total else counted(done, unit)


def _rate(done: int, began: float) -> str:
    return f"{done / max(1e-9, time.monotonic() - began):,.1f}/s"
