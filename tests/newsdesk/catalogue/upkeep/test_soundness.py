"""What the disk changed is found out, and no reader ever sees it as if it were what was stored."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.upkeep.soundness import Findings, check
from newsdesk.catalogue.vectors import Progress, StoredVectors
from newsdesk.errors import CatalogueDamaged
from newsdesk.types import Filters, Question
from tests.support import article, day, make_up_vectors, one_each

if TYPE_CHECKING:
    from index.archive import Archive


@pytest.fixture
def archive(file_catalogue: Catalogue) -> Catalogue:
    """Eight articles, one of them changed once, all with vectors."""
    catalogue = file_catalogue
    more: dict[str, Any] = {"authors": ("Ada Quill",), "published": day("2021-03-02")}
    urls = [f"https://gazette.example/{n}" for n in range(8)]  # of one address they would be versions of one article
    catalogue.put([article("3", "The first version of text 3.", url=urls[3], **more)], one_each)
    texts = ((f"Text {n} of the story.", f"More {n}.") for n in range(8))
    catalogue.put([article(str(n), *text, url=urls[n], **more) for n, text in enumerate(texts)], one_each)
    make_up_vectors(catalogue, StoredVectors(catalogue).register("m", "m"))
    return catalogue


def execute(file: Path, statement: str) -> None:
    """As a disk does: without any code of ours."""
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def test_a_sound_archive_is_sound(archive: Catalogue, sample_archive: Archive) -> None:
    """Nothing is found, nothing dropped, everything read; the sample too."""
    seen: list[tuple[int, int]] = []
    assert check(archive, lambda done, total: seen.append((done, total))) == Findings((), (), 0)
    assert seen[-1] == (8, 8)
    findings = check(sample_archive.catalogue)
    assert findings == Findings((), (), 0)
    assert findings.message() == ""


def test_an_empty_archive_is_sound(catalogue: Catalogue) -> None:
    """There is nothing that could be wrong."""
    assert check(catalogue) == Findings((), (), 0)


OF_4 = "(SELECT number FROM articles WHERE id = '4')"
DAMAGES = {
    "title": "UPDATE articles SET title = 'Abouu 4' WHERE id = '4'",
    "source": "UPDATE articles SET source = 'Gazettd' WHERE id = '4'",
    "day": "UPDATE articles SET day = day + 4 WHERE id = '4'",
    "no day": "UPDATE articles SET day = -1 WHERE id = '4'",
    "far day": "UPDATE articles SET day = 4611686018427387904 WHERE id = '4'",
    "day that is text": "UPDATE articles SET day = 'x' WHERE id = '4'",
    "url": "UPDATE articles SET url = url || '!' WHERE id = '4'",
    "authors": "UPDATE articles SET authors = '[\"Ada Quilm\"]' WHERE id = '4'",
    "authors no JSON": "UPDATE articles SET authors = '[\"Ada Quill\"\x1d' WHERE id = '4'",
    "authors no list": "UPDATE articles SET authors = '7' WHERE id = '4'",
    "sample": "UPDATE articles SET sample = 1 WHERE id = '4'",
    "hash": "UPDATE articles SET content_hash = 'x' WHERE id = '4'",
    "paragraph": f"UPDATE paragraphs SET text = 'Texu 4 of the story.' WHERE number = 0 AND article = {OF_4}",
    "paragraph no UTF-8": f"UPDATE paragraphs SET text = CAST(x'54fe' AS TEXT) WHERE number = 0 AND article = {OF_4}",
    "paragraph that is bytes": f"UPDATE paragraphs SET text = x'54' WHERE number = 0 AND article = {OF_4}",
    "title that is bytes": "UPDATE articles SET title = x'54' WHERE id = '4'",
    "header that is a number": f"UPDATE passages SET header = x'07' WHERE position = 0 AND article = {OF_4}",
    "paragraph gone": f"DELETE FROM paragraphs WHERE number = 1 AND article = {OF_4}",
    "paragraph number": f"UPDATE paragraphs SET number = 5 WHERE number = 0 AND article = {OF_4}",
    "spans": f"UPDATE passages SET spans = '[[0, 0, 4]]' WHERE position = 0 AND article = {OF_4}",
    "spans no JSON": f"UPDATE passages SET spans = '[[0, 0, ' WHERE position = 0 AND article = {OF_4}",
    "spans no list": f"UPDATE passages SET spans = '{{\"a\": 1}}' WHERE position = 0 AND article = {OF_4}",
    "spans elsewhere": f"UPDATE passages SET spans = '[[9, 0, 4]]' WHERE position = 0 AND article = {OF_4}",
    "header": f"UPDATE passages SET header = 'About 5' WHERE position = 0 AND article = {OF_4}",
    "passage's hash": f"UPDATE passages SET embedded_hash = x'00' WHERE position = 0 AND article = {OF_4}",
}


@pytest.mark.parametrize("what", DAMAGES)
def test_every_kind_of_damage_is_found(archive: Catalogue, what: str) -> None:
    """The article is named, it and no other; the others are read on; a backup is the way that is shown."""
    execute(archive.file, DAMAGES[what])
    findings = check(archive)
    assert findings.articles == ("4",)
    assert findings.damaged
    assert "1 damaged article: “4”" in findings.message()
    assert "newsdesk restore" in findings.message()
    stored = archive.passages(archive.passage_numbers(Filters()))
    assert len(stored) >= 14
    assert all(passage.text in archive.article(passage.article.id).paragraphs for passage in stored.values()
               if passage.article.id != "4")  # fmt: skip
    assert archive.article("5").paragraphs[0] == "Text 5 of the story."


@pytest.mark.parametrize(
    "change",
    ["replace(content, 'first', 'fixst')", "substr(content, 1, 40)", "'7'", "'{\"title\": 3}'", "replace(content, 'Quill', 'Quilm')"],
)  # fmt: skip
def test_a_damaged_version_is_found(archive: Catalogue, change: str) -> None:
    """What an article said before is kept for good, so it is looked at too; the article is named."""
    execute(archive.file, f"UPDATE versions SET content = {change}")
    assert check(archive).articles == ("3",)
    assert archive.article("3").paragraphs[0] == "Text 3 of the story.", "what it says now is unharmed"
    archive.remove(["3"])
    assert check(archive) == Findings((), (), 0)


def test_damage_in_the_closed_file_is_found(archive: Catalogue) -> None:
    """A bit that flips inside a text leaves a file that SQLite itself finds sound."""
    archive.close()
    content = archive.file.read_bytes()
    assert content.count(b"Text 6 of the story.") == 1
    archive.file.write_bytes(content.replace(b"Text 6 of the story.", b"Text 6 of vhe story."))
    damaged = Catalogue(archive.at)
    findings = check(damaged)
    assert (findings.structure, findings.articles) == ((), ("6",))
    with pytest.raises(CatalogueDamaged, match="“6”"):
        damaged.article("6")
    damaged.close()


@pytest.mark.parametrize("part", ["sqlite_autoindex_articles_1", "articles", "paragraphs", "passages", "vectors"])
def test_a_broken_page_is_found(archive: Catalogue, part: str) -> None:
    """In a table or in an index: SQLite's own complaint, or that nothing can be read; never a traceback."""
    with archive.engine.begin() as connection:
        root = connection.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = :part"), {"part": part})
        page = connection.scalar(text("PRAGMA page_size"))
    assert root is not None
    assert page is not None
    archive.close()
    with archive.file.open("r+b") as file:
        file.seek((root - 1) * page)
        file.write(os.urandom(page))
    damaged = Catalogue(archive.at)
    findings = check(damaged)
    assert findings.structure
    assert "structure: " in findings.message()
    damaged.close()


@pytest.mark.parametrize(
    "change",
    ["x'00'", "zeroblob(32)", "x'ffffff7f' || substr(vector, 5)", "x'0000807f' || substr(vector, 5)", "substr(vector, 1, 28)", "vector || x'00000000'"],
    ids=["short", "nothing", "not a number", "infinite", "cut", "longer"],
)  # fmt: skip
def test_damaged_vectors_are_dropped_and_made_again(archive: Catalogue, change: str) -> None:
    """They can be made from the text, so they are no loss; until then they are passed over; the views are told."""
    vectors = StoredVectors(archive)
    model = vectors.active()
    assert model is not None
    numbers = archive.passage_numbers(Filters())
    whole = vectors.load(model, numbers)[1].copy()
    last = archive.changes.last()
    execute(archive.file, f"UPDATE vectors SET vector = {change} WHERE number IN (3, 8)")
    assert len(vectors.load(model, numbers)[0]) == 14
    assert check(archive) == Findings((), (), 2)
    assert vectors.progress(model) == Progress(14, 16)
    _, told = archive.changes.after(last, 100, ("vector",)) or (None, [])
    assert set(told) == {number for number in numbers if number not in vectors.load(model, numbers)[0]}
    make_up_vectors(archive, model)
    assert (vectors.load(model, numbers)[1] == whole).all()
    assert check(archive) == Findings((), (), 0)


def test_damaged_text_is_never_quoted(sample_template: Path, tmp_path: Path) -> None:
    """A question that the damaged article answered is answered from the rest, or not; the article itself is refused."""
    from index.archive import Archive
    from newsdesk.settings import Settings

    data = Path(shutil.copytree(sample_template, tmp_path / "data"))
    question = Question("Who conducted the joint strike on al-Bab?")
    archive = Archive(Settings(data=data), create=False)
    archive.load()
    cited = archive.engine.ask(question).citations[0]
    archive.close()
    execute(
        data / "catalogue.sqlite3",
        f"UPDATE paragraphs SET text = replace(text, 'Russia', 'Russja') WHERE number = {cited.paragraph} AND article = "
        f"(SELECT number FROM articles WHERE id = '{cited.article_id}')",
    )
    archive = Archive(Settings(data=data), create=False)
    archive.load()
    answer = archive.engine.ask(question)
    assert "Russja" not in answer.text
    assert all("Russja" not in citation.quote for citation in answer.citations)
    assert all("Russja" not in item.text for item in answer.evidence)
    assert answer.evidence, "the rest goes on answering"
    with pytest.raises(CatalogueDamaged, match=r"restore"):
        archive.catalogue.article(cited.article_id)
    assert check(archive.catalogue).articles == (cited.article_id,)
    archive.close()


def test_what_changes_meanwhile_is_no_damage(archive: Catalogue) -> None:
    """Articles that are put, changed and removed while it reads raise no false alarm."""
    archive.put([article(f"more/{n}", f"Passing text {n}.") for n in range(700)], one_each)
    stop, writers = threading.Event(), Catalogue(archive.at)

    def work() -> None:
        n = 0
        while not stop.is_set():
            writers.remove([f"more/{n}"])
            writers.put([article(f"more/{n + 350}", f"Changed text {n}."), article(f"late/{n}", "Late.")], one_each)
            n += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(2):
            assert check(archive) == Findings((), (), 0)
    finally:
        stop.set()
        thread.join()
        writers.close()
