"""After `purge` no file holds what was removed, and that is proved, not assumed; what stayed is as it was."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from app.commands.upkeep import purge, rebuild
from index.embed.missing import embed_missing
from index.find.chroma import FOLDER
from index.find.keyword import KeywordIndex
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.upkeep.purge import prove
from newsdesk.catalogue.vectors import StoredVectors
from newsdesk.errors import DataFolderError
from newsdesk.feedback import Feedback, Quoted
from newsdesk.types import Article, Filters, Turn
from tests.support import Process, article, one_each, passages_of

PIECE = 32


def story(id_: str, seed: int, paragraphs: int = 3) -> Article:
    """An article whose every word is its own, with letters that JSON spells otherwise."""
    dice = random.Random(seed)
    words = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(6, 10))) for _ in range(15 * paragraphs)]
    texts = [
        " ".join(words[15 * place : 15 * place + 15]) + f" “Erdoğan {words[place]}”." for place in range(paragraphs)
    ]
    return article(id_, *texts, title=f"Headline of {words[0]} and {words[1]} and {words[2]}")


def said(about: Article) -> list[str]:
    """Its texts."""
    return [about.title, *about.paragraphs]


@pytest.fixture
def catalogue(file_catalogue: Catalogue) -> Catalogue:
    """In a file: what is proved is what files hold."""
    return file_catalogue


@pytest.fixture
def data(catalogue: Catalogue, tmp_path: Path, tiny_models: list[str]) -> Path:
    """A data folder with 20 articles, all with vectors, and both views; article 3 has an older version."""
    articles = [story(f"story/{n}", n) for n in range(20)]
    catalogue.put([story("story/3", 103), *articles], one_each)
    embed_missing(catalogue, tiny_models[0])
    rebuild(data=tmp_path)
    return tmp_path


def files_with(folder: Path, pieces: Iterable[bytes]) -> set[str]:
    """Names of the files in which one of these occurs: by looking, not by fingerprint."""
    wanted = list(pieces)
    contents = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    return {file.name for file, content in contents.items() if any(piece in content for piece in wanted)}


def pieces_of(texts: Iterable[str]) -> list[bytes]:
    """Every 32 bytes in a row of them."""
    encoded = [text.encode() for text in texts]
    return [text[place : place + PIECE] for text in encoded for place in range(len(text) - PIECE + 1)]


def vector_blobs(catalogue: Catalogue) -> dict[bytes, bytes]:
    """Every vector by the hash of its text."""
    with closing(sqlite3.connect(catalogue.file)) as connection:
        return dict(connection.execute("SELECT embedded_hash, vector FROM vectors"))


def passage_ids(catalogue: Catalogue) -> dict[int, str]:
    """Number and id of every passage."""
    stored = catalogue.passages(catalogue.passage_numbers(Filters()))
    return {number: passage.id for number, passage in stored.items()}


def test_nothing_of_a_removed_article_is_left(
    data: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    """No piece of its text, of its old version, of its vectors, none of its words; the others keep everything."""
    removed = [story("story/3", 3), story("story/3", 103), story("story/7", 7)]
    texts = [text for about in removed for text in said(about)]
    word = removed[0].paragraphs[1].split()[4]
    vectors_before = vector_blobs(catalogue)
    assert {"catalogue.sqlite3", "catalogue.sqlite3-wal"} & files_with(data, pieces_of(texts))

    catalogue.remove(["story/3", "story/7"])
    vectors, passages = vector_blobs(catalogue), passage_ids(catalogue)
    gone = [vectors_before[key] for key in vectors_before.keys() - vectors]
    assert len(gone) == 6
    assert files_with(data / FOLDER, gone), "the search for vectors does find them where they are"

    purge(data=data)

    assert "articles: 2" in capsys.readouterr().out
    assert files_with(data, pieces_of(texts)) == set()
    assert files_with(data, [word.encode()]) == set()
    assert files_with(data, gone) == set()
    rarity = KeywordIndex(data, catalogue).inverse_document_frequency([word, "nosuchword"])
    assert rarity[word] == rarity["nosuchword"]
    assert passage_ids(catalogue) == passages
    assert vector_blobs(catalogue) == vectors, "nothing is embedded again"
    for number in (0, 19):
        assert catalogue.article(f"story/{number}") == story(f"story/{number}", number)


def test_the_proof_can_fail(data: Path, catalogue: Catalogue) -> None:
    """A copy of a removed text anywhere in the folder is named; when it is gone the proof succeeds."""
    catalogue.remove(["story/5"])
    own_copy = data / "notes" / "my copy.txt"
    own_copy.parent.mkdir()
    own_copy.write_text(f"I kept this: {story('', 5).paragraphs[2]}")
    for _ in range(2):
        with pytest.raises(DataFolderError, match=r"my copy\.txt"):
            purge(data=data)
    own_copy.unlink()
    purge(data=data)


@pytest.mark.parametrize("spelled", [str, json.dumps], ids=["as text", "as JSON"])
def test_an_old_version_is_found_in_whatever_spelling(
    catalogue: Catalogue, tmp_path: Path, spelled: Callable[[str], str]
) -> None:
    """A paragraph lies in its row as text, an old version as JSON, which spells other alphabets otherwise."""
    text = "Βγήκε από το λιμάνι στις έξι το πρωί."
    catalogue.put([article("a", text), article("a", "Now it says something else.")], one_each)
    catalogue.remove(["a"])
    left = tmp_path / "disk" / "left"
    left.parent.mkdir()
    left.write_text(spelled(text))
    with pytest.raises(DataFolderError, match="left"):
        prove(catalogue, left.parent)
    left.unlink()
    assert prove(catalogue, left.parent) == 1


def test_numbers_of_removed_texts_never_return(catalogue: Catalogue, tmp_path: Path) -> None:
    """A purge forgets those up to a number: what is removed while it searches has to have a higher one."""

    def remove_one(id_: str) -> int:
        catalogue.put([article(id_, f"The text of {id_}, long enough to leave a fingerprint.")], one_each)
        catalogue.remove([id_])
        with closing(sqlite3.connect(catalogue.file)) as connection:
            [(number,)] = connection.execute("SELECT max(number) FROM removed_texts")
        return int(number)

    (tmp_path / "empty").mkdir()
    before = remove_one("a")
    assert prove(catalogue, tmp_path / "empty") == 1
    assert remove_one("b") > before


@pytest.mark.parametrize("command", [purge, rebuild])
def test_the_views_are_made_without_the_model(
    catalogue: Catalogue, tmp_path: Path, tiny_models: list[str], command: Callable[..., None]
) -> None:
    """Its vectors are in the catalogue; the folder it was read from may be gone."""
    model = tmp_path / "model"
    shutil.copytree(tiny_models[0], model)
    catalogue.put([story(f"story/{n}", n) for n in range(3)], one_each)
    embed_missing(catalogue, str(model))
    catalogue.remove(["story/1"])
    shutil.rmtree(model)
    command(data=tmp_path)
    numbers = catalogue.passage_numbers(Filters())
    vectors = StoredVectors(catalogue)
    active = vectors.active()
    assert active is not None
    _, rows = vectors.load(active, numbers)
    assert files_with(tmp_path / FOLDER, [row.tobytes() for row in rows])


def test_a_file_that_cannot_be_read_is_no_proof(data: Path, catalogue: Catalogue) -> None:
    """It is named, in a line; the fingerprints are kept for the next time."""
    catalogue.remove(["story/5"])
    (data / "unreadable").symlink_to("/proc/self/mem")
    with pytest.raises(DataFolderError, match="unreadable"):
        prove(catalogue, data)
    (data / "unreadable").unlink()
    with pytest.raises(DataFolderError, match=r"catalogue\.sqlite3"):
        prove(catalogue, data)


def test_a_text_that_a_present_article_holds_is_no_trace(data: Path, catalogue: Catalogue) -> None:
    """A wire copy stays in the archive, also one that is in an older version of a present article."""
    wire, old = story("story/8", 8), story("story/9", 9)
    catalogue.put([article("copy", *wire.paragraphs, title=wire.title)], one_each)
    catalogue.put([article("other", *old.paragraphs, title=old.title), story("other", 77)], one_each)
    catalogue.remove(["story/8", "story/9"])
    purge(data=data)
    assert catalogue.article("copy").paragraphs == wire.paragraphs


def test_without_anything_removed_there_is_nothing_to_prove(
    data: Path, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    """It compacts, and says so; a second purge has nothing to prove either."""
    purge(data=data)
    assert "nothing was removed" in capsys.readouterr().out
    catalogue.remove(["story/1"])
    purge(data=data)
    assert "articles: 1" in capsys.readouterr().out
    purge(data=data)
    assert "nothing was removed" in capsys.readouterr().out


def test_what_leaves_with_the_samples_is_proved_too(
    catalogue: Catalogue, tmp_path: Path, tiny_models: list[str]
) -> None:
    """The sample articles are removed by the first other one."""
    sample = article("s", *story("", 50).paragraphs, sample=True)
    catalogue.put([sample], one_each)
    catalogue.put([story("a", 51)], one_each)
    purge(data=tmp_path)
    assert files_with(tmp_path, pieces_of(sample.paragraphs)) == set()


def on(about: Article, **more: Any) -> Feedback:
    """Feedback on an answer that is the article's second paragraph."""
    said = about.paragraphs[1]
    cited = (Quoted(about.id, 1, said, 0, len(said)),)
    return Feedback(**{"question": "What?", "verdict": "up", "answerable": True, "text": f"{said} [1]", "confidence": 0.9,
                       "mode": "extractive", "short_answer": said, "citations": cited, **more})  # fmt: skip


def test_nothing_of_a_removed_article_is_left_in_feedback(data: Path, catalogue: Catalogue) -> None:
    """Its words in answers, quotes and earlier answers go with it; those of others stay, and so do the verdicts."""
    removed, stays = story("story/4", 4), story("story/6", 6)
    store = catalogue.feedback
    store.put(on(removed, expected="Something else."))
    store.put(on(stays, history=(Turn("And before?", removed.paragraphs[2]),)))
    store.put(on(stays))
    texts = said(removed)
    spelled = [*pieces_of(texts), *pieces_of(json.dumps(text)[1:-1] for text in texts)]
    catalogue.remove([removed.id])
    purge(data=data)
    assert files_with(data, spelled) == set()
    assert [stored.cut for stored in store.every()] == [True, True, False]
    assert [stored.feedback.expected for stored in store.every()] == ["Something else.", "", ""]


def test_feedback_that_holds_a_removed_text_without_naming_its_article_is_purged(
    data: Path, catalogue: Catalogue
) -> None:
    """Pasted by its reader, or given after the removal: it goes, unless a present article says the same."""
    removed, wire, stays = story("story/4", 4), story("story/8", 8), story("story/6", 6)
    catalogue.put([article("copy", *wire.paragraphs, title=wire.title)], one_each)
    store = catalogue.feedback
    store.put(on(stays, expected=removed.paragraphs[0]))
    store.put(on(stays, comment=wire.paragraphs[0]))
    catalogue.remove([removed.id, wire.id])
    store.put(on(stays, history=(Turn("And before?", removed.paragraphs[2]),)))
    store.put(on(article("copy", *wire.paragraphs)))
    purge(data=data)
    assert files_with(data, pieces_of(said(removed))) == set()
    assert [(stored.number, stored.cut) for stored in store.every()] == [(2, False), (4, False)]


PURGE = """
import os, sys
from pathlib import Path
import index.find.dense, app.service.service
from app.commands.upkeep import purge
for _ in range(int(sys.argv[2])):
    sys.stdin.readline()
    child = os.fork()  # the imports above take longer than all the rest
    if not child:
        purge(data=Path(sys.argv[1]))
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_killed_purge_is_purged_again(data: Path, catalogue: Catalogue) -> None:
    """kill -9 at several moments loses nothing; the next one proves what was removed before."""
    catalogue.remove(["story/11"])
    text, vectors, passages = said(story("", 11)), vector_blobs(catalogue), passage_ids(catalogue)
    moments: list[Callable[[], bool]] = [
        lambda: True,
        lambda: catalogue.changes.last().sequence > sequence,
        lambda: not list(data.glob("keyword-*/meta.json")),
        lambda: (data / FOLDER / "chroma.sqlite3").exists() and not (data / FOLDER / "clean-close").exists(),
    ]
    tries = 20  # of one moment: on a busy machine a purge may have ended before anybody looked
    with Process(PURGE, data, tries * len(moments)) as purging:
        for moment in moments:
            for _ in range(tries):
                sequence = catalogue.changes.last().sequence
                purging.say("next")
                child = int(purging.line())
                while not moment() and Path(f"/proc/{child}").exists():
                    pass
                with suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(child, signal.SIGKILL)
                killed = purging.line() == str(-signal.SIGKILL)
                assert passage_ids(catalogue) == passages
                assert vector_blobs(catalogue) == vectors
                if killed:
                    break
            assert killed
    purge(data=data)
    assert files_with(data, pieces_of(text)) == set()
    view = KeywordIndex(data, catalogue)
    assert view.catch_up()
    words, number = next(iter(passages_of(catalogue, "story/12").items()))
    assert number in dict(view.search({words.split()[3]: 1.0}, 5))
    assert StoredVectors(catalogue).active() is not None
