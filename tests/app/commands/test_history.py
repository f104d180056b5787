"""`newsdesk history`: what an article said, as whoever keeps the archive reads it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support import newsdesk

ITEM = {
    "uri": "urn:wire:dam",
    "version": "1",
    "versioncreated": "2023-04-05T06:00:00Z",
    "headline": "Dam at Orla cracks",
    "body_text": "A crack of two metres was found in the dam at Orla.\n\nNobody lives below it.",
}


def wire(folder: Path, name: str, **more: str) -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps({**ITEM, **more}))
    return file


def test_versions_embargoes_and_kills_from_the_command_line(tmp_path: Path) -> None:
    """What a run did is told, the history shows each change, and what is hidden or was taken back has none."""
    data = ("--data", tmp_path / "data")
    second = {"version": "2", "versioncreated": "2023-04-06T06:00:00Z"}
    files = [
        wire(tmp_path, "a", **second, body_text=ITEM["body_text"].replace("two metres", "nine metres")),
        wire(tmp_path, "b"),
        wire(tmp_path, "c", uri="urn:wire:later", embargoed="2990-01-01T00:00:00Z"),
    ]
    looked = newsdesk("ingest", files[2], "--dry-run", *data)
    assert "1 article (1 of them under embargo) would be taken in" in looked.stdout
    assert (
        ITEM["body_text"][:20] not in looked.stdout + newsdesk("ingest", files[2], "--dry-run", "--json", *data).stdout
    )
    told = newsdesk("ingest", *files, "--no-vectors", *data)
    assert told.returncode == 0, told.stderr
    assert "1 added" in told.stdout
    assert "older versions kept as history: 1" in told.stdout
    assert "under embargo: 1" in told.stdout
    assert "1 more under embargo" in newsdesk("status", *data).stdout

    shown = newsdesk("history", "urn:wire:dam", *data).stdout
    assert "Version 1\n" in shown
    assert "Version 2 (answers are made of it)" in shown
    assert "modified 2023-04-06T06:00:00Z" in shown
    assert "paragraph 1: A crack of [-two-]{+nine+} metres" in shown
    versions = json.loads(newsdesk("history", "urn:wire:dam", "--json", *data).stdout)["versions"]
    assert [version["edition"] for version in versions] == [1, 2]
    assert newsdesk("history", "urn:wire:later", *data).returncode != 0

    kill = wire(tmp_path, "d", version="3", pubstatus="canceled")
    assert newsdesk("ingest", kill, *files, "--no-vectors", *data).returncode == 1
    told = newsdesk("history", "urn:wire:dam", *data)
    assert told.returncode != 0
    assert "its sender took it back" in told.stderr


def test_a_mistaken_kill_can_be_undone(tmp_path: Path) -> None:
    """The text comes back from its file, the kill leaves the list of rejects, and nothing else comes in again."""
    data = ("--data", tmp_path / "data")
    dam, lock = wire(tmp_path, "dam"), wire(tmp_path, "lock", uri="urn:wire:lock", headline="Lock at Orla shut")
    kills = [
        wire(tmp_path, f"kill-{file.stem}", uri=f"urn:wire:{file.stem}", version="2", pubstatus="canceled")
        for file in (dam, lock)
    ]
    assert newsdesk("ingest", dam, lock, "--no-vectors", *data).returncode == 0
    assert newsdesk("ingest", *kills, "--no-vectors", *data).returncode == 1
    unknown = newsdesk("readmit", "urn:wire:dam", "urn:wire:weir", *data)
    assert unknown.returncode == 2
    assert "No sender took anything back under “urn:wire:weir”" in unknown.stderr
    assert "newsdesk rejects" in unknown.stderr
    assert "/api/" not in unknown.stderr
    assert "0 added" in newsdesk("ingest", dam, lock, "--again", "--no-vectors", *data).stdout

    told = newsdesk("readmit", "urn:wire:dam", *data)
    assert told.returncode == 0, told.stderr
    assert "--again" in told.stdout
    assert "kill-dam" not in newsdesk("rejects", *data).stdout
    assert "1 added" in newsdesk("ingest", dam, lock, "--again", "--no-vectors", *data).stdout
    assert "Dam at Orla cracks" in newsdesk("history", "urn:wire:dam", *data).stdout
    assert newsdesk("history", "urn:wire:lock", *data).returncode != 0


def test_a_kill_undone_by_the_address_is_not_read_again(tmp_path: Path) -> None:
    """`rejects --retry` after it does not kill the article once more, and both names may be given."""
    data, address = ("--data", tmp_path / "data"), "https://wire.example/quay"
    quay = tmp_path / "quay.jsonl"
    quay.write_text(json.dumps({"id": "urn:wire:quay", "title": "Quay", "text": "The quay sank.", "url": address}))
    kill = wire(tmp_path, "kill-quay", uri="urn:wire:quay", version="2", pubstatus="canceled")
    assert newsdesk("ingest", quay, "--no-vectors", *data).returncode == 0
    assert newsdesk("ingest", kill, "--no-vectors", *data).returncode == 1

    told = newsdesk("readmit", f"{address}?utm_medium=post", "urn:wire:quay", "urn:wire:quay", "--json", *data)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["readmitted"] == [f"{address}?utm_medium=post", "urn:wire:quay"]
    assert newsdesk("rejects", "--retry", "--no-vectors", *data).returncode == 0
    assert "1 added" in newsdesk("ingest", quay, "--again", "--no-vectors", *data).stdout
