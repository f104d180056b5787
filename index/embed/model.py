"""The embedding model, as a LlamaIndex embedding over sentence-transformers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from newsdesk import packaged_model
from newsdesk.catalogue.vectors import Matrix
from newsdesk.errors import ModelError
from newsdesk.wording.quoted import quoted

BATCH = 32
"""Texts a forward pass: on two cores 16 to 32 are quickest for all-MiniLM-L6-v2."""


class PassageEmbedding(BaseEmbedding):
    """Embeds questions and passages with one sentence-transformers model; vectors have unit length."""

    _model: Any = PrivateAttr()

    def __init__(self, name: str, *, may_fetch: bool = False) -> None:
        """Loads the model: the packaged one after its weights were checked, or any other by folder or name.

        Only with `may_fetch`, when vectors are made with a model that the user named, is a name that is not in the
        local cache looked for on the hub.

        Raises ModelError when it cannot be loaded.
        """
        super().__init__(model_name=name, embed_batch_size=BATCH)
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped; it would draw a bar for a load of 50 ms
        source = str(packaged_model.checked_folder()) if name == packaged_model.NAME else name
        try:
            self._model = SentenceTransformer(
                source, device="cpu", local_files_only=not may_fetch or Path(source).is_dir()
            )
        except (OSError, ValueError, ImportError) as error:
            raise ModelError(
                f"The embedding model {quoted(name)} cannot be loaded: {error} "
                f"Set `model` to a folder, to a name that is in the local cache, or leave it out for {packaged_model.NAME}."
            ) from error

    @classmethod
    def class_name(cls) -> str:
        """LlamaIndex's name of the component."""
        return "PassageEmbedding"

    def encode_passages(self, texts: Sequence[str]) -> Matrix:
        """One row for each text."""
        encoded = self._model.encode_document(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(encoded, dtype=np.float32)

    def encode_alone(self, texts: Sequence[str]) -> None:
        """SentenceTransformer.encode and nothing else: what `newsdesk eval embedding-speed` compares with."""
        self._model.encode(list(texts), batch_size=BATCH, show_progress_bar=False)

    def encode_question(self, question: str) -> Matrix:
        """A vector of shape (dimension,)."""
        encoded = self._model.encode_query(question, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(encoded, dtype=np.float32)

    def encode_questions(self, questions: Sequence[str]) -> Matrix:
        """One row for each question."""
        encoded = self._model.encode_query(
            list(questions), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(encoded, dtype=np.float32)

    def _get_query_embedding(self, query: str) -> list[float]:
        return [float(value) for value in self.encode_question(query)]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [[float(value) for value in row] for row in self.encode_passages(texts)]
