"""Writes `packaged.onnx` and `packaged_8bit.onnx`, the packaged embedding model as graphs that onnxruntime can run.

The files hold the operations alone; their numbers are read from the model's own `model.safetensors`, by their places in
it, or made of these when the model is loaded (the 8-bit matrices, index/embed/eight_bit.py). Write them anew with
`python -m index.embed.graph`, which needs the group `train`; nothing here is used to answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from onnx import ModelProto, NodeProto, TensorProto, helper

from index.embed.eight_bit import EIGHT_BIT_GRAPH, MATRIX, SCALES
from index.embed.packaged import GRAPH
from newsdesk import packaged_model

OPSET = 20  # the first with Gelu
_HEADS = 12
_LAYERS = 6
_SIZE = 384
_EPSILON = 1e-12


class _Graph:
    """Operations in the order in which they were added, and the tensors that they need."""

    def __init__(self, weights: Path) -> None:
        self.nodes: list[NodeProto] = []
        self.tensors: list[TensorProto] = []
        self._file = weights.name
        with weights.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            self._header = json.loads(stream.read(length))
        self._begin = 8 + length

    def weight(self, name: str) -> str:
        """A tensor of the safetensors file, left where it is."""
        of = self._header[name]
        begin, end = of["data_offsets"]
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=of["shape"])
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", self._file), ("offset", self._begin + begin), ("length", end - begin)):
            tensor.external_data.add(key=key, value=str(value))
        self.tensors.append(tensor)
        return name

    def whole(self, name: str, *numbers: int) -> str:
        """A constant list of whole numbers."""
        self.tensors.append(helper.make_tensor(name, TensorProto.INT64, [len(numbers)], numbers))
        return name

    def add(self, kind: str, *inputs: str, **options: Any) -> str:
        """An operation; its only output has the name that is returned."""
        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **options))
        return output

    def dense(self, name: str, rows: str) -> str:
        """A dense layer."""
        return self.add("Gemm", rows, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), transB=1)

    def given(self, name: str, kind: int, *shape: int) -> str:
        """A tensor that is handed to onnxruntime when the graph is loaded."""
        tensor = TensorProto(name=name, data_type=kind, dims=shape)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="given")
        self.tensors.append(tensor)
        return name

    def normed(self, name: str, rows: str) -> str:
        """Layer normalization."""
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.add("LayerNormalization", rows, scale, bias, epsilon=_EPSILON)


class _EightBitGraph(_Graph):
    """The same with dense layers in whole numbers: matrices per output, their inputs on the fly."""

    def __init__(self, weights: Path) -> None:
        super().__init__(weights)
        self._whole: dict[str, tuple[str, str, str]] = {}

    def dense(self, name: str, rows: str) -> str:
        """A dense layer of 8-bit numbers."""
        numbers, scale, zero = self._in_whole_numbers(rows)
        outputs, inputs = self._header[f"{name}.weight"]["shape"]
        matrix = self.given(f"{name}.{MATRIX}", TensorProto.INT8, inputs, outputs)
        scales = self.add("Mul", scale, self.given(f"{name}.{SCALES}", TensorProto.FLOAT, outputs))
        product = self.add("Cast", self.add("MatMulInteger", numbers, matrix, zero), to=TensorProto.FLOAT)
        return self.add("Add", self.add("Mul", product, scales), self.weight(f"{name}.bias"))

    def _in_whole_numbers(self, rows: str) -> tuple[str, str, str]:
        """The rows as whole numbers, with their scale and zero; made once for the layers that read the same rows."""
        if rows not in self._whole:
            names = (f"{rows}_whole", f"{rows}_scale", f"{rows}_zero")
            self.nodes.append(helper.make_node("DynamicQuantizeLinear", [rows], names))
            self._whole[rows] = names
        return self._whole[rows]


def graph_of(weights: Path, eight_bit: bool = False) -> ModelProto:
    """The packaged model: `ids` of one text's tokens in, its `vector` of unit length out."""
    graph = _EightBitGraph(weights) if eight_bit else _Graph(weights)
    heads, joined = graph.whole("heads", 0, _HEADS, _SIZE // _HEADS), graph.whole("joined", 0, _SIZE)
    hidden = _embedded(graph)
    for number in range(_LAYERS):
        hidden = _layer(graph, f"encoder.layer.{number}", hidden, heads, joined)
    mean = graph.add("ReduceMean", hidden, graph.whole("tokens", 0), keepdims=0)
    graph.nodes.append(helper.make_node("LpNormalization", [mean], ["vector"], axis=0, p=2))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            packaged_model.NAME,
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"])],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [_SIZE])],
            graph.tensors,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=10,
        producer_name="newsdesk",
    )
    return model


def _embedded(graph: _Graph) -> str:
    """What goes into the first layer, a row for each token."""
    words = graph.add("Gather", graph.weight("embeddings.word_embeddings.weight"), "ids")
    places = graph.weight("embeddings.position_embeddings.weight")
    zero = graph.whole("zero", 0)
    own_places = graph.add("Slice", places, zero, graph.add("Shape", "ids"), zero)
    types = graph.add("Gather", graph.weight("embeddings.token_type_embeddings.weight"), zero)
    return graph.normed("embeddings.LayerNorm", graph.add("Add", graph.add("Add", words, own_places), types))


def _layer(graph: _Graph, layer: str, hidden: str, heads: str, joined: str) -> str:
    """BERT's encoder layer (Devlin et al., 2019): attention, then two dense layers, each with what went in added."""
    query, key, value = (
        graph.add("Reshape", graph.dense(f"{layer}.attention.self.{part}", hidden), heads)
        for part in ("query", "key", "value")
    )
    scores = graph.add(
        "MatMul", graph.add("Transpose", query, perm=[1, 0, 2]), graph.add("Transpose", key, perm=[1, 2, 0])
    )
    scale = f"{layer}.scale"
    graph.tensors.append(helper.make_tensor(scale, TensorProto.FLOAT, [], [(_SIZE // _HEADS) ** -0.5]))
    odds = graph.add("Softmax", graph.add("Mul", scores, scale), axis=-1)
    read = graph.add("MatMul", odds, graph.add("Transpose", value, perm=[1, 0, 2]))
    attended = graph.add("Reshape", graph.add("Transpose", read, perm=[1, 0, 2]), joined)
    attended = graph.dense(f"{layer}.attention.output.dense", attended)
    hidden = graph.normed(f"{layer}.attention.output.LayerNorm", graph.add("Add", hidden, attended))
    widened = graph.add("Gelu", graph.dense(f"{layer}.intermediate.dense", hidden))
    narrowed = graph.dense(f"{layer}.output.dense", widened)
    return graph.normed(f"{layer}.output.LayerNorm", graph.add("Add", hidden, narrowed))


if __name__ == "__main__":
    for file, eight_bit in ((GRAPH, False), (EIGHT_BIT_GRAPH, True)):
        made = graph_of(packaged_model.checked_folder() / "model.safetensors", eight_bit)
        file.write_bytes(made.SerializeToString(deterministic=True))
