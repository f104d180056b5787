"""A tiny reader: MiniLM's tokenizer and a random BERT of one layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.index.reader.world import save_tiny_bert


@pytest.fixture(scope="session")
def tiny_bert(built_once: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """Its folder, as training leaves one. Only to be read."""
    return built_once("tiny-bert", save_tiny_bert)


@pytest.fixture(scope="session")
def tiny_exported(built_once: Callable[[str, Callable[[Path], None]], Path], tiny_bert: Path) -> Path:
    """A folder with the folders `bits-8` and `bits-32`: the tiny reader, exported. Only to be read."""

    def build(folder: Path) -> None:
        from index.reader.export import export

        for eight_bit, name in ((True, "bits-8"), (False, "bits-32")):
            export(tiny_bert, folder / name, eight_bit)

    return built_once("tiny-exported", build)
