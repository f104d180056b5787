"""Progress on standard error."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from newsdesk.progress import progress
from tests.support import ROOT, environment

LONG_WORK = """
import logging, sys
from app.commands.main import LogToStandardError
from newsdesk.progress import progress
logging.basicConfig(handlers=[LogToStandardError()])
with progress("Reading", "article") as report:
    report(1, 3)
    print("rejected a.txt: is empty", file=sys.stderr)
    logging.getLogger("newsdesk").warning("b.txt is undated")
    report(3, 3)
"""


def test_without_a_terminal_it_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """A log gets whole lines without control characters, the last one with the total; standard output nothing."""
    with progress("Reading", "article") as report:
        report(1_000)
        report(2_500, 2_500)
    said = capsys.readouterr()
    assert said.err.splitlines()[-1].startswith("Reading: 2,500 of 2,500 articles, ")
    assert "\x1b" not in said.err
    assert "\r" not in said.err
    assert said.out == ""


@pytest.mark.parametrize("part", [None, (2_000_000, 5_000_000)])
def test_one_is_not_told_as_several(part: tuple[int, int] | None, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether it is known how many there are, or how large they are."""
    with progress("Embedding", "text") as report:
        report(1, None, part)
    assert " 1 text, " in capsys.readouterr().err


def test_nothing_done_is_nothing_said(capsys: pytest.CaptureFixture[str]) -> None:
    """Work that had nothing to do leaves no line."""
    with progress("Embedding", "text"):
        pass
    assert capsys.readouterr().err == ""


def test_on_a_terminal_it_is_a_bar() -> None:
    """Somebody who watches sees how much is done of how much; what is said meanwhile has lines of its own above it."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", LONG_WORK], cwd=ROOT, env=environment(TERM="xterm"), stderr=theirs
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # how Linux tells that the other side is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    assert process.wait(timeout=60) == 0
    assert b"Reading" in said
    assert b"3/3" in said
    assert b"\x1b[" in said
    lines = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", said).replace(b"\r", b"\n").split(b"\n")
    assert b"rejected a.txt: is empty" in lines
    assert any(line.endswith(b"b.txt is undated") and b"Reading" not in line for line in lines)


def test_a_failure_passes_through(capsys: pytest.CaptureFixture[str]) -> None:
    """An error in the work is not swallowed."""

    def work() -> None:
        with progress("Reading", "article") as report:
            report(1)
            raise KeyError("broken")

    with pytest.raises(KeyError, match="broken"):
        work()
    capsys.readouterr()
