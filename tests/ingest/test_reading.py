"""Files read by several processes: in order, whatever happens to a process, and not again when they are as they were."""

from __future__ import annotations

import gzip
import json
import os
import signal
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest

from ingest.reading import FEW_BYTES, Reading
from ingest.sources import read_sources
from newsdesk.catalogue.runs.sources import Source
from newsdesk.types import Article, Elsewhere, HeldArticle, Rejected, Withdrawn
from tests.support import wait_until

LEAD = "The council of Northfield closed the old harbour bridge on Tuesday after engineers found cracks in its pillars."
PAGE = "<html><head><title>Bridge {0}</title></head><body><article><p>{1} Report {0}.</p></article></body></html>"


EMBARGOED = (("usable", "2999-05-01T00:00:00Z"), ("canceled", ""), ("usable", ""))
"""Of items of a wire: whether they may be used, and from when."""


def records(first: int, many: int) -> str:
    """Lines of articles."""
    return "".join(
        json.dumps({"id": f"a{number}", "text": f"{LEAD} Report {number}."}) + "\n"
        for number in range(first, first + many)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve files of several kinds, two of which hold no article."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.jsonl").write_text(records(100 * number, 60) + ("{broken\n" if number == 2 else ""))
    for number in range(3):
        (folder / f"page{number}.html").write_text(PAGE.format(number, LEAD))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n")
    (folder / "nothing.txt").write_text("")
    (folder / "table.csv").write_text(f"headline,body\nMill sold,{LEAD}\n")
    return folder


def readers() -> list[int]:
    """Processes of this one that read."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid() and b"ingest.reader" in (place / "cmdline").read_bytes():
                found.append(int(place.name))
    return found


def kill_readers() -> int:
    """kill -9 of all of them; how many there were."""
    killed = readers()
    for number in killed:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    return len(killed)


def without_sources(items: Iterator[Article | Rejected | Source]) -> list[Article | Rejected]:
    """The rest."""
    return [item for item in items if not isinstance(item, Source)]


@pytest.mark.parametrize("packing", ["", "gzip", "zip", "tar"])
@pytest.mark.parametrize("processes", [1, 2])
def test_how_far_a_large_file_is_read_is_known(tmp_path: Path, packing: str, processes: int) -> None:
    """Of one file alone too: what is left of an export of two gigabytes is told from the first minute on."""
    noise = Random(7)
    lines = [
        json.dumps({"id": f"a{number}", "language": "en", "text": f"{LEAD} {noise.randbytes(4_000).hex()}"}) + "\n"
        for number in range(1_200)
    ]
    parts = {f"{first:04}.jsonl": "".join(lines[first : first + 300]).encode() for first in range(0, 1_200, 300)}
    file = tmp_path / f"export.{packing or 'jsonl'}"
    if packing == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
    elif packing == "tar":
        with tarfile.open(file, "w") as tar:
            for name, data in parts.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, BytesIO(data))
    else:
        whole = b"".join(parts.values())
        file.write_bytes(gzip.compress(whole, 1) if packing else whole)
    assert file.stat().st_size > FEW_BYTES
    reading = Reading([file], processes=processes)
    seen = [reading.done_bytes for _ in reading]
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert reading.done_bytes == reading.total_bytes()


def test_several_processes_give_what_one_gives(folder: Path) -> None:
    """The same articles and rejects in the same order, and behind each file with articles what it is remembered by."""
    beside = Reading([folder], processes=3)
    items = list(beside)
    assert [item for item in items if not isinstance(item, Source)] == list(read_sources([folder]))
    sources = {Path(item.path).name: item for item in items if isinstance(item, Source)}
    assert sorted(sources) == [*(f"{n}.jsonl" for n in range(6)), *(f"page{n}.html" for n in range(3)), "table.csv"]
    assert (sources["2.jsonl"].articles, sources["2.jsonl"].rejected) == (60, 1)
    assert beside.done_bytes == beside.total_bytes() == sum(file.stat().st_size for file in folder.iterdir())
    assert readers() == []


def test_what_a_wire_says_about_use_survives_the_way_between_processes(folder: Path) -> None:
    """Embargoed items and kills come as such, with all they say, in their order."""
    for number, (usable, until) in enumerate(EMBARGOED):
        item = {
            "type": "text",
            "uri": f"urn:n:{number}",
            "version": "2",
            "pubstatus": usable,
            "embargoed": until,
            "headline": "Bridge",
            "body_text": f"{LEAD} Item {number}.",
        }
        (folder / f"{number}-wire.json").write_text(json.dumps({name: value for name, value in item.items() if value}))
    items = without_sources(iter(Reading([folder], processes=2)))
    assert items == list(read_sources([folder]))
    assert [type(item) for item in items if type(item) not in (Article, Rejected)] == [HeldArticle, Withdrawn]
    [held] = [item for item in items if isinstance(item, HeldArticle)]
    assert (held.edition, held.until) == (2, datetime(2999, 5, 1, tzinfo=UTC))


def test_a_feed_of_summaries_is_not_remembered(tmp_path: Path) -> None:
    """What it names can be fetched the next time, though it is as it was."""
    entry = "<item><title>{0}</title><link>https://weir.example/{0}</link><description>{1}</description></item>"
    whole = entry.format("whole", f"&lt;p&gt;{LEAD}&lt;/p&gt;".replace(" after", " after" * 2) * 20)
    feed = '<rss version="2.0"><channel><title>Weir</title>{}</channel></rss>'
    (tmp_path / "feed.xml").write_text(feed.format(whole + entry.format("short", "The bridge is closed.")))
    items = list(Reading([tmp_path / "feed.xml"]))
    assert {type(item) for item in items} == {Article, Elsewhere}


def test_few_files_start_no_process(folder: Path) -> None:
    """A file or two are read before another process would have begun."""
    items = iter(Reading([folder / "0.jsonl", folder / "1.jsonl"], processes=3))
    next(items)
    assert readers() == []
    assert len(list(items)) == 120 + 2 - 1


def test_a_reader_that_is_killed_costs_nothing(folder: Path) -> None:
    """What it had not given yet is read again by another, and nothing comes twice."""
    (folder / "0.jsonl").write_text(records(0, 3_000))
    items = iter(Reading([folder], processes=2))
    came = [next(items)]
    assert kill_readers() > 0
    came += items
    assert without_sources(iter(came)) == list(read_sources([folder]))


def test_a_file_that_always_kills_its_reader_is_a_reject(folder: Path) -> None:
    """With the reason; it is not remembered as read, what was read of it stays, and the other files are read."""
    for number in range(6):
        (folder / f"{number}.jsonl").write_text(records(10_000 * number, 2_000))
    stopped = Event()

    def kill() -> None:
        while not stopped.is_set():
            kill_readers()
            time.sleep(0.05)

    killer = Thread(target=kill)
    killer.start()
    died: list[Rejected] = []
    items = []
    try:
        for item in Reading([folder], processes=2):
            items.append(item)
            if isinstance(item, Rejected) and "ended the process" in item.reason:
                stopped.set()
                died.append(item)
    finally:
        stopped.set()
        killer.join()
    assert died
    assert "SIGKILL" in died[0].reason
    lost = {item.origin for item in died}
    assert not {item.path for item in items if isinstance(item, Source)} & lost
    ids = [item.id for item in items if isinstance(item, Article)]
    assert len(ids) == len(set(ids))
    whole = [file for file in folder.iterdir() if str(file) not in lost]
    assert {item.id for item in read_sources(whole) if isinstance(item, Article)} <= set(ids)


def test_who_stops_early_leaves_no_process(folder: Path) -> None:
    """Readers end with the reading, whatever they were at."""
    (folder / "5.jsonl").write_text(records(0, 20_000))
    items = iter(Reading([folder], processes=2))
    next(items)
    assert readers()
    items.close()  # type: ignore[attr-defined]
    wait_until(lambda: not readers(), 20)


def test_a_large_file_is_read_beside_what_stores_it(tmp_path: Path) -> None:
    """By a process of its own, though it is alone."""
    (tmp_path / "a.jsonl").write_text(records(0, FEW_BYTES // 150))
    items = iter(Reading([tmp_path / "a.jsonl"], processes=2))
    next(items)
    assert len(readers()) == 1
    items.close()  # type: ignore[attr-defined]


# ---------------------------------------------------------------------------- what is as it was


def test_files_that_are_as_they_were_are_not_read(folder: Path) -> None:
    """By size and time, and when only the time is another by content; files without an article are tried again."""
    known = {item.path: item for item in Reading([folder]) if isinstance(item, Source)}
    again = Reading([folder], known=known.get)
    assert [item.origin.rpartition("/")[2] for item in again if isinstance(item, Rejected)] == [
        "nothing.txt",
        "picture.png",
    ]
    assert again.files_unchanged == len(known) == 10
    assert [Path(path).name for path in again.kept] == ["2.jsonl"]
    assert again.done_bytes == again.total_bytes()

    os.utime(folder / "0.jsonl", (1, 1))
    assert without_sources(iter(Reading([folder / "0.jsonl"], known=known.get))) == []
    (folder / "0.jsonl").write_text(records(900, 60))  # of the same size
    assert (
        next(item.id for item in Reading([folder / "0.jsonl"], known=known.get) if isinstance(item, Article)) == "a900"
    )


def test_other_readers_or_other_names_read_again(folder: Path) -> None:
    """A new version of Newsdesk, and another --map, may find something else in the same file."""
    file = folder / "table.csv"
    [source] = [item for item in Reading([file]) if isinstance(item, Source)]
    assert list(Reading([file], known=lambda path: source)) == []
    older = replace(source, readers="0 {}")
    assert len(without_sources(iter(Reading([file], known=lambda path: older)))) == 1
    assert len(without_sources(iter(Reading([file], mapping={"text": "body"}, known=lambda path: source)))) == 1


def test_a_file_that_grows_while_it_is_read_is_read_again(folder: Path) -> None:
    """It is not remembered as something that was not read."""
    items = iter(Reading([folder / "0.jsonl"]))
    next(items)
    with (folder / "0.jsonl").open("a") as file:
        file.write(records(999, 1))
    assert not any(isinstance(item, Source) for item in items)
