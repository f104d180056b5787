"""The keyword view: finds by words, follows the catalogue, survives what is done to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from index.find.keyword import FOLDER, FOLLOWED, KeywordIndex, discard
from index.text.terms import query_terms, terms
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.types import Filters
from tests.support import ENOUGH, Process, article, day, make_up_vectors, one_each, wait_until

MANY = 12_000  # passages: three commits of the view

FOLLOW = """
import sys
from pathlib import Path
from index.find.keyword import KeywordIndex
from newsdesk.catalogue.catalogue import Catalogue
data = Path(sys.argv[1])
print("start", flush=True)
print(KeywordIndex(data, Catalogue(data / "catalogue.sqlite3")).catch_up(), flush=True)
"""


@pytest.fixture
def keyword(catalogue: Catalogue, tmp_path: Path) -> KeywordIndex:
    """Of three articles, up to date."""
    catalogue.put(
        [
            article("raid", "Nine jets bombed al-Bab.", "Snow fell.", published=day("2017-01-18"), source="Post"),
            article("tram", "The tram is late again.", published=day("2017-01-20")),
            article("snow", "Snow, snow and more snow.", "Erdoğan spoke."),
        ],
        one_each,
    )
    index = KeywordIndex(tmp_path, catalogue)
    assert index.catch_up()
    return index


def found(keyword: KeywordIndex, catalogue: Catalogue, question: str, filters: Filters | None = None) -> list[str]:
    """Ids of the articles found, best first."""
    hits = keyword.search(dict.fromkeys(query_terms(question), 1.0), 10, filters)
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    stored = catalogue.passages([number for number, _ in hits])
    return [stored[number].article.id for number, _ in hits]


def test_it_finds_by_words_best_first(keyword: KeywordIndex, catalogue: Catalogue) -> None:
    """By what is said and by the headline; what shares no word is not found."""
    assert found(keyword, catalogue, "How much snow fell?")[0] == "raid"
    assert found(keyword, catalogue, "erdogan") == ["snow"]
    assert found(keyword, catalogue, "tram")[0] == "tram"
    assert set(found(keyword, catalogue, "raid")) == {"raid"}, "a word of the headline finds all of its article"
    assert found(keyword, catalogue, "parliament") == []


def test_following_ends_though_others_go_on_writing(keyword: KeywordIndex, catalogue: Catalogue) -> None:
    """A question asked during a long ingest waits for what was there when it was asked, and no longer."""
    added = 0

    def add_one() -> bool:
        nonlocal added
        added += 1
        catalogue.put([article(f"late {added}", "A whale swam up the river.")], one_each)
        return added < 5

    catalogue.put([article("whale", "A whale swam up the river.")], one_each)
    assert keyword.catch_up(add_one)
    assert added == 1
    assert "whale" in found(keyword, catalogue, "whale")


def test_weights_decide(keyword: KeywordIndex, catalogue: Catalogue) -> None:
    """A word with more weight brings its passages forward."""
    for heavy, first in (("tram", "tram"), ("jet", "raid")):
        light = {"tram": "jet", "jet": "tram"}[heavy]
        hits = keyword.search({heavy: 5.0, light: 0.1}, 10)
        assert catalogue.passages([hits[0][0]])[hits[0][0]].article.id == first
    assert keyword.search({}, 10) == []
    assert keyword.search({"snow": 1.0}, 0) == []


def test_filters_narrow_and_do_not_score(keyword: KeywordIndex, catalogue: Catalogue) -> None:
    """Days inclusive, undated out of a window but within `as_of`; the score is the words' alone."""
    assert found(keyword, catalogue, "snow", Filters(published_from=day("2017-01-18"))) == ["raid"]
    assert set(found(keyword, catalogue, "snow", Filters(as_of=day("2017-01-18")))) == {"raid", "snow"}
    assert set(found(keyword, catalogue, "snow", Filters(as_of=day("2017-01-17")))) == {"snow"}
    assert found(keyword, catalogue, "snow tram", Filters(sources=("Post",))) == ["raid"]
    assert found(keyword, catalogue, "snow", Filters(sources=("Nobody",))) == []
    plain = dict(keyword.search({"snow": 1.0}, 10))
    narrowed = dict(keyword.search({"snow": 1.0}, 10, Filters(("Post",), published_to=day("2018-01-01"))))
    assert narrowed
    assert all(plain[number] == pytest.approx(score) for number, score in narrowed.items())


@given(text=st.text() | st.text('"()[]{}+-:^~*?\\/ ANDORTO', max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_question_can_be_searched(keyword: KeywordIndex, text: str) -> None:
    """Quotes, brackets and operators are text like any other; every term gives a number for its rarity."""
    weights = dict.fromkeys(query_terms(text), 1.0)
    keyword.search(weights, 5)
    rarity = keyword.inverse_document_frequency(list(weights))
    assert all(value > 0 for value in rarity.values())


def test_rare_words_count_more(keyword: KeywordIndex) -> None:
    """A word in one passage is rarer than a word in two; one in none is the rarest."""
    rarity = keyword.inverse_document_frequency(["snow", "tram", "parliament"])
    assert 0 < rarity["snow"] < rarity["tram"] < rarity["parliament"]


def test_it_follows_updates_and_removals(keyword: KeywordIndex, catalogue: Catalogue) -> None:
    """Catching up shows new text, forgets old text, and never shows a passage twice."""
    catalogue.put([article("tram", "The bus is late.", "The tram is late again.")], one_each)
    catalogue.remove(["snow"])
    assert keyword.reached < catalogue.changes.last()
    assert keyword.catch_up()
    assert keyword.reached == catalogue.changes.last()
    assert found(keyword, catalogue, "bus late") == ["tram", "tram"]
    assert found(keyword, catalogue, "tram late again").count("tram") == 2
    assert found(keyword, catalogue, "Erdoğan") == []


def test_a_second_reader_sees_what_the_writer_committed(
    keyword: KeywordIndex, catalogue: Catalogue, tmp_path: Path
) -> None:
    """Whoever catches up, everyone finds; without anything to do it opens no writer."""
    reader = KeywordIndex(tmp_path, catalogue)
    catalogue.put([article("new", "A whale was seen.")], one_each)
    assert keyword.catch_up()
    assert reader.catch_up()
    assert found(reader, catalogue, "whale") == ["new"]


def test_while_another_process_writes_it_says_so(big: Catalogue, tmp_path: Path) -> None:
    """It neither waits nor fails: the other one will do it, and it can be read meanwhile."""
    catalogue = big
    keyword = KeywordIndex(tmp_path, catalogue)
    with Process(FOLLOW, tmp_path) as writer:
        writer.line()
        outcomes = set()
        wait_until(lambda: (tmp_path / FOLDER / ".tantivy-writer.lock").exists() or writer.ended())
        while not writer.ended():
            outcomes.add(keyword.catch_up())
            keyword.search({"snow": 1.0}, 5)
        assert writer.finish() == "True"
    assert keyword.catch_up()
    assert keyword.reached == catalogue.changes.last()
    assert False in outcomes
    assert_equal(keyword, catalogue, MANY)


# ---------------------------------------------------------------------------- what does not change a ranking


def in_portions(catalogue: Catalogue, keyword: KeywordIndex) -> None:
    """Fills the archive as a service does: the view follows after each few articles and each few vectors.

    Every third article says the same as others, so that there are more equal scores than anyone asks for.
    """
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    for portion in range(12):
        stories = []
        for n in range(portion * 5, portion * 5 + 5):
            own = " ".join(f"barge{n % divisor}" for divisor in (2, 5, 7, 11))
            said = "The canal froze over." if n % 3 == 0 else f"The canal carried {own} past lock {n % 4}."
            stories.append(article(f"n{n}", said, f"{own} waited.", title=f"Canal {n % 3}"))
        catalogue.put(stories, one_each)
        assert keyword.catch_up()
        if portion % 2:
            make_up_vectors(catalogue, model)
            assert keyword.catch_up()


def rankings(keyword: KeywordIndex) -> list[object]:
    """Hits with their scores, few and many, exact and near, and how rare the words are."""
    asked = (
        "canal",
        "frozen canal",
        "barge1 barge3 lock",
        "canal past lock 2",
        "barge0 waiting",
        "cannal",
        "Canal 2 barge10",
    )
    filters = Filters(published_to=day("2030-01-01"), as_of=day("2030-01-01"))
    found: list[object] = [keyword.inverse_document_frequency(query_terms(" ".join(asked)))]
    for question in asked:
        weights = dict.fromkeys(query_terms(question), 1.0)
        found += [keyword.search(weights, limit, near=near) for limit in (1, 3, 10, ENOUGH) for near in (False, True)]
        found.append(keyword.search(weights, 10, filters))
    return found


def test_a_rebuild_changes_no_ranking(catalogue: Catalogue, tmp_path: Path) -> None:
    """Scores, and who comes first of equals, follow from what the archive holds, not from how it was filled."""
    keyword = KeywordIndex(tmp_path, catalogue)
    in_portions(catalogue, keyword)
    before = rankings(keyword)
    assert any(before)

    catalogue.changes.begin_anew()
    discard(tmp_path)
    rebuilt = KeywordIndex(tmp_path, catalogue)
    assert rebuilt.catch_up()
    assert rankings(rebuilt) == before


def test_of_equals_the_first_come_first(catalogue: Catalogue, tmp_path: Path) -> None:
    """However few are asked for, and wherever in the files they are: those that were changed last lie at the end."""
    keyword = KeywordIndex(tmp_path, catalogue)
    for n in range(30):
        catalogue.put([article(f"n{n}", "Hail fell on the orchard.", title="Weather")], one_each)
        assert keyword.catch_up()
    for n in (4, 0, 17):
        catalogue.put([article(f"n{n}", "Hail fell on the orchard.", title="Weather", section="Farms")], one_each)
        assert keyword.catch_up()
    numbers = catalogue.passage_numbers(Filters())
    for limit in (1, 2, 7, 29, 30, 31):
        hits = keyword.search({"hail": 1.0, "orchard": 2.0}, limit)
        assert [number for number, _ in hits] == numbers[:limit]


def test_vectors_are_no_business_of_the_words(keyword: KeywordIndex, catalogue: Catalogue, tmp_path: Path) -> None:
    """When they come, and when they are dropped, not a byte of the view is written, and it is up to date."""

    def files() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in (tmp_path / FOLDER).iterdir()}

    before, stands = files(), keyword.reached
    vectors = StoredVectors(catalogue)
    make_up_vectors(catalogue, vectors.register("m", "m"))
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text("UPDATE vectors SET vector = zeroblob(32) WHERE number < 3"))
    assert vectors.drop_damaged() == 2
    assert keyword.catch_up()
    assert keyword.reached == stands == catalogue.changes.last(FOLLOWED) < catalogue.changes.last()
    assert files() == before

    catalogue.remove(["tram"])
    assert keyword.catch_up()
    assert found(keyword, catalogue, "tram") == []


def test_an_archive_that_lost_everything_is_up_to_date(
    keyword: KeywordIndex, catalogue: Catalogue, tmp_path: Path
) -> None:
    """No passage is left to say how far the view has come, and it knows all the same; it goes on from there."""
    catalogue.remove(["raid", "tram", "snow"])
    assert keyword.catch_up()
    assert keyword.search({"snow": 1.0}, 10) == []
    reopened = KeywordIndex(tmp_path, catalogue)
    assert reopened.reached == catalogue.changes.last()
    catalogue.put([article("again", "More snow.")], one_each)
    assert reopened.catch_up()
    assert reopened.reached == catalogue.changes.last()
    assert found(reopened, catalogue, "snow") == ["again"]


# ---------------------------------------------------------------------------- what is done to it


@pytest.fixture(scope="module")
def big_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue that takes the view a while."""
    catalogue = Catalogue(tmp_path_factory.mktemp("big") / "catalogue.sqlite3")
    put_many(catalogue, MANY)
    catalogue.close()
    return catalogue.file


@pytest.fixture
def big(big_file: Path, tmp_path: Path) -> Iterator[Catalogue]:
    """A copy of it, for this test alone."""
    catalogue = Catalogue(Path(shutil.copy(big_file, tmp_path / "catalogue.sqlite3")))
    yield catalogue
    catalogue.close()


def put_many(catalogue: Catalogue, many: int) -> None:
    """Articles with `many` passages, each with one word of its own."""
    each = 400
    catalogue.put(
        [
            article(f"a{start}", *(f"Snow w{number}x" for number in range(start, start + each)))
            for start in range(0, many, each)
        ],
        one_each,
    )


def assert_equal(keyword: KeywordIndex, catalogue: Catalogue, many: int) -> None:
    """The view finds every passage of the catalogue, each once."""
    numbers = catalogue.passage_numbers(Filters())
    assert len(numbers) == many
    hits = [number for number, _ in keyword.search({"snow": 1.0}, many + ENOUGH)]
    assert sorted(hits) == numbers
    stored = catalogue.passages(numbers[:: max(1, many // 50)])
    for number, passage in stored.items():
        [own] = terms(passage.text.split()[1])
        assert [hit for hit, _ in keyword.search({own: 1.0}, 5)] == [number]


@pytest.mark.parametrize("commits", [0, 1, 2])
def test_a_killed_writer_leaves_a_view_that_knows_where_it_stands(big: Catalogue, tmp_path: Path, commits: int) -> None:
    """kill -9 before, between and within commits: what is reopened goes on and ends equal to the catalogue."""
    catalogue = big
    keyword = KeywordIndex(tmp_path, catalogue)
    with Process(FOLLOW, tmp_path) as writer:
        writer.line()
        wait_until(lambda: keyword.reached.sequence >= 5_000 * commits or writer.ended())
        writer.kill()
    reached = keyword.reached.sequence
    assert len(keyword.search({"snow": 1.0}, ENOUGH * 10)) == reached, "it holds exactly what it says"

    reopened = KeywordIndex(tmp_path, catalogue)
    assert reopened.catch_up()
    assert reopened.reached == catalogue.changes.last()
    assert_equal(reopened, catalogue, MANY)


def _all_files(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def _segments(folder: Path) -> None:
    for file in folder.iterdir():
        if file.suffix in (".idx", ".term", ".fast", ".store"):
            file.unlink()


def _store(folder: Path) -> None:
    for file in folder.glob("*.store"):
        file.unlink()


def _meta(folder: Path) -> None:
    (folder / "meta.json").unlink()


def _empty_meta(folder: Path) -> None:
    (folder / "meta.json").write_text("")


def _cut(folder: Path) -> None:
    for file in folder.iterdir():
        if file.suffix in (".idx", ".term", ".fast", ".store"):
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _folder(folder: Path) -> None:
    shutil.rmtree(folder)


def test_while_it_is_made_again_others_search_what_was_there(
    keyword: KeywordIndex, catalogue: Catalogue, tmp_path: Path
) -> None:
    """After a purge a service goes on answering: no moment shows an empty index, or a part of one; stopped, it begins again."""
    many = [article(f"a{number}", f"The pier number {number} is closed.") for number in range(40)]
    catalogue.put(many, one_each)
    keyword.catch_up()
    catalogue.changes.begin_anew()
    beside, seen = KeywordIndex(tmp_path, catalogue), []

    def goes_on() -> bool:
        seen.append(len(beside.search({"pier": 1.0}, 100)))
        return True

    assert not keyword.catch_up(lambda: goes_on() and len(seen) < 2)
    assert len(beside.search({"pier": 1.0}, 100)) == 40
    assert keyword.catch_up(goes_on)
    assert seen == [40] * len(seen)
    assert len(keyword.search({"pier": 1.0}, 100)) == 40
    assert keyword.reached == catalogue.changes.last()


@pytest.mark.parametrize("damage", [_all_files, _segments, _store, _meta, _empty_meta, _cut, _folder])
def test_a_damaged_view_is_made_again(
    keyword: KeywordIndex, catalogue: Catalogue, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Whatever is missing or cut off, opening it again ends with a view that equals the catalogue."""
    del keyword
    damage(tmp_path / FOLDER)
    reopened = KeywordIndex(tmp_path, catalogue)
    assert reopened.catch_up()
    assert reopened.reached == catalogue.changes.last()
    assert set(found(reopened, catalogue, "snow")) == {"raid", "snow"}
    assert found(reopened, catalogue, "tram") == ["tram"]


SHORT_OF_DESCRIPTORS = """
import logging, os, resource, sys
from pathlib import Path
from index.find.keyword import KeywordIndex
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.errors import DataFolderError
from tests.support import article, one_each
logging.basicConfig(stream=sys.stdout, format="%(message)s")
data = Path(sys.argv[1])
catalogue = Catalogue(data / "catalogue.sqlite3")
keyword = KeywordIndex(data, catalogue)
other = KeywordIndex(data, catalogue)
catalogue.put([article("new", "A whale was seen.")], one_each)
assert other.catch_up()
before = resource.getrlimit(resource.RLIMIT_NOFILE)
lowest = os.open(os.devnull, os.O_RDONLY)
os.close(lowest)
resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
failed = 0
for attempt in (keyword.catch_up, lambda: keyword.search({"whale": 1.0}, 5)):
    try:
        attempt()
    except DataFolderError as error:
        print(error)
        failed += 1
resource.setrlimit(resource.RLIMIT_NOFILE, before)
print("failed:", failed)
print(keyword.catch_up(), len(keyword.search({"whale": 1.0}, 5)))
"""


def test_a_lack_of_descriptors_is_not_taken_for_damage(
    keyword: KeywordIndex, catalogue: Catalogue, tmp_path: Path
) -> None:
    """What fails for it works again once there are some; the view is not made again."""
    assert keyword.reached == catalogue.changes.last()
    with Process(SHORT_OF_DESCRIPTORS, tmp_path) as process:
        said = process.finish().splitlines()
    assert said[-1] == "True 1"
    assert said[-2] != "failed: 0", said
    assert not [line for line in said if "made again" in line], said


def test_a_view_of_another_catalogue_is_made_again(keyword: KeywordIndex, tmp_path: Path) -> None:
    """When another file was put in the catalogue's place, the view must not answer for what is not there."""
    another = Catalogue(tmp_path / "elsewhere" / "catalogue.sqlite3")
    another.put([article("whale", "A whale was seen.")], one_each)
    another.put([article(f"more {n}", f"Text {n}.") for n in range(9)], one_each)
    assert another.changes.last().sequence > keyword.reached.sequence, "its numbers alone do not give it away"
    reopened = KeywordIndex(tmp_path, another)
    assert reopened.catch_up()
    assert reopened.reached == another.changes.last()
    assert found(reopened, another, "whale") == ["whale"]
    assert reopened.search({"snow": 1.0}, 10) == []
    another.close()


def test_a_discarded_view_is_made_afresh(keyword: KeywordIndex, catalogue: Catalogue, tmp_path: Path) -> None:
    """`newsdesk rebuild` throws it away; so may anybody, also when there is none."""
    del keyword
    discard(tmp_path)
    discard(tmp_path)
    assert list((tmp_path / FOLDER).iterdir()) == []
    reopened = KeywordIndex(tmp_path, catalogue)
    assert reopened.reached == START
    assert reopened.catch_up()
    assert found(reopened, catalogue, "tram") == ["tram"]
