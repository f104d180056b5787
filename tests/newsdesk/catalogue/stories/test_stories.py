"""Which articles are one story: whatever the order they come in, and whoever leaves."""

from __future__ import annotations

import random
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from eval.formulas.metrics import adjusted_rand_index
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.stories.same import are_one_story, sameness
from newsdesk.catalogue.stories.words import words_of
from newsdesk.catalogue.upkeep.soundness import check
from newsdesk.types import Article, Copy
from tests import copies
from tests.support import article, one_each

MILL = (
    "A windmill from 1742 was moved eleven miles to Great Sallow on Monday, its sails tied down and its cap on a second lorry.",
    "Millwright Edda Kroll took it apart in June and numbered 2,316 beams. “It is a clock that eats grain,” she said.",
    "The move cost 390,000 crowns, most of it given by the brewers' guild of Lower Tarn. Grinding begins on Whit Sunday.",
)
FLOUR = (
    "Bakers in Great Sallow will get flour from a windmill again for the first time since 1938, the guild said on Monday.",
    "Baker Jon Hasek has ordered two tonnes. He wants to bake a loaf that weighs as much as the mayor, some 84 kilos.",
    "A school class from Pemberly painted the 24 doors of the granary and named a cat after the millwright.",
)
QUIET = (
    "The council of Nether Wick met for nine minutes, approved the minutes of its last meeting and went home to tea.",
)
DAY = date(2020, 6, 8)


def told(id_: str, *paragraphs: str, source: str = "", day: date = DAY) -> Article:
    """An article of that day, of an outlet of its own."""
    return article(id_, *paragraphs, source=source or f"Outlet of {id_}", published=day)


ORIGINAL = told("original", *MILL)
CUT = told("cut", MILL[0])
OTHER_WIRE = told("other wire", *FLOUR)
MERGED = told("merged", MILL[0], FLOUR[0], MILL[1], FLOUR[1])
ALONE = told("alone", *QUIET)
EVERY = (ORIGINAL, CUT, OTHER_WIRE, MERGED, ALONE)


def partition(catalogue: Catalogue, articles: tuple[Article, ...]) -> set[tuple[str, ...]]:
    """The stories of these articles."""
    return {tuple(sorted(catalogue.stories.of(each.id))) for each in articles}


def test_a_copy_that_was_cut_is_of_the_same_story(catalogue: Catalogue) -> None:
    """Numbered by the first article; the archive's counts know."""
    catalogue.put([ORIGINAL, ALONE], one_each)
    catalogue.put([CUT], one_each)
    assert catalogue.stories.of("cut") == ["original", "cut"]
    assert catalogue.counts().stories == 2
    assert catalogue.duplicates(["original", "alone"]) == 0
    assert catalogue.duplicates(["cut"]) == 1
    stored = catalogue.passages([1, 2, 3, 4, 5])
    assert {passage.story for passage in stored.values() if passage.article.id in ("original", "cut")} == {1}


def test_a_bridge_makes_one_story_and_its_removal_two(catalogue: Catalogue) -> None:
    """Two agencies' reports of one event, and the article that merged them; also when it is changed to something else."""
    catalogue.put([ORIGINAL, CUT, OTHER_WIRE, ALONE], one_each)
    apart = {("cut", "original"), ("other wire",), ("alone",)}
    assert partition(catalogue, (ORIGINAL, OTHER_WIRE, ALONE)) == apart
    catalogue.put([MERGED], one_each)
    together = {("cut", "merged", "original", "other wire"), ("alone",)}
    assert partition(catalogue, (ORIGINAL, OTHER_WIRE, ALONE)) == together
    catalogue.remove(["merged"])
    assert partition(catalogue, (ORIGINAL, OTHER_WIRE, ALONE)) == apart
    catalogue.put([MERGED], one_each)
    catalogue.put([told("merged", *(f"{text} Nothing of it was true." for text in QUIET))], one_each)
    assert ("cut", "original") in partition(catalogue, (ORIGINAL,))
    assert catalogue.stories.of("other wire") == ["other wire"]
    assert not catalogue.stories.mend()


def test_the_first_article_leaves_and_its_story_stays(catalogue: Catalogue) -> None:
    """It is then numbered by the next one; nothing is left of the one that left."""
    catalogue.put([ORIGINAL, CUT, told("whole", *MILL)], one_each)
    catalogue.remove(["original"])
    assert catalogue.stories.of("whole") == ["cut", "whole"]
    with catalogue.engine.begin() as connection:
        assert connection.execute(text("SELECT DISTINCT story FROM stories")).all() == [(2,)]
        assert connection.execute(text("SELECT count(*) FROM sketches WHERE article = 1")).scalar() == 0


@pytest.mark.parametrize("size", [1, 4, 9])
@pytest.mark.parametrize("backwards", [False, True])
def test_many_copies_without_names_are_one_story(catalogue: Catalogue, size: int, backwards: bool) -> None:
    """Nine tables of the tides that differ in a number alone hold nothing that says what they are about."""
    tides = "The water rises until noon and then it goes down until the sun sets. Two boats wait by the pier for it. "
    many = [told(f"tide-{number}", f"On table {number}. {tides * 12}".strip()) for number in range(9)]
    many = many[::-1] if backwards else many
    for start in range(0, len(many), size):
        catalogue.put(many[start : start + size], one_each)
    assert catalogue.counts().stories == 1
    assert catalogue.duplicates([each.id for each in many]) == 8


@settings(max_examples=8)
@given(order=st.permutations(EVERY), size=st.integers(1, 5), gone=st.sets(st.sampled_from([each.id for each in EVERY])))
def test_order_and_batches_and_detours_change_nothing(
    order: list[Article], size: int, gone: set[str], empty_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The stories are those of what is there, however it came, what left before, and however often it is sent again."""
    catalogue = Catalogue(Path(shutil.copy(empty_template, tmp_path_factory.mktemp("order"))))
    for start in range(0, len(order), size):
        catalogue.put(order[start : start + size], one_each)
    together = {("cut", "merged", "original", "other wire"), ("alone",)}
    assert partition(catalogue, EVERY) == together
    catalogue.remove(sorted(gone))
    catalogue.put(order, one_each)
    catalogue.put(order, one_each)
    assert partition(catalogue, EVERY) == together
    assert not catalogue.stories.mend()
    catalogue.close()


def test_texts_of_one_template_are_not_one_story(catalogue: Catalogue) -> None:
    """The same words around other names and figures are another report, of the same day and outlet or not."""
    frame = (
        "The ferry from {0} to {1} will sail {2} times a day from May {3}, the harbour office said. A crossing takes {4} minutes.",
        "Cars are charged {5} crowns and walkers {6}. The timetable hangs on the quay, and dogs travel free on a lead.",
    )
    here = [paragraph.format("Ostby", "Lingen", 4, 12, 35, 90, 15) for paragraph in frame]
    there = [paragraph.format("Varde", "Hollum", 7, 19, 50, 120, 22) for paragraph in frame]
    catalogue.put([told("here", *here), told("there", *there), told("again", *here)], one_each)
    assert catalogue.stories.of("here") == ["here", "again"]
    assert catalogue.stories.of("there") == ["there"]


def test_a_page_of_briefs_does_not_make_its_stories_one(catalogue: Catalogue) -> None:
    """It is with one of them at most."""
    other = (
        "A heron stole eleven carp from the pond of Castle Wendel in one night, gamekeeper Ulf Brannick said on Monday.",
        "The castle wants to hang up a mirror. “It hates other herons,” said Brannick, who lost his sandwich to the bird too.",
    )
    briefs = told("briefs", MILL[0], other[0])
    for order in ([ORIGINAL, told("heron", *other), briefs], [briefs, told("heron", *other), ORIGINAL]):
        catalogue.put(order, one_each)
        assert "heron" not in catalogue.stories.of("original")
        catalogue.remove([each.id for each in order])


def test_exact_copies_are_one_story_whatever_their_days(catalogue: Catalogue) -> None:
    """And however short they are; near copies must be of the same days."""
    years_later = date(2024, 1, 1)
    catalogue.put([told("a", "No trams."), told("b", "no  trams.", day=years_later)], one_each)
    catalogue.put([ORIGINAL, told("late", *MILL[:2], day=years_later)], one_each)
    assert catalogue.stories.of("b") == ["a", "b"]
    assert catalogue.stories.of("late") == ["late"]


def test_also_in_names_near_copies_where_the_words_stand(catalogue: Catalogue) -> None:
    """The sentence in another paragraph, with other quotation marks, counts; nothing after `as_of`; no copy without the words."""
    sentence = MILL[1].split(". ")[1]
    joined = f"{MILL[0]} {MILL[1]}".replace("“", '"').replace("”", '"')
    later = date(2020, 6, 9)
    catalogue.put([ORIGINAL, CUT, told("joined", joined, source="Mill News", day=later)], one_each)
    assert catalogue.copies("original", 1, None, sentence) == [Copy("joined", "Mill News", "")]
    assert catalogue.copies("original", 1, DAY, sentence) == []
    assert [copy.article_id for copy in catalogue.copies("original", 0)] == ["cut"]


def test_what_an_older_version_stored_is_caught_up(catalogue: Catalogue) -> None:
    """In small steps; who is stopped goes on from there, and in the end it is as if all had come today."""
    catalogue.put(EVERY, one_each)
    many = [
        told(f"more {number}", f"{QUIET[0]} It was meeting number {number} of {number + 7}.") for number in range(40)
    ]
    catalogue.put(many, one_each)
    expected = partition(catalogue, (*EVERY, *many))
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text("DELETE FROM stories"))
    assert catalogue.stories.pending() == len(EVERY) + len(many) == catalogue.counts().stories
    steps = iter([True, False])
    catalogue.stories.catch_up(keep_going=lambda: next(steps))
    assert 0 < catalogue.stories.pending() < len(many)
    reports: list[tuple[int, int]] = []
    catalogue.stories.catch_up(lambda done, total: reports.append((done, total)))
    assert catalogue.stories.pending() == 0
    assert reports[-1][0] == reports[-1][1]
    assert partition(catalogue, (*EVERY, *many)) == expected


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE stories SET story = 5 WHERE article = 2",
        "UPDATE stories SET text_hash = '' WHERE article = 1",
        "DELETE FROM sketches WHERE article = 1",
        "UPDATE sketches SET day = 7 WHERE article = 2",
        "UPDATE stories SET last_hash = 1 WHERE article = 1",
    ],
)
def test_check_mends_what_is_not_as_it_should_be(catalogue: Catalogue, damage: str) -> None:
    """The stories can be made again from the texts, so nothing is lost."""
    catalogue.put(EVERY, one_each)
    expected = partition(catalogue, EVERY)
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text(damage))
    findings = check(catalogue)
    assert findings.stories > 0
    assert not findings.damaged
    assert partition(catalogue, EVERY) == expected
    assert check(catalogue).stories == 0


def test_the_hard_set(tmp_path: Path) -> None:
    """Reports cut, re-led and merged are told from look-alikes, better than by MinHash; another order changes nothing."""
    for half, least in (("first", 0.95), ("second", 0.85)):
        told_apart = copies.hard_set(half)
        articles = [each.article for each in told_apart]
        gold = [each.story for each in told_apart]
        (tmp_path / half).mkdir()
        found = copies.stories_of(articles, tmp_path / half)
        index = adjusted_rand_index(gold, found)
        assert index >= least
        assert index > adjusted_rand_index(gold, copies.by_minhash(articles, 0.15)) + 0.1
        shuffled = random.Random(7).sample(articles, len(articles))
        (tmp_path / f"{half} again").mkdir()
        assert set(copies.stories_of(shuffled, tmp_path / f"{half} again")) == set(found)


def test_light_edits(tmp_path: Path) -> None:
    """Precision and recall of pairs are 0.95 at least."""
    edited = list(copies.lightly_edited(3))
    found = copies.stories_of([each.article for each in edited], tmp_path)
    precision, recall = copies.precision_and_recall([each.story for each in edited], found)
    assert precision >= 0.95
    assert recall >= 0.95


@given(st.lists(st.text(max_size=60), max_size=4), st.lists(st.text(max_size=60), max_size=4), st.integers(0, 40))
def test_sameness_is_symmetric_and_bounded(one: list[str], other: list[str], days: int) -> None:
    """Of any two texts, in any script."""
    mine, theirs = words_of(one), words_of(other)
    assert sameness(mine, theirs)[0] == pytest.approx(sameness(theirs, mine)[0]) or len(mine.shingles) == len(
        theirs.shingles
    )
    assert -1 <= sameness(mine, theirs)[0] <= 1
    assert sorted(set(mine.sketch)) == list(mine.sketch)
    assert isinstance(are_one_story(mine, theirs, days), bool)


@pytest.mark.parametrize(
    "text_",
    [
        "يعود القطار الليلي بين المدينتين بعد سبع سنوات من توقفه وتبدأ المبيعات في الأول من الشهر القادم بسعر ٣٩ دينارا",
        "夜行列車が七年ぶりに二つの都市を結び、切符は来月一日に発売される。座席は三十九ユーロから。",
        "der nachtzug zwischen den beiden städten fährt nach sieben jahren wieder und die karten kosten ab neununddreißig euro",
    ],
)
def test_any_script_will_do(text_: str) -> None:
    """A copy with a sentence before it is a copy where there are no capitals and no spaces, too."""
    half = len(text_) // 2
    assert are_one_story(words_of([text_]), words_of([text_[:half] + text_[half:], text_[:9]]), 0)
