"""Newsdesk needs no network: neither does anything fail without one, nor is anything looked up with one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.find_chromium import find_chromium
from tests.offline import Newcomer
from tests.support import ROOT, SAMPLE, environment

ALONE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
"""Runs a command in a network namespace of its own, which holds a loopback and nothing else."""


def namespaces_are_allowed() -> bool:
    """Containers often forbid them."""
    try:
        return subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.fixture
def some(tmp_path: Path) -> Path:
    """The articles of the sample that are about what is asked: embedding all of them would take longer than the rest."""
    file = tmp_path / "some.jsonl"
    lines = (SAMPLE / "articles.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "al-Bab" in line or "el-Bab" in line), encoding="utf-8")
    return file


@pytest.mark.skipif(not namespaces_are_allowed(), reason="network namespaces are not allowed here")
def test_everything_works_without_a_network(tmp_path: Path, some: Path) -> None:
    """Articles are taken in and embedded, the command, the API and the chat answer with citations, offline."""
    command = [*ALONE, sys.executable, "-m", "tests.offline", str(tmp_path / "newcomer"), str(some)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("answered; the browser too" if find_chromium() else "answered")


def test_nothing_is_looked_up(tmp_path: Path, some: Path) -> None:
    """With a network, no process looks up a name or connects to anything but this machine, and all goes well."""
    newcomer = Newcomer(tmp_path / "newcomer")
    newcomer.go(some)
    assert newcomer.reached_out() == ""


def test_the_guard_sees_what_it_must(tmp_path: Path) -> None:
    """A process that does look something up is refused and noted, so the silence above means something."""
    newcomer = Newcomer(tmp_path)
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], env=newcomer.variables, capture_output=True, text=True)
    assert "there is no network" in done.stderr
    assert "192.0.2.1" in newcomer.reached_out()
