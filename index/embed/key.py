"""What tells embedding models apart. By itself: whoever only compares models need not import LlamaIndex, which takes a second."""

from __future__ import annotations

import hashlib
from pathlib import Path

from newsdesk import packaged_model
from newsdesk.errors import ModelError
from newsdesk.wording.quoted import quoted

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")


def model_key(name: str) -> str:
    """Tells apart models whose vectors cannot be compared: the name, and a fingerprint of local weights.

    Quick: the model is not loaded. Raises ModelError when a folder holds no weights.
    """
    if name == packaged_model.NAME:
        return f"{name}@{packaged_model.SHA256[:12]}"
    if not Path(name).is_dir():
        return name  # a name on the hub: sentence-transformers finds it in its cache, or fetches it
    for weights in sorted(
        path for part in _WEIGHTS for path in [*Path(name).glob(part), *Path(name).glob(f"*/{part}")]
    ):
        with weights.open("rb") as stream:
            return f"{Path(name).resolve()}@{hashlib.file_digest(stream, 'sha256').hexdigest()[:12]}"
    raise ModelError(f"The folder {quoted(name)} holds no model: none of {', '.join(_WEIGHTS)} is in it.")
