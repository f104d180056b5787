"""What a pipeline's vectors saw of the text: a model reads the beginning of a chunk and no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from newsdesk import packaged_model


def model_source(model: str) -> str:
    """Where sentence-transformers finds the model: the folder of the packaged one, else what was given.

    Raises ModelError when the packaged weights are damaged or not installed.
    """
    return str(packaged_model.checked_folder()) if model == packaged_model.NAME else model


def characters_read(tokenizer: Any, limit: int, text: str) -> int:
    """Characters of a text that fit into a model of so many tokens."""
    tokens = tokenizer(text, truncation=True, max_length=limit, return_offsets_mapping=True)
    return max((int(end) for _, end in tokens["offset_mapping"]), default=0)


def share_read(model: Any, chunks: Sequence[str]) -> dict[str, float]:
    """`chunks` and `text_embedded`, the share of their characters that a SentenceTransformer reads; they don't overlap."""
    read = sum(characters_read(model.tokenizer, model.max_seq_length, chunk) for chunk in chunks)
    return {"chunks": len(chunks), "text_embedded": read / max(1, sum(map(len, chunks)))}
