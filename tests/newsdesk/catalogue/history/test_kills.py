"""What a sender takes back is hidden at once, and stays out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.passages import split_passages
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.upkeep.backup import back_up, restore
from newsdesk.catalogue.upkeep.purge import compact_catalogue, prove
from newsdesk.errors import ArticleNotFound, NotTakenBack
from newsdesk.types import Article, HeldArticle, Withdrawn
from tests.support import article

LIBEL = "Councillor Odd Berg took money from the builders of the arena, it was said on Thursday."


def kill(edition: int = 0, modified: str = "", id_: str = "arena") -> Withdrawn:
    return Withdrawn("wire", id_, "was withdrawn by its sender", edition, modified)


def arena(said: str = LIBEL, edition: int = 0, modified: str = "", id_: str = "arena") -> Article:
    return article(id_, said, edition=edition, modified=modified, url="https://wire.example/arena")


def outcomes(catalogue: Catalogue, *items: Article | Withdrawn) -> list[str]:
    return [str(outcome) for outcome in catalogue.put(items, split_passages).outcomes]


def is_there(catalogue: Catalogue, id_: str = "arena") -> bool:
    try:
        return bool(catalogue.article(id_))
    except ArticleNotFound:
        return False


def test_a_kill_before_its_article_keeps_out_that_version_and_older_ones(catalogue: Catalogue) -> None:
    """A newer version is another word of the sender and comes in."""
    assert outcomes(catalogue, kill(2), arena(edition=2), arena(edition=1)) == ["withdrawn"] * 3
    assert not is_there(catalogue)
    assert outcomes(catalogue, arena("It was not he.", edition=3)) == ["added"]


@pytest.mark.parametrize("modified", ["2024-01-02T08:00:00Z", "2024-01-02", ""])
def test_what_is_not_known_to_be_newer_stays_out(catalogue: Catalogue, modified: str) -> None:
    """Also when nobody says which version came."""
    assert outcomes(catalogue, kill(modified="2024-01-02T08:00:00Z"), arena(modified=modified)) == ["withdrawn"] * 2


def test_a_folder_with_a_kill_can_be_read_again(catalogue: Catalogue) -> None:
    """In whatever order its files are read, and without any number of a version."""
    outcomes(catalogue, arena(), kill())
    assert outcomes(catalogue, kill(), arena()) == ["withdrawn", "withdrawn"]
    assert not is_there(catalogue)
    assert outcomes(catalogue, arena("It was not he.")) == ["added"]


def test_it_is_kept_out_under_its_other_names(catalogue: Catalogue) -> None:
    """Under an id of another version, and under any id at its address."""
    outcomes(catalogue, arena(edition=1), arena("Worse.", edition=2, id_="arena-b"), kill(2, id_="arena-b"))
    assert not is_there(catalogue)
    assert outcomes(catalogue, arena(edition=1), arena(edition=2, id_="arena-c")) == ["withdrawn"] * 2


def test_a_kill_of_an_older_version_leaves_the_newer_one(catalogue: Catalogue, tmp_path: Path) -> None:
    """But it leaves its history."""
    outcomes(catalogue, arena(edition=1), arena("It was not he.", edition=2), kill(1))
    assert catalogue.article("arena").paragraphs == ("It was not he.",)
    assert len(catalogue.history("arena").versions) == 1
    compact_catalogue(catalogue)
    prove(catalogue, tmp_path)


def test_what_is_under_embargo_can_be_taken_back(catalogue: Catalogue, tmp_path: Path) -> None:
    """It never appears."""
    until = datetime(2100, 1, 1, tzinfo=UTC)
    assert outcomes(catalogue, HeldArticle("arena", "Arena", (LIBEL,), edition=1, until=until), kill(1)) == [
        "held",
        "withdrawn",
    ]
    assert catalogue.counts().under_embargo == 0
    assert not [file for file in tmp_path.iterdir() if LIBEL.encode() in file.read_bytes()]


def test_a_kill_is_remembered(catalogue: Catalogue) -> None:
    """With its time, under each name of the article."""
    assert catalogue.withdrawn_at("arena") is None
    outcomes(catalogue, arena(), kill())
    assert str(catalogue.withdrawn_at("arena")).startswith(f"{datetime.now(UTC):%Y}")
    assert catalogue.withdrawn_at("https://wire.example/arena") is not None


@pytest.mark.parametrize("name", ["arena", "arena-b", "https://wire.example/arena"])
def test_a_kill_can_be_undone_under_each_name(catalogue: Catalogue, name: str) -> None:
    """Then every version comes in again; what another kill took back at the same address stays out under its own id."""
    outcomes(catalogue, arena("Another libel.", id_="arena-z"), kill(id_="arena-z"))
    outcomes(catalogue, arena(edition=1), arena("Worse.", edition=2, id_="arena-b"), kill(2, id_="arena-b"))
    catalogue.readmit([name])
    assert catalogue.withdrawn_at("arena") is catalogue.withdrawn_at("arena-b") is None
    assert outcomes(catalogue, arena(edition=1), arena("Worse.", edition=2)) == ["added", "updated"]
    if name != "https://wire.example/arena":  # whatever was taken back there
        assert outcomes(catalogue, arena("Another libel.", id_="arena-z")) == ["withdrawn"]


def test_only_what_was_taken_back_can_be_let_in_again(catalogue: Catalogue) -> None:
    """Of several names none is, unless all were; a kill that came before its article can be undone too."""
    outcomes(catalogue, kill(2))
    with pytest.raises(NotTakenBack, match="No sender took anything back under “other”"):
        catalogue.readmit(["arena", "other"])
    assert outcomes(catalogue, arena(edition=1)) == ["withdrawn"]
    catalogue.readmit(["arena"])
    assert outcomes(catalogue, arena(edition=1)) == ["added"]


def test_another_outlets_copy_of_the_same_text_stays_out(catalogue: Catalogue) -> None:
    """Its outlet took it back as well, and nobody named it."""
    copies = [article(id_, LIBEL) for id_ in ("coast", "valley")]
    outcomes(catalogue, *copies, kill(id_="coast"), kill(id_="valley"))
    assert catalogue.readmit(["coast"]) == {"coast": ["coast"]}
    assert outcomes(catalogue, *copies) == ["added", "withdrawn"]


def test_an_article_may_be_named_twice(catalogue: Catalogue) -> None:
    """By id and by address, however that is spelt, or by the same name twice: each name is told with all of them."""
    outcomes(catalogue, arena(), kill())
    spelt = "HTTPS://Wire.example/arena/?utm_source=mail"
    everything = ["arena", "https://wire.example/arena"]
    assert catalogue.readmit(["arena", spelt, "arena"]) == {"arena": everything, spelt: everything}
    assert outcomes(catalogue, arena()) == ["added"]


def test_a_kill_of_which_nothing_was_removed_is_undone_under_each_name(catalogue: Catalogue) -> None:
    """A kill of an older version, which came when a newer one was there, is remembered under all ids of the article."""
    outcomes(catalogue, arena(edition=2), arena("It was not he.", edition=3, id_="arena-b"), kill(1))
    assert catalogue.readmit(["arena-b"]) == {"arena-b": ["arena", "arena-b"]}
    assert catalogue.withdrawn_at("arena") is None


def test_a_backup_from_before_does_not_bring_it_back(catalogue: Catalogue, tmp_path: Path) -> None:
    """What was taken back since stays out; what its sender sent instead, without a number, stays in."""
    outcomes(catalogue, arena(), article("other", "Something else."))
    before, after = tmp_path / "before.backup", tmp_path / "after.backup"
    back_up(catalogue, before)
    outcomes(catalogue, kill(), arena("It was not he."))
    back_up(catalogue, after)
    assert restore(before, catalogue.at, replace=True) == 1
    assert not is_there(catalogue)
    assert is_there(catalogue, "other")
    assert restore(after, catalogue.at, replace=True) == 2
    assert catalogue.article("arena").paragraphs == ("It was not he.",)
