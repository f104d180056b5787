"""Kills Newsdesk at random moments of everything it does, and shows that nothing acknowledged is lost.

    python -m tests.kills --kills 200 --seed 1 [--minutes 60] [--data DIR] [--articles 300] [--model FOLDER]

Every kill hits the same data folder, in turn `ingest`, `embed`, `rebuild`, `remove`, `purge` and `serve` with
writers beside it; of an `ingest`, which reads by several processes, also one of these alone. An article is acknowledged when the command that stored it ended well or printed its summary,
or when the HTTP answer came; so is a removal. What was interrupted may have happened or not, article by article,
and never by half. Afterwards the folder is held against what was acknowledged and against a folder that was
filled without harm. Exit code 1, with the differences, when there are any.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.kills.rounds import Kills
from tests.kills.tables import count
from tests.support import save_tiny_model


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it and prints the table; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="how many processes to kill")
    parser.add_argument("--minutes", type=float, default=60, help="kill no more after this long, and verify")
    parser.add_argument("--seed", type=int, default=1, help="decides the articles, the operations and the moments")
    parser.add_argument("--articles", type=int, default=300, help="how many to generate, beside the sample's")
    parser.add_argument("--data", type=Path, help="a new folder to work in, kept afterwards; default: a temporary one")
    parser.add_argument("--model", help="embedding model; default: a tiny one that is made for it")
    given = parser.parse_args(arguments)
    if given.data and given.data.exists() and any(given.data.iterdir()):
        parser.error(f"{given.data} is not empty; name a folder that is new")
    folder = given.data or Path(tempfile.mkdtemp(prefix="newsdesk-kills-"))
    folder.mkdir(parents=True, exist_ok=True)
    model = given.model or str(folder / "model")
    if not given.model:
        save_tiny_model(folder / "model")
    kills = Kills(folder, model, given.seed, given.articles, {})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    good = report(kills, given.kills, given.minutes)
    if good and not given.data:
        shutil.rmtree(folder)
    else:
        print(f"The folders are in {folder}.")
    return 0 if good else 1


def report(kills: Kills, many: int, minutes: float) -> bool:
    """Kills, finishes, verifies, prints; whether all is as it must be."""
    began = time.monotonic()
    try:
        kills.run(many, minutes)
        kills.finish()
        rows = kills.verify()
    finally:
        kills.leave_nobody()
    print(f"\n{kills.count} kills, seed {kills.seed}, {time.monotonic() - began:.0f} s")
    for row in rows:
        print(f"{'ok' if row.good else 'WRONG':6}{row.what:58}{_short(row.expected):>12}{_short(row.found):>12}")
    made = count(kills.file, "SELECT count(*) FROM kills_watch WHERE what = 'made'")
    print(f"{made} vectors were made along the way, also for texts that are gone.")
    for difference in kills.differences:
        print(f"DIFFERENCE {difference}")
    return all(row.good for row in rows)


def _short(value: object) -> str:
    return str(len(value)) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    sys.exit(main())
