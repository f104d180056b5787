"""What is under embargo is stored, found nowhere, and there when its time has come."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from ingest.passages import split_passages
from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.upkeep.purge import compact_catalogue, prove
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.errors import ArticleNotFound
from newsdesk.feedback import Feedback, Quoted
from newsdesk.types import Filters, HeldArticle
from tests.support import ENOUGH, Process, article

NOON = datetime(2100, 3, 1, 12, tzinfo=UTC)
SECRET = "The central bank of Varn raises its rate to six per cent, the governor will announce at noon."


class Clock:
    """Says what time it is, and can be put forward."""

    def __init__(self) -> None:
        self.time = NOON - timedelta(hours=3)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(new_catalogue: Callable[..., Catalogue], clock: Clock) -> Catalogue:
    return new_catalogue(clock=clock)


def secret(said: str = SECRET, until: datetime | None = NOON, **more: Any) -> HeldArticle:
    fields: dict[str, Any] = {"source": "Varn Wire", "url": "https://wire.example/rate", **more}
    return HeldArticle("rate", "Rate goes up", (said,), until=until, **fields)


def is_readable(archive: Catalogue) -> bool:
    """Whether any way of reading the archive shows it; all of them have to agree."""
    counts = archive.counts()
    signs = {
        archive.articles(Filters(), ENOUGH, 0)[0] > 0,
        counts.articles > 0,
        counts.paragraphs > 0,
        bool(archive.passage_numbers(Filters())),
        bool(archive.leads(Filters(), ENOUGH)),
        "Varn Wire" in archive.outlets(),
        bool(list(archive.every_article())),
        _is_there(archive),
    }
    assert len(signs) == 1
    assert counts.under_embargo == (0 if True in signs else 1)
    return signs.pop()


def _is_there(archive: Catalogue) -> bool:
    try:
        return archive.history("rate").id == archive.article("rate").id
    except ArticleNotFound:
        return False


def test_it_appears_when_its_time_has_come(archive: Catalogue, clock: Clock) -> None:
    """Not a second before, and with its passages."""
    assert archive.put([secret()], split_passages).outcomes == ["held"]
    assert archive.put([secret()], split_passages).outcomes == ["unchanged"]
    clock.time = NOON - timedelta(seconds=1)
    assert archive.release_due() == 0
    assert not is_readable(archive)
    clock.time = NOON
    assert archive.release_due() == 1
    assert is_readable(archive)
    assert [passage.text for passage in archive.passages(archive.passage_numbers(Filters())).values()] == [SECRET]


def test_the_next_command_lets_it_appear(archive: Catalogue, clock: Clock) -> None:
    """Whoever opens the archive afterwards finds it, without reading any file again."""
    archive.put([secret()], split_passages)
    archive.close()
    clock.time = NOON + timedelta(days=1)
    later = Catalogue(archive.at, clock=clock)
    assert is_readable(later)
    later.close()


def test_zones_are_reckoned_with(archive: Catalogue, clock: Clock) -> None:
    """Two in the afternoon in a zone two hours ahead is noon in UTC."""
    archive.put([secret(until=datetime.fromisoformat("2100-03-01T14:00:00+02:00"))], split_passages)
    clock.time = NOON
    archive.release_due()
    assert is_readable(archive)


def test_a_new_version_lifts_or_extends_it(archive: Catalogue, clock: Clock) -> None:
    """Its word counts for the versions before, too; they are its history when it may be read."""
    archive.put([secret(edition=1)], split_passages)
    archive.put([secret("They raise it to seven.", NOON + timedelta(hours=1), edition=2)], split_passages)
    clock.time = NOON + timedelta(minutes=30)
    archive.release_due()
    assert not is_readable(archive)
    free = article("rate", "They raise it to eight.", edition=3, source="Varn Wire")
    assert archive.put([free], split_passages).outcomes == ["updated"]
    assert is_readable(archive)
    said = [version.article.paragraphs[0] for version in archive.history("rate").versions if version.article]
    assert said == [SECRET, "They raise it to seven.", "They raise it to eight."]
    assert archive.put([secret(edition=1)], split_passages).outcomes == ["unchanged"], "its embargo was lifted"
    assert is_readable(archive)


def test_the_same_text_without_an_embargo_lifts_it(archive: Catalogue) -> None:
    """As agencies release what they had sent in advance."""
    archive.put([secret()], split_passages)
    archive.put([article("rate", SECRET, title="Rate goes up", source="Varn Wire")], split_passages)
    assert is_readable(archive)


def test_what_is_withheld_waits_for_a_version_that_lifts_it(archive: Catalogue, clock: Clock) -> None:
    """However long that takes."""
    archive.put([secret(until=None)], split_passages)
    clock.time = NOON.replace(year=2900)
    archive.release_due()
    assert not is_readable(archive)
    archive.put([secret(until=NOON, edition=2)], split_passages)
    assert is_readable(archive)


def test_an_embargo_hides_what_was_there_already(archive: Catalogue, clock: Clock) -> None:
    """It holds for all versions of an item; a file from before, read again, does not lift it, nor an older version."""
    before = article("rate", "A decision is expected.", edition=1, source="Varn Wire")
    archive.put([before], split_passages)
    archive.put([secret(edition=2)], split_passages)
    assert not is_readable(archive)
    assert archive.put([before], split_passages).outcomes == ["unchanged"]
    assert archive.put([article("rate", "Soon.", modified="", edition=1)], split_passages).outcomes == ["held"]
    assert not is_readable(archive)
    clock.time = NOON
    archive.release_due()
    assert archive.article("rate").paragraphs == (SECRET,)
    assert len(archive.history("rate").versions) == 3


def test_without_numbers_reading_again_lifts_nothing(archive: Catalogue) -> None:
    """A folder that holds what came before the embargo and what brought it can be read twice."""
    before = article("rate", "A decision is expected.", source="Varn Wire")
    for _ in range(2):
        archive.put([before, secret()], split_passages)
        assert not is_readable(archive)


def test_it_can_be_removed_and_purged(archive: Catalogue, tmp_path: Path) -> None:
    """Under each of its ids; afterwards no file holds a word of it."""
    archive.put([secret()], split_passages)
    archive.put(
        [HeldArticle("rate-2", "Rate", ("Or seven.",), until=NOON, url="https://wire.example/rate")], split_passages
    )
    assert archive.counts().under_embargo == 1
    archive.remove(["rate-2"])
    assert archive.counts().under_embargo == 0
    compact_catalogue(archive)
    assert prove(archive, tmp_path) == 1
    assert not [file for file in tmp_path.iterdir() if SECRET.encode() in file.read_bytes()]


def test_a_purge_of_others_leaves_it(archive: Catalogue, clock: Clock, tmp_path: Path) -> None:
    """What waits is no trace of what was removed, though both say the same."""
    archive.put([article("gone", SECRET)], split_passages)
    archive.put([secret()], split_passages)
    archive.remove(["gone"])
    compact_catalogue(archive)
    assert prove(archive, tmp_path) == 1
    clock.time = NOON
    archive.release_due()
    assert archive.article("rate").paragraphs == (SECRET,)


def test_a_backup_brings_it_back(archive: Catalogue, clock: Clock, tmp_path: Path) -> None:
    """Hidden as it was, and with its time."""
    archive.put([secret()], split_passages)
    file = tmp_path / "copy.backup"
    assert back_up(archive, file) == 0
    archive.remove(["rate"])
    restore(file, archive.at, replace=True)
    assert not is_readable(archive)
    clock.time = NOON
    archive.release_due()
    assert is_readable(archive)


def test_a_check_finds_one_that_is_damaged(archive: Catalogue, clock: Clock) -> None:
    """It is named, and never appears."""
    archive.put([secret()], split_passages)
    assert not check(archive).damaged
    with writing(archive.engine).begin() as connection:
        content = json.dumps(connection.scalar(select(schema.held.c.content)))
        harmed = json.loads(content.replace("six per cent", "ten per cent"))
        connection.execute(update(schema.held).values(content=harmed))
    assert check(archive).articles == ("rate",)
    clock.time = NOON
    assert archive.release_due() == 0
    assert not is_readable(archive)


def test_feedback_on_what_is_hidden_loses_its_words(archive: Catalogue) -> None:
    """An answer that quoted it before the embargo came is no way to read it."""
    said = "A decision is expected on Monday."
    archive.put([article("rate", said, source="Varn Wire")], split_passages)
    quoted = Quoted("rate", 0, said, 0, len(said))
    archive.feedback.put(
        Feedback("When?", "up", True, f"{said} [1]", 0.9, "extractive", "on Monday", (quoted,), (), (), None, "", "")
    )
    archive.put([secret()], split_passages)
    [stored] = archive.feedback.every()
    assert stored.feedback.question == "When?"
    assert "Monday" not in repr(stored)


RELEASE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from newsdesk.catalogue.catalogue import Catalogue
print("opening", flush=True)
Catalogue(sys.argv[1], clock=lambda: datetime(2100, 3, 1, 13, tzinfo=UTC))
print("open", flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2])
def test_a_kill_in_the_middle_loses_nothing(archive: Catalogue, clock: Clock, lines: int) -> None:
    """Whoever is killed while embargoes end: each story is there afterwards, once and whole."""
    many = [HeldArticle(f"s{n}", f"Story {n}", (f"Something happened {n} times.",), until=NOON) for n in range(60)]
    archive.put(many, split_passages)
    with Process(RELEASE, archive.at) as opening:
        for _ in range(lines):
            opening.line()
        opening.kill()
    clock.time = NOON
    archive.release_due()
    assert archive.counts().articles == 60
    assert archive.counts().under_embargo == 0
    assert not check(archive).damaged
