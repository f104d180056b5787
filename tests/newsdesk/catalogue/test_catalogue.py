"""The catalogue: the only truth, and what it promises to keep."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from index.find.keyword import FOLLOWED, KeywordIndex
from index.text.terms import terms
from ingest.passages import split_passages
from newsdesk.catalogue import schema
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.changes import START, What
from newsdesk.catalogue.database.either import structure_faults, writing
from newsdesk.catalogue.hashes import content_hash, text_hash
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.errors import ArticleNotFound, DataFolderError
from newsdesk.types import Article, Copy, Filters, Passage, Rejected
from tests.support import ENOUGH, Process, article, day, make_up_vectors, one_each, passages_of

EVERYTHING = Filters()


# ---------------------------------------------------------------------------- putting


def test_what_was_put_comes_back_to_the_letter(catalogue: Catalogue) -> None:
    """Every field of an article is stored as it is."""
    given_ = Article(
        id="gazette/2017/01/raid?x=1#y",
        title="Raid on Al Bab — “joint”",
        paragraphs=("Erdoğan said: “No.”", "  two  spaces  ", "line\nbreak", "🛩 \x00 end"),
        source="Gazette",
        authors=("A. Writer", "B. Writer"),
        published=day("2017-01-18"),
        url="https://gazette.example/raid",
        agency="AFP",
        section="World",
        language="en",
        sample=True,
    )
    undated = Article("b", "", (), sample=True)
    assert catalogue.put([given_, undated], one_each).outcomes == ["added", "added"]
    assert catalogue.article(given_.id) == given_
    assert catalogue.article("b") == undated


def test_the_same_again_is_unchanged(catalogue: Catalogue) -> None:
    """It costs no splitting and tells the views nothing."""
    catalogue.put([article("a", "One.", "Two.")], one_each)
    change = catalogue.changes.last()

    def never(article: Article) -> list[Passage]:
        raise AssertionError("was split")

    assert catalogue.put([article("a", "One.", "Two.")], never).outcomes == ["unchanged"]
    assert catalogue.changes.last() == change


def test_an_update_keeps_what_did_not_change(catalogue: Catalogue) -> None:
    """A passage with the same text keeps its number and its vector; the others are new; the views are told of all."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    catalogue.put([article("a", "One.", "Two.", "Three.")], one_each)
    make_up_vectors(catalogue, model)
    before, change = passages_of(catalogue, "a"), catalogue.changes.last()

    assert catalogue.put([article("a", "Zero.", "One.", "Three.")], one_each).outcomes == ["updated"]

    after = passages_of(catalogue, "a")
    assert (after["One."], after["Three."]) == (before["One."], before["Three."])
    assert after["Zero."] not in before.values()
    assert [catalogue.passages([number])[number].text for number in vectors.missing(model)] == ["Zero."]
    _, told = catalogue.changes.after(change, ENOUGH) or (None, [])
    assert set(told) == {*after.values(), before["Two."]}
    assert catalogue.article("a").paragraphs == ("Zero.", "One.", "Three.")


def test_a_new_headline_is_embedded_anew(catalogue: Catalogue) -> None:
    """The headline is part of what the model reads, so its change drops the vectors, not the passages."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    catalogue.put([article("a", "One.")], one_each)
    make_up_vectors(catalogue, model)
    before = passages_of(catalogue, "a")
    catalogue.put([article("a", "One.", title="Corrected")], one_each)
    assert passages_of(catalogue, "a") == before
    assert vectors.missing(model) == list(before.values())
    assert stored_vectors(catalogue) == 0


def test_an_update_keeps_the_version_before(catalogue: Catalogue) -> None:
    """Nothing that was acknowledged is lost when a publisher changes a story."""
    for paragraph in ("First.", "Second.", "Third."):
        catalogue.put([article("a", paragraph)], one_each)
    with catalogue.engine.begin() as connection:
        versions = connection.execute(schema.versions.select().order_by(schema.versions.c.version)).all()
    assert [(row.version, row.content["paragraphs"]) for row in versions] == [(1, ["First."]), (2, ["Second."])]


def test_the_same_id_twice_in_one_batch_is_a_new_version(catalogue: Catalogue) -> None:
    """A source may repeat itself; the last one counts."""
    outcomes = catalogue.put([article("a", "One."), article("a", "Two."), article("a", "Two.")], one_each).outcomes
    assert outcomes == ["added", "updated", "unchanged"]
    assert catalogue.article("a").paragraphs == ("Two.",)


def test_a_batch_that_fails_leaves_nothing(catalogue: Catalogue) -> None:
    """One transaction: all of it or nothing."""

    def split(article: Article) -> list[Passage]:
        if article.id == "bad":
            raise ValueError("cannot be split")
        return one_each(article)

    with pytest.raises(ValueError, match="cannot be split"):
        catalogue.put([article("a", "One."), article("bad", "Two.")], split)
    assert catalogue.counts().articles == 0
    assert catalogue.changes.last() == START


@pytest.mark.parametrize(
    "changed",
    [{"title": "Other"}, {"source": "Other"}, {"published": day("2017-01-01")}, {"url": "u"}, {"authors": ("A",)}],
)
def test_the_content_hash_covers_what_a_reader_sees(changed: dict[str, Any]) -> None:
    """A change in any field is a change of the article."""
    assert content_hash(article("a", "One.", **changed)) != content_hash(article("a", "One."))


# ---------------------------------------------------------------------------- samples


def test_samples_leave_with_the_first_other_article(catalogue: Catalogue) -> None:
    """In the same transaction: nobody ever sees both, and a failed put keeps them."""
    catalogue.put([article("s1", "One.", sample=True), article("s2", "Two.", sample=True)], one_each)
    assert catalogue.counts().samples == 2
    assert catalogue.holds_samples()

    def fails(article: Article) -> list[Passage]:
        raise ValueError("cannot be split")

    with pytest.raises(ValueError, match="cannot be split"):
        catalogue.put([article("real", "Three.")], fails)
    assert catalogue.counts().samples == 2

    assert catalogue.put([article("real", "Three.")], one_each).samples_left == 2, "and it is said how many left"
    assert catalogue.put([article("next", "Four.")], one_each).samples_left == 0
    catalogue.remove(["next"])
    assert [found.id for found in catalogue.articles(EVERYTHING, ENOUGH, 0)[1]] == ["real"]
    assert catalogue.counts().samples == 0
    assert not catalogue.holds_samples()
    assert len(catalogue.passage_numbers(EVERYTHING)) == 1


def test_a_sample_drives_nothing_out(catalogue: Catalogue) -> None:
    """Samples stay together."""
    catalogue.put([article("s1", "One.", sample=True)], one_each)
    assert catalogue.put([article("s2", "Two.", sample=True)], one_each).samples_left == 0
    assert catalogue.counts().articles == 2


def test_samples_come_too_late_beside_other_articles(catalogue: Catalogue) -> None:
    """An ingest may begin while the sample is read: whoever comes last, nobody sees both."""
    catalogue.put([article("real", "One.")], one_each)
    change = catalogue.changes.last()
    assert catalogue.put(
        [article("s1", "Two.", sample=True), article("s2", "Three.", sample=True)], one_each
    ).outcomes == [
        "unchanged",
        "unchanged",
    ]
    assert (catalogue.counts().articles, catalogue.counts().samples) == (1, 0)
    assert catalogue.changes.last() == change


# ---------------------------------------------------------------------------- removing


def stored_vectors(catalogue: Catalogue) -> int:
    """How many vectors the file holds."""
    with catalogue.engine.begin() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM vectors")) or 0)


def test_removal_takes_the_vectors_nobody_else_uses(catalogue: Catalogue) -> None:
    """A vector that another article's passage needs stays; the last user takes it along."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    same = {"title": "The same headline"}
    catalogue.put([article("a", "Shared.", "Own.", **same), article("b", "Shared.", **same)], one_each)
    make_up_vectors(catalogue, model)
    assert stored_vectors(catalogue) == 2

    catalogue.remove(["a"])
    assert stored_vectors(catalogue) == 1
    assert vectors.missing(model) == []
    catalogue.remove(["b"])
    assert stored_vectors(catalogue) == 0


def test_removal_leaves_no_trace_in_the_file(file_catalogue: Catalogue) -> None:
    """What was removed, with its earlier versions, cannot be found in the bytes on the disk."""
    catalogue = file_catalogue
    secret = "Quibblesnatch confessed everything."
    catalogue.put([article("a", secret, "Other text.")], one_each)
    catalogue.put([article("a", "Harmless.", "Other text.")], one_each)
    catalogue.remove(["a"])
    with catalogue.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    assert b"Quibblesnatch" not in catalogue.file.read_bytes()


def test_an_unknown_id_removes_nothing(catalogue: Catalogue) -> None:
    """Either all of them go or none; the unknown one is named."""
    catalogue.put([article("a", "One.")], one_each)
    with pytest.raises(ArticleNotFound, match="“gone”"):
        catalogue.remove(["a", "gone"])
    assert catalogue.article("a").paragraphs == ("One.",)


def test_a_passage_number_is_never_used_again(catalogue: Catalogue) -> None:
    """A view that lags behind must not take a new passage for a removed one."""
    catalogue.put([article("a", "One.", "Two.")], one_each)
    before = set(catalogue.passage_numbers(EVERYTHING))
    catalogue.remove(["a"])
    catalogue.put([article("a", "One.", "Two.")], one_each)
    assert before.isdisjoint(catalogue.passage_numbers(EVERYTHING))


# ---------------------------------------------------------------------------- reading


def test_articles_come_newest_first_and_by_page(catalogue: Catalogue) -> None:
    """Undated ones last; pages neither overlap nor leave any out; the total counts all that pass."""
    dates = ["2017-01-02", "2017-01-05", None, "2017-01-05", "2016-12-31"]
    catalogue.put(
        [article(str(n), "T.", published=day(when) if when else None) for n, when in enumerate(dates)], one_each
    )
    pages = [catalogue.articles(EVERYTHING, 2, offset) for offset in (0, 2, 4, 6)]
    assert {total for total, _ in pages} == {5}
    assert [found.id for _, page in pages for found in page] == ["1", "3", "0", "4", "2"]


def test_filters_hold_for_articles_and_passages(catalogue: Catalogue) -> None:
    """Days are inclusive, an undated article falls out of a window and stays under `as_of`."""
    catalogue.put(
        [
            article("old", "Old.", published=day("2017-01-01"), source="A"),
            article("new", "New.", published=day("2017-01-09"), source="B"),
            article("undated", "None.", source="B"),
        ],
        one_each,
    )

    def found(filters: Filters) -> set[str]:
        total, page = catalogue.articles(filters, ENOUGH, 0)
        stored = catalogue.passages(catalogue.passage_numbers(filters)).values()
        assert {passage.article.id for passage in stored} == {item.id for item in page}
        assert total == len(page)
        return {item.id for item in page}

    assert found(Filters(published_from=day("2017-01-09"))) == {"new"}
    assert found(Filters(published_to=day("2017-01-01"))) == {"old"}
    assert found(Filters(as_of=day("2017-01-08"))) == {"old", "undated"}
    assert found(Filters(sources=("B",))) == {"new", "undated"}
    assert found(Filters(sources=("A", "B"), published_from=day("2017-01-02"))) == {"new"}
    assert found(Filters(sources=("C",))) == set()


def test_copies_are_the_other_articles_with_the_paragraph(catalogue: Catalogue) -> None:
    """Case and white space apart, oldest first, each once, never the article itself."""
    catalogue.put(
        [
            article("a", "Nine jets  flew.", published=day("2017-01-03")),
            article("late", "nine JETS\nflew.", "Nine jets flew.", published=day("2017-01-09"), url="u"),
            article("early", "Other.", "Nine jets flew.", published=day("2017-01-01"), source="Post"),
            article("apart", "Nine jets flew home.", published=day("2017-01-01")),
        ],
        one_each,
    )
    assert catalogue.copies("a", 0) == [Copy("early", "Post", ""), Copy("late", "Gazette", "u")]
    assert catalogue.copies("apart", 0) == []
    assert catalogue.copies("a", 5) == []


def test_rejects_are_listed_once_and_last_first(catalogue: Catalogue) -> None:
    """Reading the same folder again does not lengthen the list."""
    one, two = Rejected("a.txt", "", "is empty"), Rejected("b.jsonl:3", "7", "no text")
    catalogue.rejects.put([one, two])
    catalogue.rejects.put([one])
    assert catalogue.rejects.newest(10) == [one, two]
    assert catalogue.rejects.newest(1) == [one]
    assert catalogue.counts().rejects == 2


def test_the_change_log_is_read_in_pieces(catalogue: Catalogue) -> None:
    """Whatever the size of the pieces, together they name every passage that changed."""
    for number in range(3):
        catalogue.put([article(str(number), "One.", "Two.")], one_each)
    catalogue.remove(["1"])
    for limit in (1, 3, ENOUGH):
        told: set[int] = set()
        reached = START
        while True:
            now, numbers = catalogue.changes.after(reached, limit) or (START, [])
            if now == reached:
                break
            assert now > reached
            reached = now
            told.update(numbers)
        assert reached == catalogue.changes.last()
        assert told == set(range(1, 7))


def test_the_change_log_says_what_changed(catalogue: Catalogue) -> None:
    """A passage is new or changed, has got a vector, or is gone; who follows one kind is told of that alone."""
    vectors = StoredVectors(catalogue)
    model = vectors.register("m", "m")
    catalogue.put([article("harbour", "Fog.", "Rain."), article("pier", "Hail.")], one_each)
    first = catalogue.changes.last()
    assert first == catalogue.changes.last(("text",))
    make_up_vectors(catalogue, model)
    given = catalogue.changes.last()
    before = passages_of(catalogue, "harbour")
    catalogue.put([article("harbour", "Fog.", "Sleet.")], one_each)
    catalogue.remove(["pier"])

    def told(*kinds: What) -> list[int]:
        return sorted((catalogue.changes.after(first, ENOUGH, kinds) or (START, []))[1])

    after = passages_of(catalogue, "harbour")
    assert told("text") == sorted(after.values())
    assert told("vector") == [1, 2, 3]
    assert told("gone") == [before["Rain."], 3]
    assert told("text", "gone") == sorted({*told("text"), *told("gone")})
    assert catalogue.changes.last(("vector",)) == given
    assert catalogue.changes.last(("gone",)) == catalogue.changes.last() > catalogue.changes.last(("text",)) > given

    catalogue.changes.begin_anew()
    assert catalogue.changes.after(START, ENOUGH, ("vector", "gone")) == (START, [])
    _, numbers = catalogue.changes.after(START, ENOUGH, ("text",)) or (START, [])
    assert numbers == catalogue.passage_numbers(EVERYTHING), "every view has to look at each passage"


@given(st.text())
def test_texts_that_differ_in_case_and_space_only_hash_alike(value: str) -> None:
    """That is how copies are found."""
    assert text_hash(f"  {value}\n") == text_hash(value)
    assert text_hash(value.replace(" ", "\n \t")) == text_hash(value)


# ---------------------------------------------------------------------------- against a model

WORDS = ("raid", "jets", "tram", "harbour", "Erdoğan", "snow")
bodies = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join), max_size=3).map(tuple)
stories = st.builds(
    Article,
    id=st.sampled_from(["a", "b", "c/d", "s"]),
    title=st.sampled_from(["", "Snow", "Tram"]),
    paragraphs=bodies,
    source=st.sampled_from(["A", "B"]),
    published=st.sampled_from([None, day("2017-01-01"), day("2017-01-02")]),
    sample=st.booleans(),
)
steps = st.lists(
    st.lists(stories, min_size=1, max_size=3) | st.sampled_from(["a", "b", "c/d", "s", "follow"]), max_size=10
)


@contextmanager
def fresh(template: Path) -> Iterator[tuple[Path, Catalogue]]:
    """An empty catalogue for one example."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copy(template, data / "catalogue.sqlite3")
        catalogue = Catalogue(data / "catalogue.sqlite3")
        try:
            yield data, catalogue
        finally:
            catalogue.close()


@given(steps=steps)
@settings(max_examples=25)
def test_it_behaves_as_a_dictionary_and_the_keyword_view_follows(
    empty_template: Path, steps: list[list[Article] | str]
) -> None:
    """After any sequence of puts, removals and catching up: the catalogue holds what it should, the view the same."""
    with fresh(empty_template) as (data, catalogue):
        keyword = KeywordIndex(data, catalogue)
        expected: dict[str, Article] = {}
        for step in steps:
            if step == "follow":
                assert keyword.catch_up()
            elif isinstance(step, str):
                if expected.pop(step, None):
                    catalogue.remove([step])
            else:
                catalogue.put(step, split_passages)
                only_samples = all(story.sample for story in step)
                if not only_samples:
                    expected = {id_: story for id_, story in expected.items() if not story.sample}
                if not only_samples or all(story.sample for story in expected.values()):
                    expected.update({story.id: story for story in step if story.sample == only_samples})
        assert keyword.catch_up()

        assert {id_: catalogue.article(id_) for id_ in expected} == expected
        total, listed = catalogue.articles(EVERYTHING, ENOUGH, 0)
        assert (total, {item.id for item in listed}) == (len(expected), set(expected))
        counts = catalogue.counts()
        assert counts.paragraphs == sum(len(story.paragraphs) for story in expected.values())
        assert counts.samples == sum(story.sample for story in expected.values())

        stored = catalogue.passages(catalogue.passage_numbers(EVERYTHING))
        split = [passage for story in expected.values() for passage in split_passages(story)]
        assert {p.id: (p.spans, p.text, p.header) for p in stored.values()} == {
            p.id: (p.spans, p.text, p.header) for p in split
        }
        assert keyword.reached == catalogue.changes.last(FOLLOWED)
        for word in (*WORDS, "About"):
            for term in terms(word):
                for filters in (EVERYTHING, Filters(("A",)), Filters(published_from=day("2017-01-02"))):
                    having = {
                        number
                        for number in catalogue.passage_numbers(filters)
                        if term in terms(f"{stored[number].article.title}\n{stored[number].text}")
                    }
                    hits = keyword.search({term: 1.0}, ENOUGH, filters)
                    assert {number for number, _ in hits} == having
                    assert len(hits) == len(having)


# ---------------------------------------------------------------------------- the file

WRITE = """
import sys
from pathlib import Path
from typing import Any
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.types import Article
from tests.support import one_each
catalogue = Catalogue(sys.argv[1])
print("open", flush=True)
for number in range(int(sys.argv[3])):
    catalogue.put([Article(f"{sys.argv[2]}{number}", "Title", (f"Text {number}.", "Shared."))], one_each)
    print(number, flush=True)
catalogue.close()
"""


def test_two_processes_write_at_the_same_time(catalogue: Catalogue) -> None:
    """Each waits for the other's short transactions; none fails, none is lost."""
    with Process(WRITE, catalogue.at, "x", 40) as one, Process(WRITE, catalogue.at, "y", 40) as other:
        for process in (one, other):
            process.line()
        catalogue.put([article(f"z{number}", "Own.") for number in range(20)], one_each)
        one.finish()
        other.finish()
    ids = {item.id for item in catalogue.articles(EVERYTHING, ENOUGH, 0)[1]}
    assert ids == {f"{who}{n}" for who in "xy" for n in range(40)} | {f"z{n}" for n in range(20)}


def test_what_was_acknowledged_survives_a_kill(catalogue: Catalogue) -> None:
    """kill -9 in the middle of writing: every article whose transaction committed is there, whole."""
    with Process(WRITE, catalogue.at, "x", 100_000) as writer:
        writer.line()
        acknowledged = [writer.line() for _ in range(25)]
        writer.kill()
    for number in acknowledged:
        assert catalogue.article(f"x{number}").paragraphs == (f"Text {number}.", "Shared.")
        assert len(passages_of(catalogue, f"x{number}")) == 2
    assert structure_faults(catalogue.engine) == []


def test_it_opens_the_file_as_durably_as_promised(file_catalogue: Catalogue) -> None:
    """WAL, full synchronisation, deletion that overwrites, foreign keys."""
    catalogue = file_catalogue
    with catalogue.engine.begin() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_the_migrations_make_the_schema_that_the_code_is_written_for(tmp_path: Path) -> None:
    """A fresh file, migrated step by step, differs in nothing from newsdesk.catalogue.schema."""
    catalogue = Catalogue(tmp_path / "new" / "catalogue.sqlite3")
    with catalogue.engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        without_rowid_reuse = {
            row[0]
            for row in connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"))
        }
    catalogue.close()
    assert without_rowid_reuse == {
        "articles", "passages", "changes", "rejects", "removed_texts", "feedback", "runs", "saved_questions",
        "saved_findings", "keys", "shards", "embedding_parts",
    }  # fmt: skip


def test_a_newer_schema_is_refused(file_catalogue: Catalogue) -> None:
    """The message says which schema the file has, which one is known, and what to do; the file is left alone."""
    catalogue = file_catalogue
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataFolderError, match=r"newer Newsdesk \(schema “9999”.*--data"):
        Catalogue(catalogue.at)
    with catalogue.engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_what_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    """A damaged file is named and left as it is."""
    file = tmp_path / "catalogue.sqlite3"
    file.write_bytes(b"not a database at all" * 500)
    with pytest.raises(DataFolderError, match=r"catalogue\.sqlite3"):
        Catalogue(file)
    assert file.read_bytes() == b"not a database at all" * 500


def test_a_missing_archive_is_not_made_by_looking(tmp_path: Path) -> None:
    """Reading commands say what is missing and make nothing."""
    with pytest.raises(DataFolderError, match="newsdesk ingest"):
        Catalogue(tmp_path / "none" / "catalogue.sqlite3", create=False)
    assert not (tmp_path / "none").exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    """The message names the place and the option."""
    (tmp_path / "data").write_text("I am a file")
    with pytest.raises(DataFolderError, match="--data"):
        Catalogue(tmp_path / "data" / "catalogue.sqlite3")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    """The message names the file."""
    (tmp_path / "data").mkdir(mode=0o500)
    with pytest.raises(DataFolderError, match=r"catalogue\.sqlite3"):
        Catalogue(tmp_path / "data" / "catalogue.sqlite3")


def test_a_killed_migration_leaves_a_file_that_opens(tmp_path: Path) -> None:
    """Migrating is one transaction: what is there before it commits is nothing at all."""
    file = tmp_path / "catalogue.sqlite3"
    sqlite3.connect(file).close()  # made, and the process was killed before the first table
    catalogue = Catalogue(file)
    assert catalogue.counts().articles == 0
    catalogue.close()


def test_two_processes_may_open_a_new_catalogue_at_once(tmp_path: Path) -> None:
    """One migrates, the other waits and finds it done."""
    file = tmp_path / "catalogue.sqlite3"
    with Process(WRITE, file, "x", 1) as one, Process(WRITE, file, "y", 1) as other:
        one.finish()
        other.finish()
    catalogue = Catalogue(file)
    assert catalogue.counts().articles == 2
    catalogue.close()


def test_of_some_passages_those_pass_that_a_filter_leaves(catalogue: Catalogue) -> None:
    """Whichever way it is asked: which of these pass, or which of all. An article without a day passes where no first day is named."""
    days = [date(2019, 5, 1), date(2019, 8, 1), date(2020, 1, 1), None]
    articles = [
        article(f"{source}/{number}", f"{source} reported item {number}.", source=source, published=on)
        for source in ("Ferry Post", "Gazette")
        for number, on in enumerate(days)
    ]
    catalogue.put(articles, one_each)
    every = catalogue.passage_numbers(Filters())
    for filters in (
        Filters(),
        Filters(sources=("Gazette",)),
        Filters(sources=("Gazette", "Ferry Post"), published_from=date(2019, 6, 1)),
        Filters(published_to=date(2019, 12, 31)),
        Filters(as_of=date(2019, 7, 1), sources=("Ferry Post",)),
    ):
        left = catalogue.passage_numbers(filters)
        assert catalogue.passing(every, filters) == set(left)
        assert catalogue.passing(every[:3], filters) == set(left).intersection(every[:3])
    assert len(catalogue.passage_numbers(Filters(sources=("Gazette",), as_of=date(2019, 7, 1)))) == 2
