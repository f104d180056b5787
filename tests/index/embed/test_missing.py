"""Making vectors: resumable, by one process at a time, and complete before it counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from index.embed.key import model_key
from index.embed.missing import COMMIT_EVERY, embed_missing
from index.embed.model import PassageEmbedding
from ingest.passages import split_passages
from newsdesk import packaged_model
from newsdesk.catalogue.catalogue import Catalogue
from newsdesk.catalogue.database.either import writing
from newsdesk.catalogue.vectors import Progress, StoredVectors
from newsdesk.errors import CatalogueDamaged, ModelError
from newsdesk.types import Filters
from tests.support import Process, article, one_each

MANY = 3 * COMMIT_EVERY - 40

EMBED = """
import sys
from pathlib import Path
from index.embed.missing import embed_missing
from newsdesk.catalogue.catalogue import Catalogue

def after_a_batch(done, total):
    if done:
        print(done, total, flush=True)
        input()

print(embed_missing(Catalogue(Path(sys.argv[1])), sys.argv[2], after_a_batch))
"""


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    """Three batches of texts, one of them in two articles."""
    catalogue.put([article("a", *(f"Text {n}." for n in range(MANY)), title="T")], one_each)
    catalogue.put([article("copy", "Text 0.", title="T")], one_each)
    return catalogue


def test_every_passage_gets_the_vector_of_its_text(catalogue: Catalogue, tiny_models: list[str]) -> None:
    """The model sees header and text; the first model is active from the start."""
    catalogue.put([article("a", "One.", "Two."), article("b", "Three.")], one_each)
    assert embed_missing(catalogue, tiny_models[0])
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    assert model is not None
    assert model.key == model_key(tiny_models[0])
    numbers, rows = vectors.load(model, [1, 2, 3])
    embedding = PassageEmbedding(tiny_models[0])
    for number, row in zip(numbers, rows, strict=True):
        expected = embedding.encode_passages(catalogue.embedded_texts([number]))[0]
        assert row == pytest.approx(expected, abs=1e-5)
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_a_copy_takes_over_the_vector_of_its_story(catalogue: Catalogue, tiny_models: list[str]) -> None:
    """The same text under another headline, of another outlet and day, is not embedded again: not beside it, not later."""
    text_ = "A windmill of 1742 was moved eleven miles to Great Sallow on Monday, with its sails tied down and its cap behind it."
    copies = [article(id_, text_, title=f"Headline {id_}", source=f"Outlet {id_}") for id_ in ("one", "two", "late")]
    vectors = StoredVectors(catalogue)
    for some in (copies[:2], copies[2:]):
        catalogue.put(some, split_passages)
        assert embed_missing(catalogue, tiny_models[0])
    model = vectors.active()
    assert model is not None
    numbers, rows = vectors.load(model, [1, 2, 3])
    assert numbers == [1, 2, 3]
    assert np.array_equal(rows[0], rows[1])
    assert np.array_equal(rows[0], rows[2])
    expected = PassageEmbedding(tiny_models[0]).encode_passages(catalogue.embedded_texts([1]))[0]
    assert rows[0] == pytest.approx(expected, abs=1e-5)


def test_one_at_a_time_and_on_from_where_a_killed_one_was(filled: Catalogue, tiny_models: list[str]) -> None:
    """A second one returns at once; after kill -9 the next takes the lease and makes only what is missing."""
    vectors = StoredVectors(filled)
    with Process(EMBED, filled.file, tiny_models[0]) as other:
        assert other.line() == f"{COMMIT_EVERY} {MANY}"
        assert not embed_missing(filled, tiny_models[0])
        other.kill()
    assert vectors.progress(vectors.active()).done >= COMMIT_EVERY

    reports: list[tuple[int, int]] = []
    assert embed_missing(filled, tiny_models[0], lambda done, total: reports.append((done, total)))
    assert reports[-1] == (MANY - COMMIT_EVERY, MANY - COMMIT_EVERY)
    assert vectors.progress(vectors.active()) == Progress(MANY + 1, MANY + 1)


def test_a_complete_archive_is_not_embedded_again(filled: Catalogue, tiny_models: list[str]) -> None:
    """Neither the model is loaded nor the lease taken; a new article costs its own texts only."""
    assert embed_missing(filled, tiny_models[0])
    reports: set[int] = set()
    assert embed_missing(filled, tiny_models[0], lambda done, total: reports.add(total))
    assert reports == set()
    filled.put([article("new", "New.", "Text 0.", title="T")], one_each)
    assert embed_missing(filled, tiny_models[0], lambda done, total: reports.add(total))
    assert reports == {1}


def test_another_model_answers_only_when_it_is_complete(filled: Catalogue, tiny_models: list[str]) -> None:
    """While it is made, and when making it is stopped, the old one stays; stopping keeps what was made."""
    assert embed_missing(filled, tiny_models[0])
    vectors = StoredVectors(filled)
    old = vectors.active()
    rounds = iter((True, False))
    assert not embed_missing(filled, tiny_models[1], keep_going=lambda: next(rounds))
    assert vectors.active() == old

    reports: list[int] = []
    assert embed_missing(filled, tiny_models[1], lambda done, total: reports.append(total))
    assert reports[0] == MANY - COMMIT_EVERY
    active = vectors.active()
    assert active is not None
    assert active.name == tiny_models[1]


def test_what_comes_meanwhile_is_embedded_too(filled: Catalogue, tiny_models: list[str]) -> None:
    """Complete means complete at the end, not at the beginning."""

    def put(done: int, total: int) -> None:
        if done == COMMIT_EVERY:
            filled.put([article("meanwhile", "Just in.")], one_each)

    assert embed_missing(filled, tiny_models[0], put)
    vectors = StoredVectors(filled)
    assert vectors.missing(vectors.register(model_key(tiny_models[0]), "")) == []


def test_how_articles_begin_comes_first(catalogue: Catalogue, tiny_models: list[str]) -> None:
    """When as many texts as there are articles have a vector, every article is found by meaning, long ones too."""
    texts = [f"Item {n} of a longer report, with more words than the lead has." for n in range(40)]
    catalogue.put([article(f"a{n}", f"Lead {n}.", *texts, title=f"T{n}") for n in range(COMMIT_EVERY)], one_each)
    rounds = iter((True, False))
    assert not embed_missing(catalogue, tiny_models[0], keep_going=lambda: next(rounds))
    vectors = StoredVectors(catalogue)
    model = vectors.active()
    assert model is not None
    numbers = catalogue.passage_numbers(Filters())
    with_vector = catalogue.passages(vectors.load(model, list(numbers))[0])
    assert {passage.article.id for passage in with_vector.values()} == {f"a{n}" for n in range(COMMIT_EVERY)}


def test_new_leads_do_not_wait_for_the_rest_of_old_articles(catalogue: Catalogue, tiny_models: list[str]) -> None:
    """What is missing is looked up again during the work, not only when all of it is done."""
    catalogue.put([article("old", *(f"Text {n}." for n in range(4 * COMMIT_EVERY)))], one_each)
    left: list[int] = []

    def put(done: int, total: int) -> None:
        vectors = StoredVectors(catalogue)
        if done == COMMIT_EVERY:
            catalogue.put([article("new", "Just in.")], one_each)
        elif done == 2 * COMMIT_EVERY:
            left.extend(vectors.missing(vectors.register(model_key(tiny_models[0]), "")))

    assert embed_missing(catalogue, tiny_models[0], put, look_again=COMMIT_EVERY)
    assert left
    assert max(left) <= 4 * COMMIT_EVERY, "the new article's only passage has its vector"


def test_a_damaged_text_holds_nobody_up(catalogue: Catalogue, tiny_models: list[str]) -> None:
    """It cannot be embedded, which is said in the end; all others are, and a second run ends as well."""
    catalogue.put([article("a", "One.", "Two.", "Three.")], one_each)
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text("UPDATE passages SET header = 'Abouu a' WHERE number = 2"))
    for _ in range(2):
        with pytest.raises(CatalogueDamaged, match=r"1 text .*`newsdesk check`"):
            embed_missing(catalogue, tiny_models[0])
        vectors = StoredVectors(catalogue)
        assert vectors.progress(vectors.active()) == Progress(2, 3)


def test_an_archive_of_damaged_texts_ends_with_that_word(catalogue: Catalogue) -> None:
    """With the packaged model too, which has nothing to do then."""
    catalogue.put([article("a", "One.")], one_each)
    with writing(catalogue.engine).begin() as connection:
        connection.execute(text("UPDATE passages SET header = 'Abouu a'"))
    with pytest.raises(CatalogueDamaged, match="1 text "):
        embed_missing(catalogue, packaged_model.NAME)


def test_an_archive_without_articles_is_complete(catalogue: Catalogue, tiny_models: list[str]) -> None:
    """There is nothing to do, and nothing to wait for."""
    assert embed_missing(catalogue, tiny_models[0])


# ---------------------------------------------------------------------------- models


def test_models_are_told_apart_by_their_weights(tiny_models: list[str], tmp_path: Path) -> None:
    """Vectors of different weights are never compared, whatever the folders are called."""
    one, other = tiny_models
    assert model_key(packaged_model.NAME) == f"{packaged_model.NAME}@{packaged_model.SHA256[:12]}"
    assert model_key(one) != model_key(other)
    place = tmp_path / "model"
    shutil.copytree(one, place)
    before = model_key(str(place))
    assert before != model_key(one)
    shutil.rmtree(place)
    shutil.copytree(other, place)
    assert model_key(str(place)) != before
    assert model_key("organisation/model-on-the-hub") == "organisation/model-on-the-hub"


def test_a_folder_without_a_model_is_refused(catalogue: Catalogue, tmp_path: Path) -> None:
    """The message names the folder, and nothing is registered."""
    with pytest.raises(ModelError, match="holds no model"):
        embed_missing(catalogue, str(tmp_path))
    assert StoredVectors(catalogue).active() is None


def test_a_model_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match=str(tmp_path)):
        PassageEmbedding(str(tmp_path))


def test_the_packaged_model_is_the_published_one() -> None:
    """Its weights are compared with their published hash before they are used."""
    assert packaged_model.checked_folder() == packaged_model.folder()


def test_it_is_a_llama_index_embedding(tiny_models: list[str]) -> None:
    """Anyone who knows LlamaIndex can use it as one."""
    embedding = PassageEmbedding(tiny_models[0])
    texts = ["Nine jets flew.", "Snow fell."]
    rows = embedding.get_text_embedding_batch(texts)
    assert np.asarray(rows) == pytest.approx(embedding.encode_passages(texts), abs=1e-6)
    assert embedding.get_query_embedding("Snow?") == pytest.approx(embedding.encode_question("Snow?").tolist())
