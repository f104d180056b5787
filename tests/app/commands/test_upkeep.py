"""check, purge, backup, restore as commands: exit codes, one line of complaint, and all of it beside a running service."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from index.find.chroma import FOLDER
from tests.support import (
    ASKING,
    RunningService,
    newsdesk,
    start_service,
    stop_service,
    wait_until,
    wait_until_complete,
)

STRIKE = "Who conducted the joint strike on al-Bab?"


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a command printed as JSON."""
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def complaint(done: subprocess.CompletedProcess[str], code: int) -> str:
    """What a command complained of: one line, never a traceback, nothing on standard output."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def write_articles(file: Path, **texts: str) -> Path:
    """An article for each text, as JSON lines."""
    lines = [{"id": id_, "title": f"About {id_}", "text": text} for id_, text in texts.items()]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with two articles, found by keyword."""
    file = write_articles(
        tmp_path / "articles.jsonl",
        whale="A whale was seen off the harbour on Sunday morning, said the pilot.",
        tram="The tram was late again on Monday, and nobody could say why it was.",
    )
    assert newsdesk("ingest", file, "--no-vectors", "--data", tmp_path / "data").returncode == 0
    return tmp_path / "data"


def damage(catalogue: Path) -> None:
    """One letter in a paragraph of the whale."""
    with closing(sqlite3.connect(catalogue)) as connection, connection:
        connection.execute("UPDATE paragraphs SET text = replace(text, 'whale', 'shale')")


def test_check_is_0_or_3(data: Path) -> None:
    """Sound: how many articles; damaged: which, and the way back; and of it there is no backup."""
    assert result(newsdesk("check", "--json", "--data", data)) == {
        "articles": 2,
        "damaged_articles": [],
        "dropped_vectors": 0,
        "mended_stories": 0,
    }
    damage(data / "catalogue.sqlite3")
    checked = newsdesk("check", "--data", data)
    assert (checked.returncode, checked.stdout) == (3, "")
    assert "Traceback" not in checked.stderr
    said = checked.stderr.splitlines()[-1]
    assert "“whale”" in said
    assert "'tram'" not in said
    assert "newsdesk restore" in said
    refused = newsdesk("backup", data.parent / "backup", "--data", data)
    assert refused.returncode == 3
    assert "No backup was made" in refused.stderr
    assert not (data.parent / "backup").exists()


def test_purge_is_3_while_a_copy_is_left(data: Path) -> None:
    """The file is named; without it the proof succeeds and is counted."""
    assert newsdesk("remove", "whale", "--data", data).returncode == 0
    (data / "my notes").write_text("A whale was seen off the harbour on Sunday morning, said the pilot.")
    assert "my notes" in complaint(newsdesk("purge", "--data", data), 3)
    (data / "my notes").unlink()
    assert result(newsdesk("purge", "--json", "--data", data)) == {"purged": 1}


def test_an_archive_goes_away_and_comes_back(data: Path) -> None:
    """backup, a lost catalogue (which is said, with the way back), restore without a warning; wrong use is 2."""
    backup = data.parent / "backup"
    assert result(newsdesk("backup", backup, "--json", "--data", data))["articles"] == 2
    assert "there already" in complaint(newsdesk("backup", backup, "--data", data), 2)
    assert "--replace" in complaint(newsdesk("restore", backup, "--data", data), 2)
    assert "no backup" in complaint(newsdesk("restore", data.parent / "articles.jsonl", "--data", data), 2)
    for file in data.glob("catalogue.sqlite3*"):
        file.unlink()
    assert "newsdesk restore" in complaint(newsdesk("status", "--data", data), 3)
    restored = newsdesk("restore", backup, "--json", "--data", data)
    assert result(restored) == {"articles": 2, "data": str(data)}
    assert restored.stderr == "", "that the indexes do not fit what was put back is the command's own doing"
    assert "whale" in newsdesk("ask", "What was seen off the harbour?", "--data", data).stdout


# ---------------------------------------------------------------------------- beside a service


@pytest.fixture(scope="module")
def serving(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service of the sample archive that may be changed, with its Chroma view ready."""
    folder = tmp_path_factory.mktemp("serving")
    data = Path(shutil.copytree(sample_template, folder / "data"))
    process, url = start_service(data, folder / "log")
    try:
        wait_until_complete(url)
        yield RunningService(url, data, process.pid)
    finally:
        code = stop_service(process)
    assert code == 0
    assert "Traceback" not in (folder / "log").read_text()


def stats(url: str) -> dict[str, Any]:
    """The service's counts."""
    answer: dict[str, Any] = httpx.get(f"{url}/api/stats", timeout=60).json()
    return answer


def found(url: str, words: str) -> set[str]:
    """Ids of the articles that a search finds."""
    results = httpx.get(f"{url}/api/search", params={"q": words}, timeout=60).json()["results"]
    return {item["article_id"] for item in results}


def segments(data: Path) -> set[str]:
    """The parts of the Chroma view; a new view has others."""
    return {file.name for file in (data / FOLDER).glob("*/")}


def answer(url: str) -> str:
    """What the service says about the strike."""
    return str(httpx.post(f"{url}/api/ask", json={"question": STRIKE}, timeout=60).json()["text"])


def test_purge_works_beside_a_service(serving: RunningService) -> None:
    """It goes on answering all the while, and its vector view comes back, without the removed article."""
    before, view = answer(serving.url), segments(serving.data)
    assert view
    [gone, *_] = found(serving.url, "harbour master") - found(serving.url, "joint strike al-Bab")
    about = httpx.get(f"{serving.url}/api/articles/{gone}", timeout=60).json()
    assert newsdesk("remove", gone, "--data", serving.data).returncode == 0
    purged = newsdesk("purge", "--json", "--data", serving.data)
    assert result(purged) == {"purged": 1}
    assert purged.stderr == "", "the index is made anew because the command asked for it: no cause for a warning"
    assert answer(serving.url) == before
    pieces = [text.encode()[:60] for text in about["paragraphs"] if len(text) > 60]
    assert pieces
    for file in serving.data.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not any(piece in content for piece in pieces), file
    assert not segments(serving.data) & view, "the old vectors are gone when it ends"
    wait_until_complete(serving.url)
    assert gone not in found(serving.url, about["title"])
    assert answer(serving.url) == before
    assert stats(serving.url)["vectors"]["done"] == stats(serving.url)["vectors"]["total"]


def test_restore_works_under_a_service(serving: RunningService, tmp_path: Path) -> None:
    """It answers from what was put back, both its views follow, and nothing is embedded again."""
    before, counts = answer(serving.url), stats(serving.url)
    backup = tmp_path / "backup"
    assert newsdesk("backup", backup, "--data", serving.data).returncode == 0
    cited = found(serving.url, "joint strike al-Bab")
    assert newsdesk("remove", *cited, "--data", serving.data).returncode == 0
    wait_until(lambda: found(serving.url, "joint strike al-Bab") & cited == set(), pause=ASKING)
    restored = newsdesk("restore", backup, "--replace", "--data", serving.data)
    assert (restored.returncode, restored.stderr) == (0, "")
    wait_until(lambda: found(serving.url, "joint strike al-Bab") == cited, pause=ASKING)
    wait_until(lambda: stats(serving.url) == counts, pause=ASKING)
    assert answer(serving.url) == before


def test_a_service_says_damage_in_its_log(data: Path, tmp_path: Path) -> None:
    """From the start on, with the article and the way back; it answers from the rest, and not for the article."""
    damage(data / "catalogue.sqlite3")
    log = tmp_path / "log"
    process, url = start_service(data, log)
    try:
        wait_until(lambda: "1 damaged article: “whale”" in log.read_text())
        assert "newsdesk restore" in log.read_text()
        wait_until(lambda: httpx.get(f"{url}/readyz", timeout=60).status_code == 200, pause=ASKING)
        assert found(url, "tram") == {"tram"}
        refused = httpx.get(f"{url}/api/articles/whale", timeout=60)
        assert refused.status_code == 500
        assert "newsdesk restore" in refused.json()["detail"]
    finally:
        code = stop_service(process)
    assert code == 0
