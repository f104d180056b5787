"""Names of files on the list of rejects, there and back."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.files import file_of, read_start, shown

NAMES = st.binary(min_size=1, max_size=40).filter(lambda name: not set(name) & {0, ord("/")} and b"\\x" not in name)


@given(NAMES)
def test_every_name_is_shown_on_one_line_and_found_again(name: bytes) -> None:
    """Whatever a file system allows: line breaks, terminal controls, bytes that are not UTF-8."""
    path = Path("/none") / os.fsdecode(name)
    origin = shown(path)
    assert len(origin.splitlines()) == 1
    assert "\x1b" not in origin
    origin.encode()
    assert file_of(f"{origin}:12") == path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl:3", "a\\x41.txt"])
def test_a_file_that_is_there_is_meant(tmp_path: Path, name: str) -> None:
    """Also if its name looks like a line of another, or like an escape."""
    path = tmp_path / name
    path.touch()
    assert file_of(shown(path)) == path
    assert file_of(f"{shown(path)}:7") == path


@pytest.mark.parametrize("origin", ["POST /api/articles", "https://post.example/1", "story.txt", ""])
def test_what_is_no_absolute_path_names_no_file(origin: str) -> None:
    """It cannot be read again."""
    assert file_of(origin) is None


def test_the_start_of_a_packed_file_reaches_over_its_members(tmp_path: Path) -> None:
    """Some pack each line by itself; what the file is shows only in several of them, and damage ends it."""
    path = tmp_path / "lines.gz"
    members = [gzip.compress(b"line %d\n" % number) for number in range(4)]
    path.write_bytes(b"".join(members))
    assert read_start(path, 100) == b"line 0\nline 1\nline 2\nline 3\n"
    assert read_start(path, 9) == b"line 0\nli"
    path.write_bytes(b"".join(members)[:-12])
    assert read_start(path, 100).startswith(b"line 0\nline 1\nline 2\n")
