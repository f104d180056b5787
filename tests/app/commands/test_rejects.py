"""The list of rejects: in the catalogue, and as `newsdesk rejects` shows it, reads it again, or empties it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Rejected
from tests import warm
from tests.support import ROOT, environment, newsdesk

POSTED = Rejected("POST /api/articles", "7", "has no text")


def in_folder(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command with this as the current folder."""
    command, pipe = ["-m", "newsdesk", *arguments], subprocess.PIPE
    with warm.start(command, environment=environment(), stdout=pipe, stderr=pipe, folder=folder) as process:
        said, complained = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, said, complained)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An archive into which broken lines and two empty files were put, by relative paths."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "lines.jsonl").write_text('{"id": "a", "text": "The tram is late."}\n{broken\n{broken too\n')
    (tmp_path / "in" / "empty.txt").touch()
    (tmp_path / "none.txt").touch()
    done = in_folder(tmp_path, "ingest", "in", "none.txt", "--no-vectors", "--data", "data")
    assert done.returncode == 1, done.stderr
    return tmp_path / "data"


def listed(data: Path, *options: str) -> dict[str, Any]:
    """`newsdesk rejects --json`."""
    done = newsdesk("rejects", "--json", *options, "--data", data)
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def origins(data: Path) -> list[str]:
    """What is on the list, without the folder, the newest first."""
    return [item["origin"].removeprefix(f"{data.parent}/") for item in listed(data, "--limit", "0")["rejects"]]


# ---------------------------------------------------------------------------- in the catalogue


def test_the_list_is_read_in_pieces_newest_first(catalogue: Catalogue) -> None:
    """All of it, whatever its length; what is rejected again becomes the newest and has a number of its own."""
    catalogue.rejects.put([Rejected(f"/f/{number}", "", "is empty") for number in range(2_500)])
    before = {item.origin: item.number for item in catalogue.rejects.every()}
    assert list(before) == [f"/f/{number}" for number in reversed(range(2_500))]
    catalogue.rejects.put([Rejected("/f/7", "", "is empty")])
    newest = next(catalogue.rejects.every())
    assert newest.origin == "/f/7"
    assert newest.number > max(before.values())
    assert catalogue.counts().rejects == 2_500


def test_what_belongs_to_a_source(catalogue: Catalogue) -> None:
    """A file, its lines, what is below a folder; never what is only called alike."""
    here = ["/in/a", "/in/a:3", "/in/a/b.txt", "/in/a/b:1", "/in/a/b/c:1"]
    others = ["/in/ab", "/in/a.txt", "/in", "/in/a:3x", "/in/a:b/c.txt", "/IN/a", "POST /api/articles"]
    catalogue.rejects.put([Rejected(origin, "", "is empty") for origin in here + others])
    for typed in ("/in/a", "/in/a/"):
        numbers = set(catalogue.rejects.of([typed]))
        assert {item.origin for item in catalogue.rejects.every() if item.number in numbers} == set(here)
    everything = {item.origin for item in catalogue.rejects.every() if item.number in catalogue.rejects.of(["/"])}
    assert everything == {*here, *others} - {"POST /api/articles"}
    catalogue.rejects.forget(catalogue.rejects.of(["/in/a"]))
    assert {item.origin for item in catalogue.rejects.every()} == set(others)


def test_the_number_of_a_reject_never_returns(catalogue: Catalogue) -> None:
    """Whoever remembers numbers may forget them later: what came on the list meanwhile stays, also on an emptied one."""
    catalogue.rejects.put([Rejected(f"/in/{number}", "", "is empty") for number in range(3)])
    remembered = catalogue.rejects.of(["/in"])
    assert len(remembered) == 3
    catalogue.rejects.forget(remembered)
    catalogue.rejects.put([Rejected(f"/new/{number}", "", "is empty") for number in range(3)])
    catalogue.rejects.forget(remembered)
    assert {item.origin for item in catalogue.rejects.every()} == {"/new/0", "/new/1", "/new/2"}


# ---------------------------------------------------------------------------- the command


def test_rejects_are_listed_with_reason_and_time(data: Path) -> None:
    """Newest first, with absolute paths; `--limit` says how many there are besides."""
    shown = listed(data)
    assert shown["total"] == 4
    assert set(shown["rejects"][0]) == {"number", "origin", "id", "reason", "rejected_at", "mapping"}
    assert origins(data) == ["none.txt", "in/lines.jsonl:3", "in/lines.jsonl:2", "in/empty.txt"]
    said = newsdesk("rejects", "--limit", "1", "--data", data).stdout.splitlines()
    assert said[0].endswith(f"{data.parent}/none.txt: is empty")
    assert "newest 1 of 4" in said[1]


def test_retry_reads_the_rejected_files_again(data: Path, tmp_path: Path) -> None:
    """From any folder, each file once: what is mended leaves the list, what is not comes back with its reason."""
    catalogue = Catalogue(data / "catalogue.sqlite3")
    catalogue.rejects.put([POSTED])
    (tmp_path / "in" / "lines.jsonl").write_text('{"id": "a", "text": "The tram is late."}\n{"id": "b"}\n')
    (tmp_path / "none.txt").write_text("Bridge closed\n\nThe council of Northfield closed the bridge on Tuesday.\n")
    (tmp_path / "in" / "empty.txt").unlink()
    done = newsdesk("rejects", "--retry", "--no-vectors", "--json", "--data", data)
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert (said["added"], said["unchanged"], said["rejected_count"], said["not_read_again"]) == (1, 1, 2, 1)
    reasons = {item.origin.removeprefix(f"{tmp_path}/"): item.reason for item in catalogue.rejects.every()}
    assert set(reasons) == {"in/lines.jsonl:2", "in/empty.txt", POSTED.origin}
    assert "has no text" in reasons["in/lines.jsonl:2"]
    assert reasons["in/empty.txt"] == "does not exist"
    assert "1 reject cannot be read again" in newsdesk("rejects", "--retry", "--no-vectors", "--data", data).stdout

    catalogue.rejects.forget([item.number for item in catalogue.rejects.every() if item.origin == POSTED.origin])
    (tmp_path / "in" / "lines.jsonl").write_text("")
    (tmp_path / "in" / "lines.jsonl").write_text('{"id": "a", "text": "The tram is late."}\n')
    (tmp_path / "in" / "empty.txt").write_text("The council of Northfield closed the old bridge on Tuesday again.\n")
    assert newsdesk("rejects", "--retry", "--no-vectors", "--data", data).returncode == 0
    assert catalogue.counts().rejects == 0
    catalogue.close()


def test_forget_empties_the_list(data: Path) -> None:
    """And nothing else; both at once is wrong use."""
    assert newsdesk("rejects", "--forget", "--retry", "--data", data).returncode == 2
    assert len(origins(data)) == 4
    assert newsdesk("rejects", "--forget", "--data", data).stdout == "4 forgotten.\n"
    assert newsdesk("rejects", "--data", data).stdout == "Nothing was rejected.\n"
    assert json.loads(newsdesk("status", "--json", "--data", data).stdout)["articles"] == 1


def test_of_very_many_rejects_a_run_says_the_first(tmp_path: Path) -> None:
    """Each is printed when it happens; the JSON holds a thousand and the number of all."""
    file = tmp_path / "broken.jsonl"
    file.write_text("{\n" * 1_234)
    done = newsdesk("ingest", file, "--no-vectors", "--json", "--data", tmp_path / "data")
    said = json.loads(done.stdout)
    assert (said["rejected_count"], len(said["rejected"])) == (1_234, 1_000)
    assert done.stderr.count("rejected ") == 1_234
    assert len(listed(tmp_path / "data", "--limit", "0")["rejects"]) == 1_234


def test_a_reader_that_goes_away_is_no_error(data: Path) -> None:
    """`newsdesk rejects | head` ends quietly."""
    catalogue = Catalogue(data / "catalogue.sqlite3")
    catalogue.rejects.put([Rejected(f"/f/{number}", "", "is empty") for number in range(2_000)])
    catalogue.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "newsdesk", "rejects", "--limit", "0", "--data", str(data)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert "/f/1999" in process.stdout.readline()
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 141
