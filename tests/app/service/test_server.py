"""The running service: follows the archive while others change it, and may be killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from app.service.ownership import service_address
from tests.support import ASKING, ROOT, newsdesk, start_service, stop_service, wait_until, wait_until_complete


def articles(file: Path, **texts: str) -> Path:
    """An article for each text."""
    lines = [{"id": id_, "title": f"About {id_}", "text": text} for id_, text in texts.items()]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_it_lives_through_everything(tmp_path: Path, tiny_models: list[str]) -> None:
    """Articles come and go beside it, vectors are made beside it; after kill -9 and after SIGTERM it goes on."""
    data, log = tmp_path / "data", tmp_path / "log"
    model = {"NEWSDESK_MODEL": tiny_models[0]}
    process, url = start_service(data, log, **model)  # on an archive that does not exist yet
    killed = False

    client = httpx.Client(timeout=60)

    def get(path: str, **parameters: str) -> Any:
        return client.get(f"{url}{path}", params=parameters).json()

    def found(words: str) -> set[str]:
        return {item["article_id"] for item in get("/api/search", q=words)["results"]}

    try:
        wait_until(lambda: client.get(f"{url}/readyz").status_code == 200, pause=ASKING)
        assert get("/api/search", q="whale") == {"total": 0, "results": []}

        until = datetime.now(UTC) + timedelta(seconds=8)
        wire = tmp_path / "wire.json"
        wire.write_text(
            json.dumps(
                {"uri": "urn:mint", "embargoed": until.isoformat(), "body_text": "The mint strikes a new coin today."}
            )
        )
        assert newsdesk("ingest", wire, "--no-vectors", "--data", data).returncode == 0
        wanted = {"tram", "urn:mint"}  # the latter as soon as it may be shown, whatever else happens meanwhile

        first = articles(tmp_path / "one.jsonl", whale="A whale was seen off the harbour on Sunday morning.")
        assert newsdesk("ingest", first, "--no-vectors", "--data", data).returncode == 0
        wait_until(lambda: "whale" in found("whale"), pause=ASKING)  # by keyword, within about a second
        assert "urn:mint" not in found("coin") or datetime.now(UTC) >= until
        wait_until_complete(url, 300)  # by meaning, from its own child process

        second = articles(tmp_path / "two.jsonl", tram="The tram was late again, said the driver on Monday.")
        assert newsdesk("ingest", second, "--no-vectors", "--data", data).returncode == 0
        wait_until(lambda: "tram" in found("tram"), pause=ASKING)
        assert newsdesk("remove", "whale", "--data", data).returncode == 0
        assert found("whale") <= wanted, "gone at once"

        posted = {"id": "ferry/1", "title": "Ferry", "text": "The ferry went aground off the lighthouse."}
        assert client.post(f"{url}/api/articles", json=[posted]).json()["added"] == 1
        wait_until(lambda: "ferry/1" in found("ferry"), pause=ASKING)
        assert client.delete(f"{url}/api/articles/ferry%2F1").json() == {"removed": "ferry/1"}
        assert found("ferry") <= wanted, "gone at once"

        wait_until(lambda: "urn:mint" in found("coin"), pause=ASKING)  # by itself
        assert datetime.now(UTC) >= until
        assert newsdesk("remove", "urn:mint", "--data", data).returncode == 0
        wait_until_complete(url, 300)

        os.kill(process.pid, signal.SIGKILL)
        killed = True
        process.communicate()
        assert service_address(data) == ""

        process, url = start_service(data, log, **model)
        killed = False
        wait_until_complete(url, 300)
        assert get("/api/stats")["articles"] == 1
        assert found("tram late") == {"tram"}
        assert "was not closed cleanly" in log.read_text()
    finally:
        client.close()
        code = 0 if killed else stop_service(process)
    assert code == 0
    assert (data / "chroma" / "clean-close").exists(), "closed cleanly: the next start builds nothing anew"
    assert service_address(data) == ""
    assert "Traceback" not in log.read_text()


def test_a_stop_that_hangs_is_ended_by_force() -> None:
    """However it hangs, with a reason in the log and an exit code that is not 0."""
    code = (
        "import threading\nfrom app.service.server import end_by_force_in_time\n"
        "def hang():\n    threading.Event().wait()\n"
        "end_by_force_in_time(0.2)\n"
        "threading.Thread(target=hang).start()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "Timeout" in done.stderr
    assert "in hang" in done.stderr
