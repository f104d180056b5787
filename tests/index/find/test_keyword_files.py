"""Files of a tantivy index: what was damaged is found, and what was only interrupted is not accused."""

from __future__ import annotations

import json
import logging
import random
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.find import keyword_files
from index.find.keyword import FOLDER, KeywordIndex
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Filters
from tests.support import ENOUGH, Process, article, one_each

PARTS = (".del", ".fast", ".fieldnorm", ".idx", ".pos", ".store", ".term")

WRITE = """
import sys
from pathlib import Path
from index.find.keyword import KeywordIndex
from newsdesk.catalogue.catalogue import Catalogue
from tests.support import article, one_each
data, first = Path(sys.argv[1]), int(sys.argv[2])
catalogue = Catalogue(data / "catalogue.sqlite3")
keyword = KeywordIndex(data, catalogue)
for number in range(first, first + 10_000):
    for place in range(4):  # meanwhile others come to the view's lock
        catalogue.put([article(f"n{place}", f"Snow fell on day {number}.", "More snow fell.")], one_each)
    print(number, keyword.catch_up(), flush=True)
"""


class Sound(NamedTuple):
    """A data folder whose keyword index is whole, never opened again, and what it finds."""

    data: Path
    hits: list[int]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Three segments, with deletions in two."""
    data = tmp_path_factory.mktemp("sound")
    catalogue = Catalogue(data / "catalogue.sqlite3")
    keyword = KeywordIndex(data, catalogue)
    for batch in range(3):
        catalogue.put([article(f"{batch}-{n}", f"Snow {n}.", "More snow.") for n in range(200)], one_each)
        catalogue.remove([f"{batch - 1}-{n}" for n in range(20)] if batch else [])
        keyword.catch_up()
    hits = sorted(number for number, _ in keyword.search({"snow": 1.0}, ENOUGH))
    assert hits == catalogue.passage_numbers(Filters())
    catalogue.close()
    assert len(segments(data / FOLDER)) == 3
    assert {file.suffix for file in files_of(data / FOLDER)} == set(PARTS)
    return Sound(data, hits)


@pytest.fixture
def data(sound: Sound, tmp_path: Path) -> Path:
    """A copy of it, for this test alone."""
    return Path(shutil.copytree(sound.data, tmp_path / "data"))


def segments(folder: Path) -> list[str]:
    """Their ids, from `meta.json`."""
    return [
        segment["segment_id"].replace("-", "") for segment in json.loads((folder / "meta.json").read_text())["segments"]
    ]


def files_of(folder: Path) -> list[Path]:
    """The files that the present segments consist of."""
    names = segments(folder)
    files = [file for file in folder.iterdir() if file.suffix in PARTS and file.name[:32] in names]
    deletions = {name: max(folder.glob(f"{name}.*.del"), key=_opstamp, default=None) for name in names}
    return sorted(file for file in files if file.suffix != ".del" or file in deletions.values())


def _opstamp(file: Path) -> int:
    return int(file.name.split(".")[1])


def body_of(content: bytes) -> int:
    """Where the footer begins: its length stands before the last four bytes."""
    return len(content) - 8 - int.from_bytes(content[-8:-4], "little")


def flipped(content: bytes, place: int, bit: int) -> bytes:
    """With one bit the other way round."""
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


# ---------------------------------------------------------------------------- damage


def test_a_sound_index_has_no_fault(data: Path) -> None:
    """Neither has a folder with nothing in it."""
    assert keyword_files.fault(data / FOLDER) == ""
    (data / "nothing").mkdir()
    assert keyword_files.fault(data / "nothing") == ""


@pytest.mark.parametrize(
    "harm",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content[:5],
        lambda content: b"",
        lambda content: bytes(len(content)),
        lambda content: content + b"\0",
        lambda content: None,
    ],
    ids=["half", "one byte less", "five bytes", "empty", "zeroed", "one byte more", "deleted"],
)
def test_a_cut_zeroed_or_missing_file_is_a_fault(data: Path, harm: Callable[[bytes], bytes | None]) -> None:
    """Of each file of each segment, and of `meta.json`; the fault names the file."""
    folder = data / FOLDER
    for file in [*files_of(folder), folder / "meta.json"]:
        before = file.read_bytes()
        after = harm(before)
        if after is None:
            file.unlink()
        else:
            file.write_bytes(after)
        assert file.name in keyword_files.fault(folder)
        file.write_bytes(before)
    assert keyword_files.fault(folder) == ""


@pytest.mark.parametrize("part", PARTS)
@given(choose=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_a_flipped_bit_in_the_content_is_found(sound: Sound, part: str, choose: st.DataObject) -> None:
    """Wherever it is, in whichever file."""
    folder = sound.data / FOLDER
    file = choose.draw(st.sampled_from([file for file in files_of(folder) if file.suffix == part]))
    before = file.read_bytes()
    place, bit = choose.draw(st.integers(0, body_of(before) - 1)), choose.draw(st.integers(0, 7))
    try:
        file.write_bytes(flipped(before, place, bit))
        assert keyword_files.fault(folder) == f"{file.name} is not what was written"
    finally:
        file.write_bytes(before)


@given(choose=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_flipped_bit_in_a_footer_is_found_or_does_no_harm(
    sound: Sound, tmp_path: Path, choose: st.DataObject
) -> None:
    """What no checksum covers decides nothing: opened, the index finds what it found, or is made again."""
    # A new folder each time: an index that was opened may still look for commits in its own.
    data = Path(tempfile.mkdtemp(dir=tmp_path))
    shutil.copytree(sound.data, data, dirs_exist_ok=True)
    file = choose.draw(st.sampled_from(files_of(data / FOLDER)))
    before = file.read_bytes()
    place = choose.draw(st.integers(body_of(before), len(before) - 1))
    file.write_bytes(flipped(before, place, choose.draw(st.integers(0, 7))))
    if not keyword_files.fault(data / FOLDER):
        catalogue = Catalogue(data / "catalogue.sqlite3")
        keyword = KeywordIndex(data, catalogue)
        assert keyword.catch_up()
        assert sorted(number for number, _ in keyword.search({"snow": 1.0}, ENOUGH)) == sound.hits
        catalogue.close()


@given(choose=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_in_a_sealed_list_of_segments_is_found(sound: Sound, choose: st.DataObject) -> None:
    """`meta.json` has no footer, so the seal stands for it; a flipped bit in the seal itself is a fault too."""
    folder = sound.data / FOLDER
    file = folder / choose.draw(st.sampled_from(["meta.json", "meta.sealed"]))
    before = file.read_bytes()
    place, bit = choose.draw(st.integers(0, len(before) - 1)), choose.draw(st.integers(0, 7))
    try:
        file.write_bytes(flipped(before, place, bit))
        assert keyword_files.fault(folder)
        assert not keyword_files.sealed(folder)
    finally:
        file.write_bytes(before)


# ---------------------------------------------------------------------------- the seal


def test_a_seal_vouches_for_one_list_of_segments(data: Path) -> None:
    """Broken, it says nothing; set again, it vouches for what is there then."""
    folder = data / FOLDER
    meta = folder / "meta.json"
    assert keyword_files.sealed(folder)
    keyword_files.break_seal(folder)
    keyword_files.break_seal(folder)
    assert not keyword_files.sealed(folder)
    assert keyword_files.fault(folder) == "", "a writer that was killed has harmed nothing"
    meta.write_bytes(meta.read_bytes() + b"\n")
    assert keyword_files.fault(folder) == ""
    keyword_files.seal(folder)
    assert keyword_files.sealed(folder)
    meta.write_bytes(meta.read_bytes() + b"\n")
    assert not keyword_files.sealed(folder)
    assert keyword_files.fault(folder) == "meta.json is not what was written"


def test_segments_without_their_list_are_a_fault(data: Path) -> None:
    """With and without a seal; so is a list that names what it should not."""
    folder = data / FOLDER
    meta = folder / "meta.json"
    for content in (
        "[]",
        "{}",
        '{"segments": [{"segment_id": 1, "deletes": null}]}',
        '{"segments": 7}',
        "null",
        "\udcff",
    ):
        keyword_files.break_seal(folder)
        meta.write_text(content, errors="surrogateescape")
        assert keyword_files.fault(folder) == "meta.json cannot be read"
    meta.unlink()
    assert keyword_files.fault(folder) == "meta.json is missing"
    assert not keyword_files.sealed(folder)


@pytest.mark.parametrize("was_sealed", [True, False])
@pytest.mark.parametrize("reopened", [True, False])
def test_what_a_killed_writer_left_stops_nobody(data: Path, was_sealed: bool, reopened: bool) -> None:
    """tantivy writes over no file, so what lies where it would write is cleared away, or the view is made again."""
    catalogue = Catalogue(data / "catalogue.sqlite3")
    keyword = KeywordIndex(data, catalogue)
    folder = data / FOLDER
    present = set(files_of(folder))
    for name in segments(folder):
        for opstamp in range(2_000):
            stray = folder / f"{name}.{opstamp}.del"
            if stray not in present:
                stray.touch()
    if not was_sealed:
        keyword_files.break_seal(folder)
    if reopened:
        keyword = KeywordIndex(data, catalogue)
    catalogue.remove([f"{batch}-{n}" for batch in range(3) for n in range(100, 120)])
    assert keyword.catch_up()
    hits = sorted(number for number, _ in keyword.search({"snow": 1.0}, ENOUGH))
    assert hits == catalogue.passage_numbers(Filters())
    assert keyword_files.sealed(folder)
    assert keyword_files.fault(folder) == ""
    catalogue.close()


# ---------------------------------------------------------------------------- other processes


@pytest.fixture
def growing(empty_template: Path, tmp_path: Path) -> Path:
    """A data folder with an empty catalogue, for other processes to write into."""
    shutil.copy(empty_template, tmp_path / "catalogue.sqlite3")
    return tmp_path


def test_a_killed_writer_is_not_taken_for_damage(growing: Path) -> None:
    """kill -9 at any moment of its commits: every file that the index stands on is what was written."""
    chance = random.Random(5)
    for life in range(2):
        with Process(WRITE, growing, life * 10_000) as writer:
            for _ in range(chance.randrange(1, 25)):
                writer.line()
        assert keyword_files.fault(growing / FOLDER) == ""


def test_beside_a_writer_nothing_is_accused(growing: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever holds the view's lock sees whole files, and opening or reading never finds damage that is not there."""
    catalogue = Catalogue(growing / "catalogue.sqlite3")
    with Process(WRITE, growing, 0) as writer, caplog.at_level(logging.WARNING, "newsdesk.index"):
        for _ in range(4):
            writer.line()
            with FileLock(growing / "keyword.lock", poll_interval=0.001):
                assert keyword_files.fault(growing / FOLDER) == ""
            keyword = KeywordIndex(growing, catalogue)
            assert keyword.search({"snow": 1.0}, 5)
            rounds = repeat(True, 20)  # or it would run after the writer, which goes on all the time
            keyword.catch_up(partial(next, rounds, False))
        assert not writer.ended()
    catalogue.close()
    assert caplog.text == ""
