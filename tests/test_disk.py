"""A disk that is full, or read-only: one clear line, nothing acknowledged is lost, and it goes on when there is room."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, environment

ALLOWED = ["unshare", "--mount", "--map-root-user"]


def _may_mount() -> str:
    """Why no file system can be mounted here; empty when one can."""
    try:
        tried = subprocess.run(
            [*ALLOWED, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True, timeout=60
        )
    except OSError as error:
        return str(error)
    return tried.stderr.strip()


pytestmark = pytest.mark.skipif(bool(_may_mount()), reason=f"no mount namespace here: {_may_mount()}")

# Runs inside the namespace; everything it finds out it says as one JSON object.
INSIDE = """
import json, subprocess, sys, time
from pathlib import Path
import httpx
from tests.support import environment, newsdesk, stop_service

disk, articles, model, outside = map(Path, sys.argv[1:])
found = {}

def mount(options):
    subprocess.run(["mount", "-o", "remount," + options, str(disk)], check=True)

def run(name, *arguments):
    done = newsdesk(*arguments, "--data", disk / "data")
    found[name] = [done.returncode, done.stdout, done.stderr]

def held():
    done = newsdesk("status", "--json", "--data", disk / "data")
    return json.loads(done.stdout)["articles"]

def fill():
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass

def full(name, *arguments):
    fill()
    run(name + " full", *arguments)
    (disk / "filler").unlink()
    run(name + " again", *arguments)

subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(disk)], check=True)
"""
FULL = """
run("ingest full", "ingest", articles, "--no-vectors")
mount("size=200m")
found["kept"] = held()
run("check full", "check")
run("ingest again", "ingest", articles, "--no-vectors", "--json")
run("ask", "ask", "anything?")
full("embed", "embed", "--model", model)
full("rebuild", "rebuild")
full("backup", "backup", disk / "backup")
run("check", "check", "--json")
print(json.dumps(found))
"""
SERVE = """
mount("size=200m")
run("first", "ingest", articles, "--no-vectors")
with (outside / "log").open("w") as log:
    process = subprocess.Popen(
        [sys.executable, "-m", "newsdesk", "serve", "--port", "0", "--data", str(disk / "data")],
        env=environment(NEWSDESK_EMBED_IN_BACKGROUND="false"), stdout=subprocess.PIPE, stderr=log, text=True)
url = process.stdout.readline().split()[3]
try:
    def post(id_):
        article = {"id": id_, "title": "Whale", "text": "A whale was seen. " * 3000}
        return httpx.post(url + "/api/articles", json=[article], timeout=60)
    def search():
        return httpx.get(url + "/api/search", params={"q": "story"}, timeout=60)
    while httpx.get(url + "/readyz", timeout=60).status_code != 200:
        time.sleep(0.05)
    fill()
    found["search"] = [search().status_code, search().json()["total"]]
    response = post("late")
    found["post full"] = [response.status_code, response.headers["content-type"], response.text]
    found["search after"] = search().status_code
    (disk / "filler").unlink()
    response = post("late")
    found["post again"] = [response.status_code, response.text]
    found["there"] = httpx.get(url + "/api/articles/late", timeout=60).status_code
finally:
    found["stopped"] = stop_service(process)
mount("ro")
before = sorted(str(file) for file in disk.rglob("*"))
for command in (["ingest", articles, "--no-vectors"], ["ask", "anything?"], ["status"], ["serve", "--port", "0"],
                ["check"], ["backup", disk / "backup"]):
    run("ro " + command[0], *command)
found["made"] = [name for name in sorted(str(file) for file in disk.rglob("*")) if name not in before]
done = newsdesk("ingest", articles, "--no-vectors", "--data", disk / "new")
found["ro new"] = [done.returncode, done.stdout, done.stderr]
print(json.dumps(found))
"""


MANY = 180
"""Articles that do not fit on the disk as it is at first."""


def inside(tmp_path: Path, code: str, many: int, model: str = "") -> dict[str, Any]:
    """Runs the code on a small disk of its own, with a file of so many articles; what it found."""
    dice = random.Random(7)
    lines = []
    for n in range(many):
        words = "".join(dice.choices("abcdefghij klmnopq rstu", k=3_000))
        lines.append(json.dumps({"id": f"story/{n}", "title": f"Story {n}", "text": f"A story. {words}"}) + "\n")
    (tmp_path / "articles.jsonl").write_text("".join(lines))
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").mkdir()
    arguments = (tmp_path / "disk", tmp_path / "articles.jsonl", model, tmp_path / "out")
    done = subprocess.run(
        [*ALLOWED, sys.executable, "-c", INSIDE + code, *map(str, arguments)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def no_room(outcome: list[Any]) -> None:
    """Exit code 3, and in the end one line that says that there is no room; never a traceback."""
    code, _, complaint = outcome
    assert code == 3, outcome
    assert "Traceback" not in complaint
    said = [line for line in complaint.splitlines() if "no room left" in line or "No space left on device." in line]
    assert said == complaint.splitlines()[-1:], "in our words, or in the system's where it is no file of the archive"


def test_a_full_disk_loses_nothing(tmp_path: Path, tiny_models: list[str]) -> None:
    """ingest, embed, rebuild and backup say that there is no room; with room the same commands finish."""
    found = inside(tmp_path, FULL, MANY, tiny_models[0])
    no_room(found["ingest full"])
    assert 0 < found["kept"] < MANY, "what was acknowledged is there"
    assert found["check full"][0] == 0, "and whole"
    again = json.loads(found["ingest again"][1])
    assert again["added"] + again["unchanged"] == MANY
    assert again["unchanged"] == found["kept"]
    assert found["ask"][0] == 0
    for command in ("embed", "rebuild", "backup"):
        no_room(found[f"{command} full"])
        assert found[f"{command} again"][0] == 0, found[f"{command} again"]
    assert json.loads(found["check"][1]) == {
        "articles": MANY,
        "damaged_articles": [],
        "dropped_vectors": 0,
        "mended_stories": 0,
    }


def test_a_service_goes_on_without_room_and_nothing_is_made_on_a_read_only_disk(tmp_path: Path) -> None:
    """Searching works; an article that cannot be stored is refused in words, and is taken when there is room.

    Where nothing can be written every command says so in one line.
    """
    found = inside(tmp_path, SERVE, 60)
    assert found["search"][0] == 200
    assert found["search"][1] > 0
    status, kind, said = found["post full"]
    assert status in (500, 503, 507)
    assert kind == "application/problem+json"
    assert "no room left" in said
    assert found["search after"] == 200
    assert found["post again"][0] == 200, found["post again"]
    assert found["there"] == 200
    assert found["stopped"] == 0
    assert found["made"] == []
    for name in ("ingest", "ask", "status", "serve", "check", "backup", "new"):
        code, output, complaint = found[f"ro {name}"]
        assert code == 3, (name, found[f"ro {name}"])
        assert output == ""
        assert len(complaint.splitlines()) == 1, (name, complaint)
        assert "--data" in complaint or "Name a file" in complaint, (name, complaint)
