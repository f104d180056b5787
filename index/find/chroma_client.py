"""How Chroma is opened. By itself, so that the process that only checks a folder need not import LlamaIndex."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from pathlib import Path
from typing import Any

GRAPH = {"space": "cosine", "ef_search": 800, "ef_construction": 200, "max_neighbors": 32}
"""How thoroughly Chroma links and searches, in a folder as on servers. With its own links and an `ef_search` of 200 it missed 1,733
of the 46,400 nearest passages of 232 questions, and the ten best of 10 questions changed by it; with these 35, and those of one
question (docs/vectors.md)."""

_M_PERTURB = -6  # of glibc's malloc.h


def open_client(folder: Path) -> Any:
    """A Chroma client on the folder, without telemetry and without reading a `.env` file."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    folder.mkdir(parents=True, exist_ok=True)
    _hand_out_zeros()
    settings = ChromaSettings(_env_file=None, anonymized_telemetry=False, is_persistent=True)  # type: ignore[call-arg]
    return chromadb.PersistentClient(str(folder), settings=settings)


def _hand_out_zeros() -> None:
    """From now on malloc's memory holds zeros, not what was in it before: a removed article, somebody's question.

    For hnswlib writes a whole new index to data_level0.bin, also the memory that it has not filled yet.
    """
    with suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_M_PERTURB, 0xFF)  # it hands out the complement
