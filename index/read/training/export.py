"""Turns a trained reader into the one file that is shipped and run: ONNX with 8-bit weights.

Matrices are quantised per output channel, their inputs on the fly (onnxruntime's dynamic quantisation); word vectors
per word, with a scale each. Per-tensor scales ruin MiniLM's vectors. Attention is one operation (index.read.training.fusing).
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn

from index.read.judge import FILE
from index.read.training.fusing import fuse_attention
from index.read.training.judging import JudgeModel
from index.read.training.model import load_model
from newsdesk.errors import ModelError

_BY_TOKEN = {0: "windows", 1: "tokens"}
"""The axes that may be of any length."""


class _EightBitEmbedding(nn.Module):
    """Word vectors as whole numbers -127..127 and a scale for each word."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scale = weight.abs().amax(dim=1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("scale", scale)
        self.register_buffer("whole", (weight / scale).round().to(torch.int8))

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors of shape (*ids.shape, dimension)."""
        return self.get_buffer("whole")[ids].float() * self.get_buffer("scale")[ids]


class _Scores(nn.Module):
    """The reader with plain tensors in and out, as ONNX has it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, Tensor]:
        output = self._model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return output.start_logits, output.end_logits


def export(folder: Path, out: Path, eight_bit: bool = True) -> Path:
    """Writes `reader.onnx` and `tokenizer.json` into `out` and returns the former's path.

    Both are whole or not there. Raises ModelError when the folder holds no model, or when the optional group `train`
    is not installed.
    """
    model = load_model(str(folder), attention="eager").eval()
    return _export(
        _Scores(model),
        model.base_model,
        dict.fromkeys(("first", "last"), _BY_TOKEN),
        folder,
        out / "reader.onnx",
        eight_bit,
    )


def export_judge(folder: Path, out: Path, eight_bit: bool = True) -> Path:
    """The same of a judge: writes `judge.onnx` and `tokenizer.json`. Raises ModelError."""
    model = JudgeModel(str(folder)).eval()
    return _export(model, model.encoder, {"scores": {0: "windows"}}, folder, out / FILE, eight_bit)


def _export(
    model: nn.Module, encoder: Any, outputs: Mapping[str, dict[int, str]], folder: Path, file: Path, eight_bit: bool
) -> Path:
    """Writes a model, whose encoder's weights are given 8 bits, to the file, and its tokenizer beside it."""
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ImportError as error:
        raise ModelError("Exporting needs the package onnx. Install it with: pip install 'newsdesk[train]'") from error
    out = file.parent
    if eight_bit:
        embeddings = encoder.embeddings
        embeddings.word_embeddings = _EightBitEmbedding(embeddings.word_embeddings.weight.detach())
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".export-", dir=out) as scratch:
        plain, shaped, quantised = (Path(scratch) / f"{name}.onnx" for name in ("plain", "shaped", "quantised"))
        _write_onnx(model, outputs, plain)
        if eight_bit:
            quant_pre_process(plain, shaped, skip_optimization=True, skip_symbolic_shape=True)  # advised otherwise
            quantize_dynamic(
                shaped, quantised, op_types_to_quantize=["MatMul"], per_channel=True, reduce_range=True,
                weight_type=QuantType.QInt8,
            )  # fmt: skip
        made = quantised if eight_bit else plain
        fuse_attention(made, encoder.config.num_attention_heads, encoder.config.hidden_size)
        if out.resolve() != folder.resolve():
            shutil.copyfile(folder / "tokenizer.json", Path(scratch) / "tokenizer.json")
            (Path(scratch) / "tokenizer.json").replace(out / "tokenizer.json")
        return made.replace(file)


def _write_onnx(model: nn.Module, outputs: Mapping[str, dict[int, str]], file: Path) -> None:
    names = ("input_ids", "attention_mask", "token_type_ids")
    example = torch.ones((2, 16), dtype=torch.int64)
    with warnings.catch_warnings():
        # This exporter is the old one; the new one needs another package. What tracing warns of does not matter: the
        # condition it takes for constant is about texts that were read before, and no index is negative.
        warnings.filterwarnings("ignore", "You are using the legacy TorchScript-based ONNX export", DeprecationWarning)
        warnings.filterwarnings("ignore", "The feature will be removed", DeprecationWarning)
        warnings.filterwarnings("ignore", "Converting a tensor to a Python boolean")
        warnings.filterwarnings("ignore", "Exporting aten::index operator of advanced indexing", UserWarning)
        torch.onnx.export(
            model, (example, example, example), str(file),
            input_names=list(names), output_names=list(outputs),
            dynamic_axes={**dict.fromkeys(names, _BY_TOKEN), **outputs},
            opset_version=17, dynamo=False,
        )  # fmt: skip
