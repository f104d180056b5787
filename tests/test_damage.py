"""One damage to each kind of file of a data folder; `python -m tests.damage` does all of them."""

from __future__ import annotations

import re
import shutil
from itertools import cycle
from pathlib import Path
from random import Random

import pytest

from tests.damage import (
    CATALOGUE,
    HARMS,
    MADE_AGAIN,
    State,
    damage,
    files_of,
    judge_catalogue,
    look_in_child,
    must_be_whole,
    sample_questions,
)
from tests.support import newsdesk

QUESTIONS = sample_questions(1)[:5]
HARMLESS = {("keyword-4/.managed.json", harm) for harm in HARMS} | {("keyword-4/meta.sealed", "deleted")}
"""Damages that leave the index sound: tantivy's note of what it may delete, and a seal broken as before every write."""


def is_part(file: str) -> bool:
    """Whether it belongs to a segment of the keyword index."""
    return re.fullmatch(r"[0-9a-f]{32}\..+", Path(file).name) is not None


@pytest.fixture(scope="module")
def state(sample_template: Path, tmp_path_factory: pytest.TempPathFactory) -> State:
    """The sample archive with both views, closed cleanly, and its backup."""
    data = tmp_path_factory.mktemp("damage") / "data"
    shutil.copytree(sample_template, data)
    found = look_in_child(data, QUESTIONS)
    must_be_whole(found, found)
    backup = data.with_name("backup")
    assert newsdesk("backup", backup, "--data", data).returncode == 0
    return State("clean", data, backup, QUESTIONS, found)


def test_a_damaged_file_of_a_view_heals_by_itself(state: State, tmp_path: Path) -> None:
    """One file of each view in each copy: both end equal to the catalogue, the log says so, no answer changes."""
    files, random = files_of(state.folder), Random(2)
    of_keyword = [file for file in files if file.startswith("keyword-") and not file.endswith(".lock")]
    # A merge may have left parts of segments that nothing reads any more.
    named = "".join(meta.read_text() for meta in state.folder.glob("keyword-*/meta.json")).replace("-", "")
    of_keyword = [file for file in of_keyword if not is_part(file) or Path(file).stem.split(".")[0] in named]
    of_chroma = [file for file in files if file.startswith("chroma/")]
    for number, pair in enumerate(zip(of_keyword, cycle(of_chroma), strict=False)):
        data = tmp_path / str(number)
        shutil.copytree(state.folder, data)
        harms = {file: random.choice(HARMS) for file in pair}
        changed = [file for file, harm in harms.items() if damage(data / file, harm, random)]
        found = look_in_child(data, state.questions)
        must_be_whole(found, state.found)
        for view, words in MADE_AGAIN.items():
            if any(file.startswith(view) and (file, harms[file]) not in HARMLESS for file in changed):
                assert re.search(words, found.log), f"{harms}: {found.log}"


@pytest.mark.parametrize("harm", ["half", "flip in the middle"])
def test_a_damaged_catalogue_is_harmless_or_said_and_a_backup_is_the_way_back(
    state: State, tmp_path: Path, harm: str
) -> None:
    """Nothing is shown that was not stored, nothing ends in a traceback, and afterwards every answer is as before."""
    data = Path(shutil.copytree(state.folder, tmp_path / "data"))
    assert damage(data / CATALOGUE, harm, Random(2))
    assert judge_catalogue(state, data) in ("said", "harmless")
