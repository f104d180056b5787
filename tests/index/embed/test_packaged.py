"""The packaged model without torch: the same vectors for questions, near ones for passages, nothing large imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.embed.eight_bit import EIGHT_BIT_GRAPH, EightBitEmbedding
from index.embed.graph import graph_of
from index.embed.missing import embed_missing
from index.embed.model import PassageEmbedding
from index.embed.packaged import GRAPH, PackagedEmbedding
from newsdesk import packaged_model
from newsdesk.catalogue.catalogue import Catalogue
from tests.support import ROOT, article, environment, one_each

TEXTS = (
    "Who repaired the lighthouse at Skomvær, and what did the council pay for it?",
    "ferry timetable winter",
    "Was sagte die Bürgermeisterin über „Straße 7“?",
    "東京で何があったか 🎉",
    "  spaces\tand\nlines   are not words ",
    "42.5 % of 1,200 = ?",
    "",
    "x" * 3_000,
    "The harbour was dredged again after the storm. " * 60,
)
"""Short and long ones, other scripts, nothing, a word that is none, and more than the model reads."""


def test_its_vectors_are_those_of_sentence_transformers() -> None:
    """To four digits, whatever is asked: questions and passages are compared, and one of them was made by the other."""
    one, other = PackagedEmbedding(), PassageEmbedding(packaged_model.NAME)
    expected = other.encode_questions(TEXTS)
    assert np.abs(np.stack([one.encode_question(each) for each in TEXTS]) - expected).max() < 5e-5
    assert np.abs(one.encode_passages(TEXTS) - other.encode_passages(TEXTS)).max() < 5e-5


def test_eight_bits_keep_the_vectors_of_passages_where_they_are() -> None:
    """Unit length, and far nearer to the exact vector than any two texts are to each other."""
    exact, found = PackagedEmbedding().encode_passages(TEXTS), EightBitEmbedding().encode_passages(TEXTS)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
    assert (exact * found).sum(axis=1).min() > 0.97
    likeness = exact @ exact.T - 2 * np.eye(len(TEXTS))
    assert likeness.max() < 0.9


def test_a_text_has_one_vector_whatever_is_embedded_beside_it() -> None:
    """Batches are made of what is missing at the moment; a vector does not depend on that."""
    embedding = EightBitEmbedding()
    together = embedding.encode_passages(TEXTS)
    alone = np.concatenate([embedding.encode_passages([text]) for text in TEXTS])
    assert np.array_equal(together, alone)


@pytest.mark.parametrize(("file", "eight_bit"), [(GRAPH, False), (EIGHT_BIT_GRAPH, True)])
def test_the_graphs_in_the_repository_are_those_that_are_written(file: Path, eight_bit: bool) -> None:
    """Nobody has to trust a file that cannot be read: it is made anew from the lines that write it."""
    made = graph_of(packaged_model.checked_folder() / "model.safetensors", eight_bit)
    assert file.read_bytes() == made.SerializeToString(deterministic=True)


@pytest.fixture
def embedded(catalogue: Catalogue) -> Path:
    """The data folder of a small archive with vectors of the packaged model."""
    catalogue.put([article("a", "The lighthouse was repaired by divers in May.", "Snow fell on Friday.")], one_each)
    assert embed_missing(catalogue, packaged_model.NAME)
    return catalogue.file.parent


def _run(code: str) -> subprocess.CompletedProcess[str]:
    """Runs it in an interpreter that has imported nothing yet."""
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )


def test_a_question_without_a_service_imports_no_torch(embedded: Path) -> None:
    """It is found by meaning too, and yet nothing that takes seconds to import was imported."""
    code = (
        "import sys\n"
        "from app.commands.main import main\n"
        f"sys.argv = ['newsdesk', 'ask', 'Who repaired the lighthouse?', '--json', '--data', {str(embedded)!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "large = ('torch', 'transformers', 'sentence_transformers', 'llama_index', 'chromadb', 'gradio', 'fastapi',\n"
        "         'scipy', 'sklearn', 'pandas')\n"
        "print([name for name in large if name in sys.modules], file=sys.stderr)"
    )
    done = _run(code)
    assert done.stderr.strip() == "[]"
    assert "keyword_only" not in done.stdout
    assert "repaired by divers" in done.stdout


def test_vectors_of_the_packaged_model_are_made_without_llamaindex() -> None:
    """A service and an embedding worker start a second of processor time sooner: only other models need it."""
    code = (
        "import sys, app.service.service, index.embed.workers\n"
        "from index.embed.missing import embedding_of\n"
        "from newsdesk import packaged_model\n"
        "embedding_of(packaged_model.NAME)\n"
        "print([name for name in ('torch', 'llama_index', 'chromadb', 'pandas') if name in sys.modules])"
    )
    assert _run(code).stdout.strip() == "[]"
