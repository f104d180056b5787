"""`newsdesk ingest` of addresses and feeds, once and while it watches, and `rejects --retry` of what they left."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.filling.sources import place_of
from app.commands.filling.watching import seconds_of
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import WrongUse
from tests import warm
from tests.ingest.fetch.site import Site, html, rss, validated
from tests.scripted_server import Reply
from tests.support import environment, newsdesk, wait_until


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without pages."""
    with Site() as site:
        yield site


def opened(site: Site) -> dict[str, str]:
    """The environment that lets the command ask this site, and quickly."""
    return {"NEWSDESK_FETCH_ALLOWED": json.dumps([site.place]), "NEWSDESK_FETCH_DELAY": "0"}


def test_an_address_is_ingested(site: Site, tmp_path: Path) -> None:
    """Without a pause for who names one; this machine only where it is allowed, and the reason says how."""
    site.pages["/gate"] = html("The gate at Orrin was closed on Monday.")
    rest = ("--no-vectors", "--json", "--data", tmp_path / "data")
    done = newsdesk("ingest", site.url + "/gate", *rest)
    assert done.returncode == 1
    [rejected] = json.loads(done.stdout)["rejected"]
    assert "fetch_allow_private" in rejected["reason"]
    assert "--allow-private" in done.stderr
    assert site.place in rejected["reason"]
    assert not site.requests
    done = newsdesk("ingest", site.url + "/gate", "--allow-private", *rest)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["added"], said["addresses"]["fetched"]) == (1, 1)
    assert {request.headers["user-agent"].partition("/")[0] for request in site.requests} == {"Newsdesk"}
    assert newsdesk("rejects", "--data", tmp_path / "data").stdout == "Nothing was rejected.\n"
    again = newsdesk("ingest", site.url + "/gate", "--no-vectors", "--data", tmp_path / "data", **opened(site))
    assert "0 added, 0 updated, 0 unchanged, 0 rejected; 1 fetched, 1 not changed" in again.stdout


def test_files_and_addresses_are_one_run(site: Site, tmp_path: Path) -> None:
    """One summary and one entry in the log; the second time neither is read again, and a feed in a file still is."""
    data, inbox = tmp_path / "data", tmp_path / "in"
    inbox.mkdir()
    (inbox / "feed.xml").write_bytes(rss(site.url + "/weir").body)
    (inbox / "lines.jsonl").write_text('{"id": "1", "text": "The lock is very old."}\n{broken\n')
    site.pages |= {path: html(f"The gate {path} was closed on Monday.") for path in ("/gate", "/weir")}
    command = ("ingest", inbox, site.url + "/gate", "--follow", "--no-vectors", "--json", "--data", data)
    said = json.loads(newsdesk(*command, **opened(site)).stdout)
    assert (said["added"], said["rejected_count"], said["addresses"]["fetched"], said["files_unchanged"]) == (
        3,
        1,
        2,
        0,
    )
    [run] = [json.loads(newsdesk("status", "--json", "--data", data).stdout)["last_run"]]
    assert run["paths"] == [site.url + "/gate", str(inbox)]
    assert (run["added"], run["rejected"], run["fetched"], bool(run["ended_at"])) == (3, 1, 2, True)
    said = json.loads(newsdesk(*command, **opened(site)).stdout)
    assert (said["added"], said["unchanged"], said["rejected_count"], said["files_unchanged"]) == (0, 0, 0, 1)
    assert said["addresses"] == {"fetched": 1, "not changed": 1, "passed over": 1}
    listed = json.loads(newsdesk("rejects", "--json", "--data", data).stdout)["rejects"]
    assert [item["origin"] for item in listed] == [f"{inbox}/lines.jsonl:2"], (
        "what was not read again stays on the list"
    )


@pytest.mark.parametrize("more", [("{}/gate",), ("--follow",), ("--watch",)])
def test_a_look_before_fetches_nothing(site: Site, tmp_path: Path, more: tuple[str, ...]) -> None:
    """`--dry-run` says what it cannot do, and asks nobody."""
    given = [part.format(site.url) for part in more]
    done = newsdesk("ingest", tmp_path, *given, "--dry-run", "--data", tmp_path / "data", **opened(site))
    assert done.returncode == 2
    assert f"Leave out {given[0]}" in done.stderr
    assert not site.requests
    assert not (tmp_path / "data").exists()


def test_rejected_pages_are_fetched_again(site: Site, tmp_path: Path) -> None:
    """By `rejects --retry`, the page alone, and the records of a file with the --map that they were read with."""
    data = tmp_path / "data"
    (tmp_path / "lines.jsonl").write_text('{"id": "1", "lede": ""}\n')
    site.pages["/feed"] = rss(site.url + "/gate")
    newsdesk("ingest", site.url + "/feed", "--follow", "--no-vectors", "--data", data, **opened(site))
    newsdesk("ingest", tmp_path / "lines.jsonl", "--map", "text=lede", "--no-vectors", "--data", data)
    assert len(json.loads(newsdesk("rejects", "--json", "--data", data).stdout)["rejects"]) == 2
    site.pages["/gate"] = html("The gate at Orrin was closed on Monday.")
    (tmp_path / "lines.jsonl").write_text('{"id": "1", "lede": "The weir is dry."}\n')
    done = newsdesk("rejects", "--retry", "--no-vectors", "--json", "--data", data, **opened(site))
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout)["added"] == 2
    assert site.asked() == {"/feed": 1, "/gate": 2}


def test_the_place_of_an_entry_is_its_feed(tmp_path: Path) -> None:
    """An address that only ends as one does is itself."""
    from newsdesk.catalogue.runs.fetched import Fetched

    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    catalogue.fetched.put([Fetched("https://canal.example/story:12", 404, 1)])
    assert place_of("https://canal.example/story:12", catalogue) == "https://canal.example/story:12"
    assert place_of("https://canal.example/feed:12", catalogue) == "https://canal.example/feed"
    assert place_of("https://canal.example:8080/", catalogue) == "https://canal.example:8080/"
    assert place_of("https://canal.example/a.zip!/b.txt", catalogue) == "https://canal.example/a.zip"
    assert place_of("POST /api/articles", catalogue) is None
    catalogue.close()


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("30s", 30), ("5m", 300), (" 2 h", 7_200), ("1d", 86_400)])
def test_spans_of_time(text: str, seconds: float) -> None:
    """As one writes them."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "soon", "-5m", "5 weeks", "1.5h"])
def test_what_is_no_span_of_time_is_wrong_use(text: str) -> None:
    """And the message says how to write one."""
    with pytest.raises(WrongUse, match="5m"):
        seconds_of(text)


def test_watching_takes_in_what_comes_until_it_is_stopped(site: Site, tmp_path: Path) -> None:
    """A file that grows is read when it is whole; a feed's new entry is fetched, its old ones are not; a feed that fails
    is told once; SIGTERM ends it with a summary."""
    data, inbox = tmp_path / "data", tmp_path / "in"
    inbox.mkdir()
    site.pages |= {path: html(f"The gate {path} was closed on Monday.") for path in ("/a", "/b")}
    site.pages |= {"/feed": validated(rss(site.url + "/a"), '"1"'), "/broken": Reply(b"", 404)}
    command = ["-m", "newsdesk", "ingest", inbox, site.url + "/feed", site.url + "/broken"]
    command += ["--follow", "--watch", "--every", "1s", "--no-vectors", "--data", data]
    pipe = subprocess.PIPE
    with warm.start(command, environment=environment(**opened(site)), stdout=pipe, stderr=pipe) as process:
        try:
            wait_until(lambda: site.asked()["/feed"] >= 1)
            catalogue = Catalogue(data / "catalogue.sqlite3", create=False)
            wait_until(lambda: catalogue.counts().articles == 1)
            with (inbox / "story.jsonl").open("w") as file:
                asked = site.asked()["/feed"]
                file.write('{"id": "1", "text": "The lock is ')
                file.flush()
                while site.asked()["/feed"] < asked + 3:  # it goes on growing from look to look
                    file.write("very, ")
                    file.flush()
                    time.sleep(0.05)
                file.write('very old."}\n')
            wait_until(lambda: catalogue.counts().articles == 2)
            site.pages["/feed"] = validated(rss(site.url + "/a", site.url + "/b"), '"2"')
            wait_until(lambda: catalogue.counts().articles == 3)
            wait_until(lambda: site.asked()["/broken"] >= 2)
            process.send_signal(signal.SIGTERM)
            said, complained = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, complained
    assert said.startswith("3 added, 0 updated")
    assert [line for line in complained.splitlines() if line.startswith("rejected ")] == [
        f"rejected {site.url}/broken: is not there (404)"
    ]
    assert site.asked()["/a"] == site.asked()["/b"] == 1
    assert [item.origin for item in catalogue.rejects.every()] == [site.url + "/broken"]
    catalogue.close()


@pytest.mark.parametrize("more", [(), ("--watch",), ("--dry-run",)])
def test_a_path_that_is_not_there_is_said_at_once(tmp_path: Path, more: tuple[str, ...]) -> None:
    """Nothing is read then, no archive is made, and nothing lands on the list of rejects."""
    (tmp_path / "lock.txt").write_text("The lock at Orrin is very old.")
    done = newsdesk("ingest", tmp_path / "lock.txt", tmp_path / "weri.txt", *more, "--data", tmp_path / "data")
    assert done.returncode == 2
    assert f"{tmp_path}/weri.txt does not exist" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_link_that_leads_nowhere_is_said_at_once(tmp_path: Path) -> None:
    """By what it is: the link itself is there."""
    (tmp_path / "export.jsonl").symlink_to(tmp_path / "unmounted" / "export.jsonl")
    done = newsdesk("ingest", tmp_path / "export.jsonl", "--data", tmp_path / "data")
    assert done.returncode == 2
    assert "leads nowhere" in done.stderr
