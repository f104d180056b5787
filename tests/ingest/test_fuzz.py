"""Damaged files: declared errors only, whatever is wrong with them (a short run of tests/fuzz.py)."""

from __future__ import annotations

import gzip
import json
import resource
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from ingest.sources import read_sources
from ingest.worker import Worker
from newsdesk.types import Article, Rejected
from tests.fuzz import LEAD, MOST_SECONDS, SAMPLES, Fuzzed, mutated

FILES = 200
SLOW = {"feed": 60, "html": 12, "markdown": 40, "mail": 20, "docx": 40, "pdf": 30, "warc": 12, "zip": 12, "tar": 12}
"""Readers that need more time -> fewer files, so that the whole takes less than 20 s of processor time."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """One process for the pages and documents of all readers: each new one takes half a second to import what it needs."""
    with closing(Worker(seconds=int(MOST_SECONDS))) as process:
        yield process


@pytest.mark.parametrize("reader", SAMPLES)
def test_a_sound_sample_is_read(reader: str, tmp_path: Path, worker: Worker) -> None:
    """What is damaged below is a file that gives an article when it is whole."""
    fuzzed = Fuzzed(reader, tmp_path, worker)
    for sample in SAMPLES[reader]:
        before = fuzzed.articles
        assert fuzzed.fault(sample) == ""
        assert fuzzed.articles > before


@pytest.mark.parametrize("reader", SAMPLES)
def test_a_damaged_file_is_an_article_or_a_reason(reader: str, tmp_path: Path, worker: Worker) -> None:
    """No other exception, no article that cannot be stored, no long time; the files are the same on every run."""
    fuzzed, random = Fuzzed(reader, tmp_path, worker), Random(20_211)
    for number in range(SLOW.get(reader, FILES)):
        said = fuzzed.fault(mutated(fuzzed.samples, random))
        assert said == "", f"file {number}"
    assert fuzzed.articles + fuzzed.rejects


def line_of_a_gibibyte(path: Path, start: bytes, piece: bytes) -> Path:
    """A file of 1 GiB without the end of a line, packed so that it takes no room: one packed MiB, written 1,024 times."""
    packed = gzip.compress(piece * (1024**2 // len(piece)), compresslevel=1)
    path.write_bytes(gzip.compress(start) + packed * 1024)
    return path


@pytest.fixture
def peak() -> Iterator[list[int]]:
    """How much more memory the process had at the most, in MiB, filled in behind the test's reading."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown: list[int] = []
    yield grown
    grown.append((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
    assert grown[0] < 300


@pytest.mark.parametrize(
    ("name", "start", "piece"),
    [
        ("line.jsonl.gz", b'{"text": "', b"tram "),
        ("value.json.gz", b'[{"text": "', b"tram "),
        ("row.csv.gz", b'headline,body\nx,"', b"tram "),
        ("page.html.gz", b"<html><body><p>", b"tram "),
        ("text.txt.gz", b"The tram is late. ", b"tram "),
        ("feed.xml.gz", b"<rss><channel><item><title>", b"tram "),
    ],
)
@pytest.mark.usefixtures("peak")
def test_a_line_of_a_gibibyte(name: str, start: bytes, piece: bytes, tmp_path: Path) -> None:
    """It is a reject with a reason, in bounded memory; what goes before it is kept."""
    began = time.process_time()
    found = list(read_sources([line_of_a_gibibyte(tmp_path / name, start, piece)]))
    assert found
    assert all(isinstance(item, Rejected) for item in found)
    assert time.process_time() - began < 60


@pytest.mark.parametrize(
    ("record", "title", "source", "told"),
    [
        (
            {"Headline": "Mole", "body": LEAD, "date": "2021-05-03", "publisher": "Post", "byline": "Ina Rohl"},
            "Mole",
            "Post",
            "",
        ),
        (
            {"head_line": "Mole", "Body-Text": LEAD, "pub_date": "2021-05-03", "publication": {"name": "Post"}},
            "Mole",
            "Post",
            "",
        ),
        ({"kicker": "Mole", "text": LEAD, "paper": "Post"}, "", "", "paper"),
    ],
)
def test_fields_that_nearly_fit_are_taken_or_named(
    record: dict[str, object], title: str, source: str, told: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever others call a field: it becomes ours, or it is said that nothing was made of it."""
    path = tmp_path / "export.jsonl"
    path.write_text(json.dumps(record))
    [article] = read_sources([path])
    assert isinstance(article, Article)
    assert (article.title, article.source) == (title, source)
    assert told in caplog.text
    assert caplog.text, "what was taken for what is said, too"
