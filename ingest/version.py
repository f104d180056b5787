"""Which readers read a file: what another version of them took in is read again."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

_OPTIONAL = ("pypdf", "docx", "fastparquet")
"""Packages of optional groups: with one more of them, more can be read."""


@cache
def readers_version() -> str:
    """A hash of the code of this room and of which optional packages are there: nobody can forget to raise it."""
    digest = blake2b(digest_size=8)
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    digest.update(" ".join(name for name in _OPTIONAL if find_spec(name)).encode())
    return digest.hexdigest()
