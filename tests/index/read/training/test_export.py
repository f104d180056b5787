"""The exported reader beside the trained one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from index.read.reader import MAX_TOKENS, OnnxSpanModel, Scores, TransformersSpanModel
from index.read.training.export import export
from index.read.training.fusing import fuse_attention
from index.read.windows import Window, batch_of, load_tokenizer, tokenize
from newsdesk.errors import ModelError
from tests.index.read.training.world import OWN, TOKENIZER

WINDOWS = [Window(each.question, each.context, each.title) for each in OWN] + [Window("Who?", ""), Window("", "Nine.")]
TOKENS = [parts[0] for parts in tokenize(load_tokenizer(TOKENIZER, MAX_TOKENS), WINDOWS)]


def scores(model: OnnxSpanModel | TransformersSpanModel, few: int = len(TOKENS)) -> tuple[Scores, Scores]:
    """Its scores of the first windows, one after the other, joined."""
    found = [model.scores(batch_of([each])) for each in TOKENS[:few]]
    return np.concatenate([first[0] for first, _ in found]), np.concatenate([last[0] for _, last in found])


def test_the_exported_model_scores_as_the_trained_one(tiny_bert: Path, tiny_exported: Path) -> None:
    """With 32 bits nothing is lost."""
    trained, exported = TransformersSpanModel(str(tiny_bert)), OnnxSpanModel(tiny_exported / "bits-32")
    for one, other in zip(scores(trained), scores(exported), strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_eight_bits_lose_little(tiny_exported: Path) -> None:
    """Scores keep their order nearly everywhere, and the file is a third as large at most."""
    eight, plain = (OnnxSpanModel(tiny_exported / f"bits-{bits}") for bits in (8, 32))
    for one, other in zip(scores(eight), scores(plain), strict=True):
        assert np.corrcoef(one, other)[0, 1] > 0.999
        assert np.abs(one - other).max() < 0.2 * other.std()
    size = [(tiny_exported / f"bits-{bits}" / "reader.onnx").stat().st_size for bits in (8, 32)]
    assert size[0] < size[1] / 3


def test_attention_is_one_operation(tiny_exported: Path) -> None:
    """What an export has a dozen operations for is one in the file, for each of its layers, with 8 bits and with 32."""
    for bits in (8, 32):
        kinds = [node.op_type for node in onnx.load(tiny_exported / f"bits-{bits}" / "reader.onnx").graph.node]
        assert kinds.count("MultiHeadAttention") == 1
        assert "Softmax" not in kinds


def test_a_file_with_other_operations_stays_as_it_is(tmp_path: Path) -> None:
    """Nothing is guessed: what is not known as attention is not touched."""
    shape = onnx.helper.make_tensor_value_info("in", onnx.TensorProto.FLOAT, [2, 3])
    result = onnx.helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [2, 3])
    graph = onnx.helper.make_graph([onnx.helper.make_node("Softmax", ["in"], ["out"])], "odds", [shape], [result])
    file = tmp_path / "odds.onnx"
    onnx.save(onnx.helper.make_model(graph), str(file))
    before = file.read_bytes()
    assert fuse_attention(file, 2, 4) == 0
    assert file.read_bytes() == before


@pytest.mark.parametrize("bits", [8, 32])
def test_windows_of_one_length_do_not_touch(tiny_exported: Path, bits: int) -> None:
    """Read beside another one, a window's scores change by no more than rounding. (Windows of other lengths are read alone.)"""
    model = OnnxSpanModel(tiny_exported / f"bits-{bits}")
    length = min(len(each.ids) for each in TOKENS)
    windows = [replace(each, ids=each.ids[:length], types=each.types[:length]) for each in TOKENS[:3]]
    together = model.scores(batch_of(windows))
    alone = [model.scores(batch_of([each])) for each in windows]
    for side in (0, 1):
        for row in range(len(windows)):
            assert alone[row][side].shape == (1, length)
            # What is multiplied is rounded to 8 bits by one scale for the batch: neighbours do have a share in that.
            near = 1e-4 if bits == 32 else 0.2 * alone[row][side].std()
            assert np.abs(together[side][row] - alone[row][side][0]).max() < near


def test_the_tokenizer_comes_along(tiny_bert: Path, tiny_exported: Path) -> None:
    """The folder is all that is needed, and nothing else is in it."""
    for bits in (8, 32):
        folder = tiny_exported / f"bits-{bits}"
        assert sorted(each.name for each in folder.iterdir()) == ["reader.onnx", "tokenizer.json"]
        assert (folder / "tokenizer.json").read_bytes() == (tiny_bert / "tokenizer.json").read_bytes()


def test_exporting_beside_the_trained_reader(tiny_bert: Path, tiny_exported: Path, tmp_path: Path) -> None:
    """The folder of the trained reader may be that of the exported one, and an old export is replaced."""
    folder = Path(shutil.copytree(tiny_bert, tmp_path / "reader"))
    (folder / "reader.onnx").write_bytes(b"an old one")
    before = {each.name for each in folder.iterdir()}
    assert export(folder, folder) == folder / "reader.onnx"
    assert {each.name for each in folder.iterdir()} == before
    same = (folder / "reader.onnx", tiny_exported / "bits-8" / "reader.onnx")
    for one, other in zip(*(scores(OnnxSpanModel(each.parent), 3) for each in same), strict=True):
        assert one == pytest.approx(other)


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_folder_without_a_reader_is_told(tiny_bert: Path, tmp_path: Path, missing: str) -> None:
    """What is missing is named, and an export that was there stays."""
    shutil.copytree(tiny_bert, tmp_path / "reader", ignore=shutil.ignore_patterns(missing))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "reader.onnx").write_bytes(b"an old one")
    with pytest.raises(ModelError, match=missing) as caught:
        export(tmp_path / "reader", tmp_path / "out")
    assert str(tmp_path / "reader") in str(caught.value)
    assert [(each.name, each.read_bytes()) for each in (tmp_path / "out").iterdir()] == [("reader.onnx", b"an old one")]


@pytest.mark.parametrize("folder", ["empty", "nowhere"])
def test_nothing_to_export_says_what_to_do(tmp_path: Path, folder: str) -> None:
    """How a reader comes into being."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"no config.json in it.*`newsdesk reader train FILE --out"):
        export(tmp_path / folder, tmp_path / "out")


def test_a_broken_config_is_told(tiny_bert: Path, tmp_path: Path) -> None:
    """Also a file that Transformers cannot make anything of."""
    for name, config in (("no json", "{"), ("no model", json.dumps({"model_type": "unheard-of"}))):
        folder = Path(shutil.copytree(tiny_bert, tmp_path / name))
        (folder / "config.json").write_text(config)
        with pytest.raises(ModelError, match=name):
            export(folder, tmp_path / "out")
