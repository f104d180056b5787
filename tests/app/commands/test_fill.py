"""`newsdesk ingest` and what it remembers: a look before, runs, files that are as they were, names of fields."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support import newsdesk

LEAD = "The ferry to Hallowby sailed again on Monday after three weeks in dock, and its captain praised the engine."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files with an article each, one of which holds a broken line too."""
    (tmp_path / "in").mkdir()
    for name, more in (("a", ""), ("b", "{broken\n")):
        record = {"id": name, "headline": f"Ferry {name}", "text": LEAD, "date": "2021-03-02", "source": "Gazette"}
        (tmp_path / "in" / f"{name}.jsonl").write_text(json.dumps(record) + "\n" + more)
    return tmp_path / "in"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Where the archive is to be."""
    return tmp_path / "data"


def ingest(path: Path, data: Path, *more: str) -> dict[str, Any]:
    """What an ingest says as JSON."""
    return said(newsdesk("ingest", path, "--no-vectors", "--json", *more, "--data", data))


def said(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON on standard output."""
    shown: dict[str, Any] = json.loads(done.stdout)
    return shown


def test_a_look_before_stores_nothing(folder: Path, data: Path) -> None:
    """Kinds, outlets, days, what was taken for what, reasons, and the text as it would be stored."""
    shown = ingest(folder, data, "--dry-run")
    assert (shown["articles"], shown["rejected_count"], shown["kinds"]) == (2, 1, {"jsonl": 2})
    assert (shown["outlets"], shown["languages"]) == ({"Gazette": 2}, {"en": 2})
    assert (shown["first_day"], shown["last_day"], shown["undated"]) == ("2021-03-02", "2021-03-02", 0)
    assert "took “headline” for the title" in shown["told"][0]
    assert "--map title=NAME" in shown["told"][0]
    assert "b.jsonl:2" in shown["rejected"][0]["origin"]
    assert shown["first"][0]["paragraphs"] == [LEAD]
    assert not data.exists()
    done = newsdesk("ingest", folder, "--dry-run", "--data", data)
    assert done.returncode == 1
    assert LEAD in done.stdout
    assert "nothing was stored" in done.stdout


def test_what_is_as_it_was_is_not_read_again(folder: Path, data: Path) -> None:
    """Its rejects stay on the list; an article that was removed stays away until its file changes or --again is said."""
    assert ingest(folder, data)["added"] == 2
    again = ingest(folder, data)
    assert (again["added"], again["unchanged"], again["rejected_count"], again["files_unchanged"]) == (0, 0, 0, 2)
    status = said(newsdesk("status", "--json", "--data", data))
    assert (status["articles"], status["rejects"]) == (2, 1)

    assert newsdesk("remove", "a", "--data", data).returncode == 0
    assert ingest(folder, data)["added"] == 0
    with (folder / "a.jsonl").open("a") as file:
        file.write("\n")
    assert (back := ingest(folder, data))["added"] == 1
    assert back["files_unchanged"] == 1
    assert newsdesk("remove", "a", "--data", data).returncode == 0
    told = ingest(folder, data, "--again")
    assert (told["added"], told["unchanged"], told["rejected_count"], told["files_unchanged"]) == (1, 1, 1, 0)
    assert said(newsdesk("status", "--json", "--data", data))["rejects"] == 1


def test_status_shows_the_last_run(folder: Path, data: Path) -> None:
    """When, by whom, of what, and what came of it."""
    assert said(newsdesk("ingest", folder, "--no-vectors", "--json", "--data", data))
    run = said(newsdesk("status", "--json", "--data", data))["last_run"]
    assert run["paths"] == [str(folder)]
    assert (run["added"], run["updated"], run["unchanged"], run["rejected"], run["files_unchanged"]) == (2, 0, 0, 1, 0)
    assert run["started_at"] <= run["ended_at"]
    assert "@" in run["who"]
    assert f"last ingest: {folder} by {run['who']}" in newsdesk("status", "--data", data).stdout


def test_retry_knows_how_the_fields_were_named(tmp_path: Path, data: Path) -> None:
    """What --map said then counts again, for each file its own."""
    files = {tmp_path / "a.jsonl": "inhalt", tmp_path / "b.jsonl": "texte"}
    for file, name in files.items():
        file.write_text('{"id": "%s"}\n' % file.stem)  # noqa: UP031
        assert ingest(file, data, "--map", f"text={name}")["rejected_count"] == 1
    for file, name in files.items():
        file.write_text(json.dumps({"id": file.stem, name: LEAD}) + "\n")
    done = newsdesk("rejects", "--retry", "--no-vectors", "--json", "--data", data)
    assert (said(done)["added"], said(done)["rejected_count"], done.returncode) == (2, 0, 0)
