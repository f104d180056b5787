"""The same id or address with other text is a version: the newest is answered from, and every older one is kept."""

from __future__ import annotations

import shutil
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.passages import split_passages
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.errors import ArticleNotFound
from newsdesk.types import Article, Filters
from tests.support import ENOUGH, article, one_each

AT = "https://daily.example/regatta"


def texts(catalogue: Catalogue, id_: str) -> list[str]:
    """What each version said, the oldest first."""
    return [version.article.paragraphs[0] for version in catalogue.history(id_).versions if version.article]


def listed(catalogue: Catalogue) -> list[str]:
    return [about.id for about in catalogue.articles(Filters(), ENOUGH, 0)[1]]


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
@pytest.mark.parametrize("told", ["edition", "moment"])
def test_an_older_version_never_replaces_a_newer_one(catalogue: Catalogue, order: tuple[int, ...], told: str) -> None:
    """In whatever order three versions come, the newest is answered from and the history is in their publisher's order."""
    for number in order:
        which = {"edition": number} if told == "edition" else {"modified": f"2022-06-0{number}T12:00:00Z"}
        catalogue.put([article("regatta", f"Crew {number} won.", **which)], one_each)
    assert catalogue.article("regatta").paragraphs == ("Crew 3 won.",)
    assert texts(catalogue, "regatta") == ["Crew 1 won.", "Crew 2 won.", "Crew 3 won."]
    assert [version.number for version in catalogue.history("regatta").versions] == [1, 2, 3]
    assert not check(catalogue).damaged


def test_what_is_read_again_changes_nothing(catalogue: Catalogue) -> None:
    """A folder of all versions can be read as often as one likes."""
    versions = [article("regatta", f"Crew {n} won.", edition=n) for n in (2, 1, 3)]
    catalogue.put(versions, one_each)
    assert catalogue.put(versions, one_each).outcomes == ["unchanged"] * 3
    assert len(texts(catalogue, "regatta")) == 3


def test_an_older_text_that_comes_back_is_a_new_version(catalogue: Catalogue) -> None:
    """What was corrected by mistake is put right again; each step is kept."""
    for text in ("Blue won.", "Red won.", "Blue won."):
        catalogue.put([article("regatta", text)], one_each)
    assert texts(catalogue, "regatta") == ["Blue won.", "Red won.", "Blue won."]


def test_a_new_stamp_on_the_same_text_is_no_version(catalogue: Catalogue) -> None:
    """Systems touch articles without changing a word; but the stamp counts for what comes late."""
    catalogue.put([article("regatta", "Blue won.", modified="2022-06-01T10:00:00Z")], one_each)
    assert catalogue.put([article("regatta", "Blue won.", modified="2022-06-05")], one_each).outcomes == ["unchanged"]
    assert catalogue.put([article("regatta", "Red won.", modified="2022-06-03")], one_each).outcomes == ["older"]
    assert texts(catalogue, "regatta") == ["Red won.", "Blue won."]
    assert not check(catalogue).damaged


def test_a_day_is_neither_before_nor_after_an_hour_of_it(catalogue: Catalogue) -> None:
    """Then the one that came last counts as the newer one."""
    catalogue.put([article("regatta", "Blue won.", modified="2022-06-01T10:00:00Z")], one_each)
    assert catalogue.put([article("regatta", "Red won.", modified="2022-06-01")], one_each).outcomes == ["updated"]


def test_one_address_is_one_article(catalogue: Catalogue) -> None:
    """Another id with the same address, however it is spelt, is a version; it is found and removed under each id."""
    catalogue.put([article("row-1", "Blue won.", url=f"{AT}?utm_source=feed")], one_each)
    again = article("row-2", "Red won.", url=f"{AT}/")
    assert catalogue.put([again], one_each).outcomes == ["updated"]
    assert listed(catalogue) == ["row-1"]
    assert catalogue.article("row-2") == catalogue.article("row-1")
    assert catalogue.history("row-2").also_known_as == ("row-2",)
    both = [article("row-1", "Blue won.", url=AT + "?utm_source=feed"), again]
    assert catalogue.put(both, one_each).outcomes == ["unchanged", "unchanged"], "an export that is read again"
    catalogue.remove(["row-2"])
    with pytest.raises(ArticleNotFound):
        catalogue.article("row-1")
    assert catalogue.put([again], one_each).outcomes == ["added"]
    assert listed(catalogue) == ["row-2"]


@pytest.mark.parametrize(
    "url", ["https://daily.example/", "https://daily.example", "https://daily.example/live#post-4"]
)
def test_an_address_of_more_than_one_article_joins_none(catalogue: Catalogue, url: str) -> None:
    """Front pages, and the posts of a live blog."""
    catalogue.put([article("a", "One thing.", url=url), article("b", "Another thing.", url=url)], one_each)
    assert sorted(listed(catalogue)) == ["a", "b"]


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from((None, "a", "b"))), max_size=12)
)
@settings(max_examples=25)
def test_each_id_leads_to_one_article(empty_template: Path, sent: list[tuple[str, str, str | None]]) -> None:
    """Whatever ids share an address: each that ever came leads to an article, and removing any removes that one whole."""
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(Path(shutil.copy(empty_template, folder)))
        for id_, text, page in sent:
            url = f"https://daily.example/{page}" if page else ""
            catalogue.put([article(id_, f"They say {text}.", url=url)], one_each)
        ids = {id_ for id_, _, _ in sent}
        for id_ in sorted(ids):
            assert catalogue.article(id_).id in listed(catalogue)
        for id_ in sorted(ids):
            try:
                gone = catalogue.article(id_).id
            except ArticleNotFound:
                continue  # it went under another id
            catalogue.remove([id_])
            assert gone not in listed(catalogue)
        assert listed(catalogue) == []
        assert not check(catalogue).damaged
        catalogue.close()


def test_a_revision_knows_the_version_before(catalogue: Catalogue) -> None:
    """So that a citation can say what was corrected."""
    catalogue.put([Article("regatta", "Regatta", ("Nine boats.",))], split_passages)
    assert catalogue.revision("regatta").before is None
    catalogue.put([Article("regatta", "Regatta", ("Ten boats.",))], split_passages)
    revision = catalogue.revision("regatta")
    assert revision.number == 2
    assert revision.before is not None
    assert revision.before.paragraphs == ("Nine boats.",)
