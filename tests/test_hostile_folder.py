"""A folder of everything that goes wrong, through the real command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Filters
from tests.hostile_folder import MIB, make
from tests.support import ENOUGH, ROOT, environment

MEMORY = 700
"""MiB, libraries included. The most that was measured is 541: a line of 16 MiB that is nothing but empty objects."""


MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
"""Runs a command and writes down the most memory it took, in KiB. In a small process of its own, because Linux counts
what the parent holds as the child's too."""


def ingested(folder: Path, data: Path, *more: str) -> tuple[dict[str, Any], float]:
    """What became of the folder, which must not be a traceback, and the most memory it took, in MiB."""
    memory = data.parent / "memory"
    command = ["-m", "newsdesk", "ingest", str(folder), "--no-vectors", "--json", "--data", str(data), *more]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(memory), sys.executable, *command],
        cwd=ROOT, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == 1, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert len([line for line in done.stderr.splitlines() if line.startswith("rejected ")]) == said["rejected_count"]
    return said, int(memory.read_text()) / 1024


def test_every_good_article_is_taken_in_and_every_bad_file_named(tmp_path: Path) -> None:
    """Nothing is skipped in silence, nothing stops the run, nothing takes the memory; again, it comes out the same."""
    folder, data = make(tmp_path / "in", tiny=300, big=17 * MIB, bomb=64 * MIB), tmp_path / "data"
    said, memory = ingested(folder.path, data)
    reasons = {item["origin"]: item["reason"] for item in said["rejected"]}
    assert set(reasons) == set(folder.rejects)
    assert said["rejected_count"] == len(reasons)
    wrong = {origin: reason for origin, reason in reasons.items() if folder.rejects[origin] not in reason}
    assert not wrong
    assert max(map(len, reasons.values())) < 500

    again, memory_again = ingested(folder.path, data, "--again")
    assert again["rejected"] == said["rejected"]
    assert again["added"] == 0
    assert again["unchanged"] == said["added"] - 1, "all but the id that comes twice, with different texts"

    catalogue = Catalogue(data / "catalogue.sqlite3")
    assert {article.title for article in catalogue.articles(Filters(), ENOUGH, 0)[1]} == folder.titles
    assert {item.origin for item in catalogue.rejects.newest(ENOUGH)} == set(folder.rejects)
    catalogue.close()
    assert max(memory, memory_again) < MEMORY
