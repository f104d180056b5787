"""JSON lines: every good line becomes an article, every bad one a reject, whatever stands around it."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest.formats.jsonl import read_jsonl
from ingest.parts.limits import MAX_BYTES
from newsdesk.types import Article, Rejected
from newsdesk.wording.quoted import quoted

FULL = {
    "id": "np/1",
    "title": "Ferry  sinks",
    "source": "Northfield Post",
    "author": "Ada Holm; Reuters",
    "published": "2021-05-03T09:00:00Z",
    "url": "https://post.example/ferry",
    "text": "The ferry sank at noon.\n\nRead More\n\nNobody was hurt.",
    "section": "Harbour",
    "language": "en",
    "likes": 7,
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes lines (objects, or bytes as they are) to a file and returns its path."""

    def write(*lines: object, name: str = "feed.jsonl", end: bytes = b"\n") -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join((x if isinstance(x, bytes) else json.dumps(x).encode()) + end for x in lines))
        return path

    return write


def test_a_full_record_becomes_an_article(write: Write) -> None:
    """All fields arrive, cleaned; unknown ones are ignored; furniture is left out."""
    assert list(read_jsonl(write(FULL))) == [
        Article(
            id="np/1",
            title="Ferry sinks",
            paragraphs=("The ferry sank at noon.", "Nobody was hurt."),
            source="Northfield Post",
            authors=("Ada Holm", "Reuters"),
            published=date(2021, 5, 3),
            url="https://post.example/ferry",
            agency="Reuters",
            section="Harbour",
            language="en",
        )
    ]


@pytest.mark.parametrize("absent", [None, "", "missing"])
def test_null_and_empty_are_absent(write: Write, absent: str | None) -> None:
    """A record of nothing but text is an article; null, "" and no field mean the same."""
    fields = ("id", "title", "source", "author", "authors", "published", "url", "paragraphs", "agency", "section")
    record = {} if absent == "missing" else dict.fromkeys(fields, absent)
    [article] = read_jsonl(write(record | {"text": "The ferry sank."}))
    assert isinstance(article, Article)
    assert article == Article(id=article.id, title="", paragraphs=("The ferry sank.",))
    assert article.id.startswith("sha256:")


def test_other_spellings_of_the_fields(write: Write) -> None:
    """Numbers as ids, a list of paragraphs, lists of authors as strings or objects, and `date`."""
    record = {
        "id": 17,
        "paragraphs": ["The ferry\nsank.", " ", "Nobody was hurt."],
        "authors": [{"name": "Ada Holm"}, "Lars de Vries and Mei Tan", {"url": "x"}],
        "date": "3 May 2021",
    }
    [article] = read_jsonl(write(record))
    assert isinstance(article, Article)
    assert article.id == "17"
    assert article.paragraphs == ("The ferry sank.", "Nobody was hurt.")
    assert article.authors == ("Ada Holm", "Lars de Vries", "Mei Tan")
    assert article.published == date(2021, 5, 3)


@pytest.mark.parametrize(
    ("line", "own_id", "reason"),
    [
        (b"{", "", "is not JSON"),
        (b"\x00\x01", "", "is not JSON"),
        (b"[1]", "", "is a list, not a JSON object"),
        (b"true", "", "is true or false"),
        (b"[" * 200_000, "", "is nested too deeply"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "", "more than 4,300 digits"),
        (b'{"id": "a", "text": "caf\xe9"}', "", "is not UTF-8: byte 0xe9"),
        ({"id": "a"}, "a", "has no text"),
        ({"id": "a", "text": " \n\n___\n\n "}, "a", "has no text"),
        ({"id": "a", "text": 5}, "a", "“text” is a number"),
        ({"id": "a", "text": ["b", 1]}, "a", "“text” is a list"),
        ({"id": "a", "paragraphs": "b"}, "a", "“paragraphs” is a string"),
        ({"id": "a", "paragraphs": ["b", 1]}, "a", "“paragraphs” is a list"),
        ({"id": "a", "text": "b", "title": {}}, "a", "“title” is an object"),
        ({"id": "a", "text": "b", "author": 3}, "a", "an author is a number"),
        ({"id": ["a"], "text": "b"}, "", "“id” is a list"),
        ({"id": "a\0", "text": "b"}, "a\ufffd", "cannot be stored"),
        ({"id": "\ud800", "text": "b"}, "\ufffd", "cannot be stored"),
    ],
)
def test_a_bad_line_is_rejected_and_reading_goes_on(write: Write, line: object, own_id: str, reason: str) -> None:
    """The reject names file and line, the id if there is one, and what is wrong; the next line is read."""
    path = write({"id": "1", "text": "One."}, line, {"id": "3", "text": "Three."})
    first, rejected, last = read_jsonl(path)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert isinstance(rejected, Rejected)
    assert rejected.origin == f"{path}:2"
    assert rejected.id == own_id
    assert reason in rejected.reason


def test_a_line_beyond_all_measure_is_passed_over(write: Write) -> None:
    """A line longer than 16 MiB is rejected and the one behind it read."""
    huge = b'{"text": "' + b"a" * (2 * MAX_BYTES) + b'"}'
    rejected, article = read_jsonl(write(huge, {"text": "Two."}))
    assert isinstance(rejected, Rejected)
    assert "longer than 16 MiB" in rejected.reason
    assert isinstance(article, Article)
    assert article.paragraphs == ("Two.",)


@pytest.mark.parametrize("value", ["9 days ago", "2018", 16200, ["2021-05-03"]])
def test_an_unreadable_date_leaves_the_article_undated(
    write: Write, caplog: pytest.LogCaptureFixture, value: object
) -> None:
    """The article is kept without a date, and a warning names file, line and value."""
    path = write({"text": "One."}, {"text": "Two.", "published": value})
    with caplog.at_level(logging.WARNING, "newsdesk.ingest"):
        _, article = read_jsonl(path)
    assert isinstance(article, Article)
    assert article.published is None
    assert f"{path}:2" in caplog.text
    assert quoted(value) in caplog.text


def test_only_web_addresses_become_links(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    """An address that is none is dropped with a warning, the article stays."""
    [article] = read_jsonl(write({"text": "One.", "url": "javascript:alert(1)"}))
    assert isinstance(article, Article)
    assert article.url == ""
    assert "javascript:alert(1)" in caplog.text


def test_byte_order_mark_crlf_and_blank_lines(write: Write) -> None:
    """Files made on Windows are read like others."""
    path = write(b'\xef\xbb\xbf{"text": "One."}', b"", b'{"text": "Two."}', end=b"\r\n")
    assert [article.paragraphs for article in read_jsonl(path) if isinstance(article, Article)] == [
        ("One.",),
        ("Two.",),
    ]


def test_gzip_is_known_by_its_bytes(write: Write) -> None:
    """A gzipped file is unpacked whatever it is called, and a plain file called .gz is read."""
    line = json.dumps({"text": "One."}).encode()
    packed = write(gzip.compress(line), name="feed.jsonl", end=b"")
    plain = write(line, name="feed.jsonl.gz")
    assert [len(list(read_jsonl(path))) for path in (packed, plain)] == [1, 1]
    assert list(read_jsonl(packed)) == list(read_jsonl(plain))


@pytest.mark.parametrize("damage", ["truncated", "overwritten", "garbage behind"])
def test_damaged_gzip_keeps_what_came_before(write: Write, damage: str) -> None:
    """Articles before the break are kept, then one reject says that the data are damaged."""
    lines = [json.dumps({"id": str(n), "text": f"Story {n * 7919 % 10007}."}).encode() + b"\n" for n in range(20_000)]
    data = gzip.compress(b"".join(lines))
    middle = len(data) // 2
    damaged = {
        "truncated": data[:middle],
        "overwritten": data[:middle] + b"\xff" * 64 + data[middle + 64 :],
        "garbage behind": data + b"garbage",
    }[damage]
    *articles, last = read_jsonl(write(damaged, end=b""))
    assert isinstance(last, Rejected)
    assert "gzip data are damaged" in last.reason
    read = [article for article in articles if isinstance(article, Article)]
    assert len(read) > 5_000
    if damage != "overwritten":
        assert [article.id for article in read] == [str(n) for n in range(len(read))]


def test_a_missing_file_raises(tmp_path: Path) -> None:
    """Opening is the caller's affair: OSError is not swallowed."""
    with pytest.raises(FileNotFoundError):
        list(read_jsonl(tmp_path / "none.jsonl"))
