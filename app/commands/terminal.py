"""What every command owes the terminal: errors in one line, exit codes, closed pipes, signals."""

from __future__ import annotations

import errno
import logging
import os
import sys
from contextlib import suppress
from types import FrameType
from typing import Any

from typer.core import TyperGroup

from newsdesk.errors import WrongUse
from newsdesk.types import is_whole


class Stopped(BaseException):
    """Ctrl-C or SIGTERM: ends the work by way of every `finally`."""

    def __init__(self, number: int) -> None:
        self.exit_code = 128 + number


class ReaderGone(Exception):
    """Whoever read what is printed closed the pipe (`newsdesk rejects | head`)."""


class Commands(TyperGroup):
    """The commands, with a look after each at what became of its output; Typer takes a closed pipe for exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        """Runs a command. Raises ReaderGone."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError as error:
            raise ReaderGone from error


def end(code: int, message: str = "") -> None:
    if message:
        with suppress(OSError):
            print(f"newsdesk: {message}", file=sys.stderr)
    # What could not be written would be tried again, and complained of, when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


_ADVICE = {
    errno.ENOSPC: "Make room, then run the same command again; what was acknowledged is kept.",
    errno.EDQUOT: "Make room, then run the same command again; what was acknowledged is kept.",
    errno.EMFILE: "Allow more open files (`ulimit -n`) and run the same command again.",
    errno.ENFILE: "Close other programs and run the same command again.",
    errno.EACCES: "Change its permissions, or choose another data folder with --data.",
    errno.EPERM: "Change its permissions, or choose another data folder with --data.",
    errno.EROFS: "Choose another data folder with --data.",
}


def what_happened(error: OSError) -> str:
    about = f" ({os.fsdecode(error.filename)!r})" if isinstance(error.filename, str | bytes) else ""
    advice = _ADVICE.get(error.errno or 0, "Run the same command again when that is mended.")
    return f"{error.strerror or error}{about}. {advice}"


class LogToStandardError(logging.Handler):
    """Writes to what stands for standard error at that moment: a progress bar puts itself in front of it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints the record; one that cannot be printed is dropped, for the work goes before its log."""
        with suppress(OSError):
            print(self.format(record), file=sys.stderr, flush=True)


def mend_standard_streams() -> None:
    """A closed stream becomes /dev/null, and what an old terminal's encoding cannot show is spelled as \\x or \\u."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                os.fstat(descriptor)  # closed for Python, but taken
                continue
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number: no database file may come to have it
            setattr(sys, name, open(descriptor, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115, PTH123
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def check_arguments(arguments: list[str]) -> None:
    """Raises WrongUse for bytes that are no text; a path may hold them, but nothing that is stored or searched."""
    for argument in arguments:
        if not is_whole(argument):
            raise WrongUse(
                f"The argument {os.fsencode(argument)!r} is not UTF-8 text. Write it in UTF-8; a file whose name is not "
                "is read by naming the folder it is in."
            )
