"""Where the user stands is no place to import from: folders there may be named as our rooms are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support import environment, newsdesk, stop_service, wait_until_complete
from tests.test_rooms import ROOMS

COMMAND = [sys.executable, "-P", "-m", "newsdesk"]
"""What the `newsdesk` on the PATH does: it does not look for modules in the current folder either."""


@pytest.fixture
def strangers(tmp_path: Path) -> Path:
    """A folder whose packages are named as ours are; each leaves a file beside itself when it is imported."""
    folder = tmp_path / "downloads"
    for room in ROOMS:
        (folder / room).mkdir(parents=True)
        code = "from pathlib import Path\nPath(__file__).with_name('was-run').touch()\n"
        (folder / room / "__init__.py").write_text(code)
    return folder


def run(folder: Path) -> list[Path]:
    """What the packages left that were imported."""
    return list(folder.rglob("was-run"))


def serve(folder: Path, data: Path, log: Path, model: str) -> tuple[subprocess.Popen[str], str]:
    """A service started by somebody who stands in this folder."""
    with log.open("w") as complaints:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", "--data", str(data)], cwd=folder, stdin=subprocess.DEVNULL,
            env=environment(NEWSDESK_MODEL=model), stdout=subprocess.PIPE, stderr=complaints, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said.startswith("Newsdesk is at http://"), log.read_text()
    return process, said.split()[3]


def test_a_service_started_there_makes_its_vectors(strangers: Path, tmp_path: Path, tiny_models: list[str]) -> None:
    """Its own code checks the vector index that is there and makes the vectors; the stranger's is never run."""
    data, log = tmp_path / "data", tmp_path / "log"
    before = tmp_path / "before.jsonl"
    before.write_text(json.dumps({"id": "gull", "text": "A gull took the mayor's lunch on the pier."}) + "\n")
    done = newsdesk("ingest", before, "--data", data, "--model", tiny_models[0])
    assert done.returncode == 0, done.stderr
    process, url = serve(strangers, data, log, tiny_models[0])
    try:
        posted = [{"id": "kite", "text": "Four hundred kites flew over the beach at the festival on Saturday."}]
        assert httpx.post(f"{url}/api/articles", json=posted).json()["added"] == 1
        wait_until_complete(url)
    finally:
        assert stop_service(process) == 0
    assert "is made again" not in log.read_text(), "the check did not fail"
    assert run(strangers) == []


def test_a_measurement_started_there_measures_newsdesk(strangers: Path, tmp_path: Path, tiny_models: list[str]) -> None:
    """`bench` works in processes of its own, which are ours too."""
    questions, articles = tmp_path / "questions.jsonl", tmp_path / "articles.jsonl"
    questions.write_text(json.dumps({"question": "How many kites flew?"}) + "\n")
    articles.write_text(json.dumps({"id": "kite", "text": "Four hundred kites flew over the beach."}) + "\n")
    command = [*COMMAND, "bench", str(articles), "--questions", str(questions), "--sizes", "1", "--no-plain"]
    done = subprocess.run(
        [*command, "--model", tiny_models[0]], cwd=strangers, env=environment(), capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert run(strangers) == []
