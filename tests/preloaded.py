"""What the interpreter of `tests/warm.py` has imported. All of it stays, so it is not looked through for garbage."""

from __future__ import annotations

import gc
from importlib import import_module

gc.disable()
for _module in (
    "app.service.service", "app.commands.main", "app.service.server", "sentence_transformers", "chromadb", "llama_index.core",
    "gradio", "trafilatura", "ui.pages", "index.embed.missing", "index.find.chroma", "index.find.keyword", "ingest.sources",
):  # fmt: skip
    import_module(_module)
gc.freeze()
gc.enable()
