"""The throw-away archives of evaluations: none measures what other code has made."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from eval.run.archive import Readings, Remembering, build, code_hash, folder_for, journal_for
from index.read.reader import Reading, load_reader
from index.read.windows import Window
from newsdesk.errors import DataFolderBusy
from newsdesk.settings import Settings
from newsdesk.types import Question
from tests.support import ROOT, environment


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A file with one article."""
    file = tmp_path / "articles.jsonl"
    file.write_text(json.dumps({"id": "a", "text": "Nine jets flew over the town in the early morning, it was said."}))
    return file


def test_an_archive_is_used_again_and_its_index_only_by_the_code_that_made_it(tmp_path: Path, articles: Path) -> None:
    """The second build reads nothing new; when other code has made the keyword index, it is made again and finds all."""
    settings = Settings(data=tmp_path / "data")

    def built(throw_away: bool = True) -> bool:
        ready = build(settings, articles, vectors=False, throw_away=throw_away)
        assert ready.archive.engine.find(Question("How many jets flew?")).evidence
        ready.archive.close()
        return ready.made

    def of_yesterday() -> None:
        notes = settings.data / "built.json"
        notes.write_text(json.dumps(json.loads(notes.read_text()) | {"code": "of yesterday"}))

    assert built()
    (index,) = (folder for folder in settings.data.glob("keyword*") if folder.is_dir())
    (index / "mark").touch()
    assert not built()
    of_yesterday()
    built(throw_away=False)
    assert (index / "mark").exists()  # somebody's own archive is left as it is
    of_yesterday()
    built()
    assert not (index / "mark").exists()


def test_what_was_read_is_not_read_again(tiny_exported: Path) -> None:
    """The gate finds by both ways what a reader finds that remembers nothing; only what is new is read."""
    reader, readings = load_reader(str(tiny_exported / "bits-8")), Readings()
    assert reader is not None
    one, two, other = (Window(asked, "Ida Brandt said so.") for asked in ("Who?", "When?", "Where?"))
    expected = dict(zip((one, two, other), reader.read([one, two, other]), strict=True))
    for windows in ([one, two, one], [two, other, one], []):
        assert Remembering(reader, readings).read(windows) == [expected[window] for window in windows]
    readings[two] = Reading(())
    assert Remembering(reader, readings).read([other, two]) == [expected[other], Reading(())]


_CHANGES = """
from pathlib import Path
from eval.run.archive import folder_for
for file in ("", "newsdesk/types.py", "index/embed/model.py", "ingest/parts/clean.py", "index/find/keyword.py"):
    if file:
        Path(file).write_text(Path(file).read_text() + "# changed")
    print(folder_for("a", "all-MiniLM-L6-v2").name)
"""


def test_code_that_decides_what_is_stored_has_its_own_archive(tmp_path: Path) -> None:
    """What reads, stores and embeds; what only searches makes its index again, and need not embed anew."""
    for room in ("newsdesk", "index", "ingest", "eval"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "sample", "weights"))
    done = subprocess.run(
        [sys.executable, "-c", _CHANGES],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        check=True,
    )
    unchanged, types, embedding, cleaning, searching = done.stdout.split()
    assert len({unchanged, types, embedding, cleaning}) == 4
    assert searching == cleaning


def test_one_fills_it_at_a_time(tmp_path: Path, articles: Path) -> None:
    """Another evaluation that is at it is named, and nothing is half read."""
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    with FileLock(settings.data / "eval.lock"), pytest.raises(DataFolderBusy, match="Another evaluation"):
        build(settings, articles, vectors=False)


def test_names_say_what_decides() -> None:
    """Other articles are another archive; anything else in a run's particulars is another run; code counts."""
    name = "all-MiniLM-L6-v2"
    assert folder_for("a", name) == folder_for("a", name) != folder_for("b", name)
    assert journal_for(("a", 1)) == journal_for(("a", 1)) != journal_for(("a", 2))
    assert code_hash("index") != code_hash("ingest")
    assert code_hash("index", "newsdesk/types.py") != code_hash("index")
